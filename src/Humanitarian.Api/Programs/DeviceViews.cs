using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Api.Programs;

/// <summary>A field agent's device: its key signs deliveries within limits.</summary>
/// <param name="Id">Its id.</param>
/// <param name="MemberId">The field agent.</param>
/// <param name="ProgramId">The program it delivers for.</param>
/// <param name="Site">Where it delivers; anywhere in the program when empty.</param>
/// <param name="Address">Address of its key.</param>
/// <param name="PerDay">Most it may deliver in one UTC day.</param>
/// <param name="PerBeneficiary">Most it may deliver in one delivery.</param>
/// <param name="Active">False once it is revoked.</param>
[Name("Device")]
public sealed record DeviceView(Id Id, Id MemberId, Id ProgramId, string Site, Address Address, Money PerDay, Money PerBeneficiary, bool Active) : INode
{
    /// <param name="unit">The program's unit.</param>
    internal static DeviceView Of(DeviceRecord record, string unit) => new(
        record.Id, record.Member, record.Program, record.Site, record.Address, new Money(record.PerDayMinor, unit), new Money(record.PerBeneficiaryMinor, unit), record.Active);
}

/// <summary>Devices of your organisation's field agents.</summary>
public sealed class DeviceQueries(Access access, RecordLists lists) : IQueries
{
    private const Roles Readers = Access.Readers | Roles.FieldAgent;

    /// <summary>A device; null when there is none that you may see. A field agent sees their own.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Readers)]
    public async Task<DeviceView?> Device(Id id) =>
        await access.FindAsync<DeviceRecord>(RecordKind.Device, id) is { } record && record.Organisation == access.Caller.Organisation ? await SeenAsync(record) : null;

    /// <summary>The devices of your organisation. A field agent sees their own.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="programId">Only those of a program.</param>
    /// <param name="memberId">Only those of a field agent.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    public async Task<Connection<DeviceView>?> Devices(
        int first, string? after = null, Id? programId = null, Id? memberId = null, bool? active = null, CancellationToken cancellationToken = default) =>
        await lists.ReadAsync<DeviceRecord, DeviceView>(
            RecordKind.Device, access.Caller.Organisation, new Part(first, after),
            async record =>
                (programId is null || record.Program == programId) && (memberId is null || record.Member == memberId) && (active is null || record.Active == active)
                    ? await SeenAsync(record) : null,
            cancellationToken);

    private async Task<DeviceView?> SeenAsync(DeviceRecord record) =>
        (record.Member == access.Caller.Principal
            || (access.Caller.Has(Access.Readers) && access.Covers(record.Program) && access.Caller.Member.Scope?.CoversArea(record.Site) != false))
        && await access.FindAsync<ProgramRecord>(RecordKind.Program, record.Program) is { } program ? DeviceView.Of(record, program.Unit) : null;
}
