using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Deliveries;

/// <summary>A delivery that a device signed and that came too late to be paid; a person decides.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="DisbursementId">The disbursement whose list has the line.</param>
/// <param name="DeviceId">The device that signed.</param>
/// <param name="AgentId">The member whose device it is; another decides.</param>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Amount">What the list has for it.</param>
/// <param name="OccurredAt">When it was delivered, by the device's clock.</param>
/// <param name="QueuedAt">When the ledger was told.</param>
/// <param name="Reason">Code of why it could not be paid; see docs/refusals.md.</param>
/// <param name="State">Whether somebody has decided.</param>
/// <param name="DecidedBy">The member who decided; null before.</param>
/// <param name="Resolution">Why it was decided so, as a code; empty before.</param>
/// <param name="PaidById">The disbursement of one line that paid it; null otherwise.</param>
[Name("DeliveryException")]
public sealed record DeliveryExceptionView(
    Id Id, Id ProgramId, Id DisbursementId, Id DeviceId, Id AgentId, Id AccountId, Money Amount, DateTimeOffset OccurredAt, DateTimeOffset QueuedAt, string Reason,
    DeliveryExceptionState State, Id? DecidedBy, string Resolution, Id? PaidById) : INode
{
    internal static DeliveryExceptionView Of(DeliveryExceptionRecord record, string unit) => new(
        record.Id, record.Program, record.Disbursement, record.Device, record.Agent, record.Account, new Money(record.AmountMinor, unit),
        DateTimeOffset.FromUnixTimeMilliseconds(record.OccurredAt), DateTimeOffset.FromUnixTimeMilliseconds(record.QueuedAt), record.Reason, record.State,
        record.DecidedBy.IsNone ? null : record.DecidedBy, record.Resolution, record.PaidBy.IsNone ? null : record.PaidBy);
}

/// <summary>Late deliveries of programs that your organisation runs.</summary>
public sealed class DeliveryExceptionQueries(DeliveryExceptionReads exceptions, RecordLists lists, Looks looks) : IQueries
{
    internal const Roles Readers =
        Roles.Administrator | Roles.Registrar | Roles.Approver | Roles.Releaser | Roles.Finance | Roles.Reader | Roles.ProgramManager | Roles.Auditor;

    /// <summary>The deliveries of a program that came too late, ordered by id.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="state">Only those in a state.</param>
    /// <param name="reason">Only those refused with a code.</param>
    /// <param name="disbursementId">Only those of a disbursement.</param>
    /// <param name="deviceId">Only those of a device.</param>
    /// <param name="from">Only those queued at a time or later.</param>
    /// <param name="until">Only those queued before a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    public async Task<Connection<DeliveryExceptionView>?> DeliveryExceptions(
        Id programId, int first, string? after = null, DeliveryExceptionState? state = null, string? reason = null, Id? disbursementId = null, Id? deviceId = null,
        DateTimeOffset? from = null, DateTimeOffset? until = null, CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        var (earliest, end) = (from?.ToUnixTimeMilliseconds() ?? 0, until?.ToUnixTimeMilliseconds() ?? long.MaxValue);
        if (await exceptions.ProgramAsync(programId) is not { } program)
        {
            return null;
        }

        var part = await lists.ReadAsync<DeliveryExceptionRecord, DeliveryExceptionView>(
            RecordKind.DeliveryException, programId, new Part(first, after),
            async record =>
                (state is null || record.State == state) && (reason is null || record.Reason == reason)
                && (disbursementId is null || record.Disbursement == disbursementId) && (deviceId is null || record.Device == deviceId)
                && record.QueuedAt >= earliest && record.QueuedAt < end && await exceptions.CoversAsync(record)
                    ? DeliveryExceptionView.Of(record, program.Unit) : null,
            cancellationToken);
        await looks.AtAsync(part.Edges.Select(edge => edge.Node.AccountId), "deliveryExceptions");
        return part;
    }

    /// <summary>A delivery that came too late; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Readers)]
    public async Task<DeliveryExceptionView?> DeliveryException(Id id)
    {
        if (await exceptions.FindAsync(id) is not { } late)
        {
            return null;
        }

        await looks.AtAsync([late.AccountId], "deliveryException");
        return late;
    }
}

/// <summary>Late deliveries as their program's organisation sees them.</summary>
public sealed class DeliveryExceptionReads(Access access, LedgerReader reader)
{
    /// <summary>A program whose late deliveries the caller reads; null otherwise.</summary>
    public async Task<ProgramRecord?> ProgramAsync(Id program) =>
        access.Caller.Has(DeliveryExceptionQueries.Readers) ? await access.CoveredProgramAsync(program) : null;

    /// <summary>True for a person whom the caller's scope covers.</summary>
    public ValueTask<bool> CoversAsync(DeliveryExceptionRecord late) => access.CoversPersonsAsync([late.Account]);

    /// <summary>Null when there is none that the caller may see.</summary>
    public async Task<DeliveryExceptionView?> FindAsync(Id id) =>
        await access.FindAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, id) is { } record && await ProgramAsync(record.Program) is { } program
        && await CoversAsync(record)
            ? DeliveryExceptionView.Of(record, program.Unit)
            : null;

    /// <summary>A late delivery that the caller has just asked for, as of the durable head.</summary>
    internal async Task<DeliveryExceptionRecord?> FindQueuedAsync(Id id) =>
        (await reader.FindAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, id)).Record is { } record && record.Agent == access.Caller.Principal ? record : null;
}
