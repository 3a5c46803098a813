namespace Humanitarian.Domain.Holds;

/// <summary>What a hold is for.</summary>
public enum HoldPurpose
{
    Settlement = 1,
    Budget = 2,
    Payment = 3,
    Instruction = 4,
}

/// <summary>Where a hold stands. It ends exactly once.</summary>
public enum HoldState
{
    /// <summary>Set aside.</summary>
    Open = 1,

    /// <summary>Ended for its purpose.</summary>
    Captured = 2,

    /// <summary>Given back by a decision.</summary>
    Released = 3,

    /// <summary>Given back because its time had passed.</summary>
    Expired = 4,
}

/// <summary>Value set aside on an account for one purpose until a time; captured in full or in part, released or expired.</summary>
/// <param name="Parts">What is still set aside, by lot.</param>
/// <param name="Until">First moment, in Unix milliseconds, at which only its expiry can end it.</param>
/// <param name="Subject">What it is for: a disbursement's id, a settlement's reference, the account a payment waits to reach.</param>
public sealed record HoldRecord(
    Id Id, Id Account, Id Program, string Unit, IReadOnlyList<Lots.LotPart> Parts, long Until, HoldPurpose Purpose, Id Subject, HoldState State,
    Id OpenedBy, Id ApprovedBy, bool ForPerson) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Hold;
    public override Id Parent => Account;
    public override bool NamesPerson => ForPerson;

    /// <summary>What is still set aside, in minor units.</summary>
    public long RemainingMinor => Parts.Sum(part => part.AmountMinor);
}
