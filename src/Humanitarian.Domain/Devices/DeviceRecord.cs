namespace Humanitarian.Domain.Devices;

/// <summary>A field agent's registered device: its key signs deliveries within limits, in one program at one site.</summary>
/// <param name="PerDayMinor">Most it may deliver in one UTC day, in minor units.</param>
/// <param name="PerBeneficiaryMinor">Most it may deliver to one beneficiary in one delivery, in minor units.</param>
public sealed record DeviceRecord(
    Id Id, Id Organisation, Id Member, Id Program, string Site, Address Address, long PerDayMinor, long PerBeneficiaryMinor, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Device;
    public override Id Parent => Organisation;

    /// <summary>The UTC day on which it was revoked, in days since 1970; 0 while it is not.</summary>
    public long RevokedOnDay { get; init; }

    /// <summary>The allowance account of a device for a UTC day, counted in days since 1970.</summary>
    public Id AllowanceOn(long day) => new(Id.High ^ 0xA110_0000_0000_0000UL, unchecked(Id.Low + (ulong)day * 0x9E37_79B9_7F4A_7C15UL));
}
