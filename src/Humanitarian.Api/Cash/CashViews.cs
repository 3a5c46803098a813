using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Cash;

/// <summary>One line with a provider.</summary>
/// <param name="Id">The reference that the provider sees and reports.</param>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="State">Where the line stands.</param>
/// <param name="Instructed">What the provider was asked to pay out.</param>
/// <param name="Delivered">What the provider reported as paid out.</param>
/// <param name="Reason">Code of why it was not delivered in full; empty otherwise.</param>
/// <param name="Evidence">SHA-256 of the report that ended it; null while instructed and when recalled.</param>
/// <param name="RecallAt">When it is recalled unless something was reported.</param>
/// <param name="FollowedBy">The disbursement that brings the rest.</param>
[Name("CashLine")]
public sealed record CashLineView(
    Id Id, Id AccountId, CashLineState State, Money Instructed, Money Delivered, string Reason, Hash32? Evidence, DateTimeOffset RecallAt, Id? FollowedBy) : INode
{
    internal static CashLineView Of(CashLineRecord record, string unit) => new(
        record.Id, record.Account, record.State, new Money(record.AmountMinor, unit), new Money(record.DeliveredMinor, unit), record.Reason,
        record.Evidence.IsZero ? null : record.Evidence, DateTimeOffset.FromUnixTimeMilliseconds(record.Until), record.FollowedBy.IsNone ? null : record.FollowedBy);
}

/// <summary>How many lines are in a state, and their amounts.</summary>
/// <param name="State">The state.</param>
/// <param name="Lines">How many lines are in it.</param>
/// <param name="Instructed">What the provider was asked to pay out for them.</param>
/// <param name="Delivered">What was paid out of that.</param>
public sealed record CashLineCount(CashLineState State, long Lines, Money Instructed, Money Delivered);

/// <summary>An instruction file as the ledger records it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sha256">SHA-256 of the file's bytes.</param>
/// <param name="Format">Layout of the file.</param>
/// <param name="Lines">How many lines are in it.</param>
/// <param name="Total">What all lines sum to.</param>
/// <param name="ExportedBy">The member who exported it.</param>
/// <param name="Path">GET it here; what is served has this hash.</param>
[Name("InstructionFile")]
public sealed record InstructionFileView(Id Id, Hash32 Sha256, string Format, long Lines, Money Total, Id ExportedBy, string Path) : INode
{
    internal static InstructionFileView Of(InstructionFileRecord record, string unit) => new(
        record.Id, record.File, record.Format, record.Lines, new Money(record.TotalMinor, unit), record.ExportedBy, $"/instructions/{record.Id}");
}

/// <summary>The import of a report.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sha256">SHA-256 of the file's bytes.</param>
/// <param name="Format">Layout of the file.</param>
/// <param name="Lines">How many lines the file has.</param>
/// <param name="Delivered">What the file says was delivered.</param>
/// <param name="Failed">What the file says was not delivered.</param>
/// <param name="RecordedLines">Lines that were new, contradictions among them.</param>
/// <param name="RecordedDelivered">Of that, what was new and delivered.</param>
/// <param name="RecordedFailed">Of that, what was new and failed.</param>
/// <param name="ImportedBy">The member who signed it.</param>
[Name("Reconciliation")]
public sealed record ReconciliationView(
    Id Id, Hash32 Sha256, string Format, long Lines, Money Delivered, Money Failed, long RecordedLines, Money RecordedDelivered, Money RecordedFailed, Id ImportedBy) : INode
{
    internal static ReconciliationView Of(ReconciliationRecord record, string unit) => new(
        record.Id, record.File, record.Format, record.Lines, new Money(record.DeliveredMinor, unit), new Money(record.FailedMinor, unit), record.RecordedLines,
        new Money(record.RecordedDeliveredMinor, unit), new Money(record.RecordedFailedMinor, unit), record.ImportedBy);
}

/// <summary>A report that says otherwise than what a line ended with; a person decides.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LineId">The line it is about.</param>
/// <param name="Report">SHA-256 of the report.</param>
/// <param name="Delivered">What the report says.</param>
/// <param name="Reason">The report's code of why less was delivered; empty otherwise.</param>
/// <param name="State">Whether a person has decided.</param>
/// <param name="ResolvedBy">The member who decided; null before.</param>
/// <param name="Resolution">Why it was decided so, as a code; empty before.</param>
[Name("Contradiction")]
public sealed record ContradictionView(
    Id Id, Id LineId, Hash32 Report, Money Delivered, string Reason, ContradictionState State, Id? ResolvedBy, string Resolution) : INode
{
    internal static ContradictionView Of(ContradictionRecord record, string unit) => new(
        record.Id, record.Line, record.File, new Money(record.DeliveredMinor, unit), record.Reason, record.State,
        record.ResolvedBy.IsNone ? null : record.ResolvedBy, record.Resolution);
}

/// <summary>Cash disbursements of programs that your organisation runs.</summary>
public sealed class CashQueries(Access access, CashReads cash, RecordLists lists, Looks looks) : IQueries
{
    private const Roles Readers = Roles.Administrator | Roles.Registrar | Roles.Approver | Roles.Releaser | Roles.Finance | Roles.Reader;

    /// <summary>The lines of a cash disbursement.</summary>
    /// <param name="disbursementId">The disbursement.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="state">Only those in a state.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    public async Task<Connection<CashLineView>?> CashLines(
        Id disbursementId, int first, string? after = null, CashLineState? state = null, CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        if (await OwnAsync(disbursementId) is not { } own)
        {
            return null;
        }

        var part = await lists.ReadAsync<CashLineRecord, CashLineView>(
            RecordKind.CashLine, disbursementId, new Part(first, after),
            async record => (state is null || record.State == state) && await access.CoversPersonsAsync([record.Account]) ? CashLineView.Of(record, own.Program.Unit) : null,
            cancellationToken);
        await looks.AtAsync(part.Edges.Select(edge => edge.Node.AccountId), "cashLines");
        return part;
    }

    /// <summary>A line with a provider; null when there is none that you may see.</summary>
    /// <param name="id">The reference that the provider sees.</param>
    [Allow(Readers)]
    public async Task<CashLineView?> CashLine(Id id)
    {
        if (await OneAsync<CashLineRecord, CashLineView>(RecordKind.CashLine, id, CashLineView.Of) is not { } line || !await access.CoversPersonsAsync([line.AccountId]))
        {
            return null;
        }

        await looks.AtAsync([line.AccountId], "cashLine");
        return line;
    }

    /// <summary>An instruction file; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Readers)]
    public Task<InstructionFileView?> InstructionFile(Id id) => OneAsync<InstructionFileRecord, InstructionFileView>(RecordKind.InstructionFile, id, InstructionFileView.Of);

    /// <summary>The import of a report; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Readers)]
    public Task<ReconciliationView?> Reconciliation(Id id) => OneAsync<ReconciliationRecord, ReconciliationView>(RecordKind.Reconciliation, id, ReconciliationView.Of);

    /// <summary>What contradicts a recorded end; null when there is nothing that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Readers)]
    public Task<ContradictionView?> Contradiction(Id id) => OneAsync<ContradictionRecord, ContradictionView>(RecordKind.Contradiction, id, ContradictionView.Of);

    /// <summary>The lines of a cash disbursement counted by state. Delivered is never instructed: both amounts are given.</summary>
    /// <param name="disbursementId">The disbursement.</param>
    [Allow(Readers)]
    [Cost(OperationCost.Many)]
    public async Task<IReadOnlyList<CashLineCount>?> CashLineCounts(Id disbursementId) => await OwnAsync(disbursementId) is { } own
        ?
        [
            .. (await cash.LinesAsync(disbursementId)).GroupBy(line => line.State).OrderBy(state => state.Key).Select(state => new CashLineCount(
                state.Key, state.LongCount(), new Money(state.Sum(line => line.AmountMinor), own.Program.Unit),
                new Money(state.Sum(line => line.DeliveredMinor), own.Program.Unit))),
        ]
        : null;

    /// <summary>The instruction files of a cash disbursement.</summary>
    /// <param name="disbursementId">The disbursement.</param>
    [Allow(Readers)]
    public async Task<IReadOnlyList<InstructionFileView>?> InstructionFiles(Id disbursementId) => await OwnAsync(disbursementId) is { } own
        ? [.. (await cash.AllAsync<InstructionFileRecord>(RecordKind.InstructionFile, disbursementId)).Select(record => InstructionFileView.Of(record, own.Program.Unit))]
        : null;

    /// <summary>The reports of a cash disbursement that were reconciled.</summary>
    /// <param name="disbursementId">The disbursement.</param>
    [Allow(Readers)]
    public async Task<IReadOnlyList<ReconciliationView>?> Reconciliations(Id disbursementId) => await OwnAsync(disbursementId) is { } own
        ? [.. (await cash.AllAsync<ReconciliationRecord>(RecordKind.Reconciliation, disbursementId)).Select(record => ReconciliationView.Of(record, own.Program.Unit))]
        : null;

    /// <summary>What contradicts a recorded end, decided or not.</summary>
    /// <param name="disbursementId">The disbursement.</param>
    [Allow(Readers)]
    public async Task<IReadOnlyList<ContradictionView>?> Contradictions(Id disbursementId) => await OwnAsync(disbursementId) is { } own
        ? [.. (await cash.AllAsync<ContradictionRecord>(RecordKind.Contradiction, disbursementId)).Select(record => ContradictionView.Of(record, own.Program.Unit))]
        : null;

    private async Task<TView?> OneAsync<TRecord, TView>(RecordKind kind, Id id, Func<TRecord, string, TView> view)
        where TRecord : Record
        where TView : class =>
        await access.FindAsync<TRecord>(kind, id) is { } record && await OwnAsync(record.Parent) is { } own ? view(record, own.Program.Unit) : null;

    private async Task<OwnCash?> OwnAsync(Id disbursement) =>
        access.Caller.Has(Readers) ? await cash.ReadAsync(disbursement) : null;
}
