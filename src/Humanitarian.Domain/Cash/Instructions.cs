using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cash;

/// <summary>
/// Instructs the provider for one chunk of the frozen list, once: what its lines sum to moves from the budget to the provider's
/// float, and each line is held there under its own record, with the claims of a credit. A line that cannot be instructed is marked
/// and its amount stays in the budget, as in a bulk credit.
/// </summary>
public static class Instructions
{
    /// <param name="lines">The chunk's lines as frozen.</param>
    /// <param name="alreadyUnpaid">Lines that the sequencer refused in an earlier attempt.</param>
    public static Outcome<Transaction> Decide(
        Id disbursementId, int index, IReadOnlyList<Line> lines, IReadOnlyList<UnpaidLine> alreadyUnpaid, DecisionScope scope, ILedgerView view)
    {
        var disbursement = view.Disbursement(disbursementId).Record;
        if (Credits.CheckOpen(disbursement, DeliveryMode.Cash, scope.Now) is { } refusal)
        {
            return refusal;
        }

        if (view.Program(disbursement!.Program) is not { } program || index < 0 || index >= disbursement.ChunkRoots.Count
            || RecallUnclaimed.Of(program) is not { } recall)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such chunk of a cash disbursement.", "disbursement");
        }

        if (lines.Any(line => line.AmountMinor <= 0) || lines.Sum(line => line.AmountMinor) > disbursement.ChunkRoots[index].TotalMinor)
        {
            return new Refusal(RefusalCode.BudgetExceeded, "The lines exceed their chunk's frozen total.", "amountMinor");
        }

        var unpaid = new List<UnpaidLine>();
        var writes = Writes(disbursement, program, new Chunk(index, default, lines, alreadyUnpaid, []), unpaid, scope, view, recall.Until(scope.Now));
        var chunk = new Chunk(index, disbursement.ChunkRoots[index].Root, lines, unpaid, []);
        return Decision.Complete(
            scope.Draft(TransactionKind.CashInstruction, namesPersons: true) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Subject = disbursement.Id,
                Chunk = chunk,
                Writes = writes,
                Claims = [scope.ClaimKey.DisbursementChunk(disbursement.Id, index), .. Taken(writes)],
                Postings = Postings(disbursement, program, Chunks.Paid(chunk).Sum(entry => entry.Line.AmountMinor)),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        var disbursement = view.Disbursement(transaction.Subject).Record;
        if (Credits.CheckOpen(disbursement, DeliveryMode.Cash, transaction.DecidedAt) is { } refusal)
        {
            return refusal;
        }

        var total = transaction.Postings.Count == 0 ? 0 : transaction.Postings[^1].AmountMinor;
        if (transaction.Chunk is not { Proof.Count: 0 } chunk || view.Program(disbursement!.Program) is not { } program
            || RecallUnclaimed.Of(program) is not { } recall
            || transaction.Program != program.Id || transaction.TermsVersion != program.TermsVersion || !transaction.Principal.IsNone
            || chunk.Index < 0 || chunk.Index >= disbursement.ChunkRoots.Count || chunk.Root != disbursement.ChunkRoots[chunk.Index].Root
            || total < 0 || !transaction.Postings.SequenceEqual(Postings(disbursement, program, total)))
        {
            return Checks.Broken("An instruction is one chunk of the frozen list and moves its budget to the provider's float.");
        }

        if (CheckProvider(disbursement, program, transaction.DecidedAt, view) is { } unscreened)
        {
            return unscreened;
        }

        return transaction.HasClosedPart
            ? CheckLines(transaction, chunk, disbursement, program, recall.Until(transaction.DecidedAt), view)
            : transaction.Writes.Count > 0 ? Checks.Broken("An instruction writes its lines and nothing else.") : null;
    }

    /// <summary>Refuses a provider without the screening that the program asks for.</summary>
    internal static Refusal? CheckProvider(DisbursementRecord disbursement, ProgramRecord program, long at, ILedgerView view) =>
        disbursement.Cash is { } plan && view.Account(plan.Float) is { } account ? Screenings.Require(program, account.Organisation, at, view) : null;

    internal static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        var disbursement = view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!;
        var program = view.Peek<ProgramRecord>(RecordKind.Program, disbursement.Program).Record!;
        return Chunks.Paid(transaction.Chunk!)
            .SelectMany(entry => OfLine(entry.Line, transaction.DecidedAt, disbursement, program, Before(entry.Line, disbursement, view), key, view))
            .Prepend(key.DisbursementChunk(disbursement.Id, transaction.Chunk!.Index));
    }

    /// <summary>The claims that an instruction's lines take, by the lines' places in the chunk.</summary>
    internal static IEnumerable<(int Index, IEnumerable<Claim> Claims)> ByPlace(Transaction transaction) =>
        Opened(transaction.Writes).Select(line => (line.Place, (IEnumerable<Claim>)line.Claims));

    private static IEnumerable<CashLineRecord> Opened(IEnumerable<RecordWrite> writes) =>
        writes.Where(write => write.Version == 1).Select(write => write.Record).OfType<CashLineRecord>();

    private static IEnumerable<Claim> Taken(IEnumerable<RecordWrite> writes) => Opened(writes).SelectMany(line => line.Claims);

    // What is claimed stays claimed while anything of it was delivered, so only a line that starts afresh claims.
    private static IEnumerable<Claim> OfLine(
        Line line, long at, DisbursementRecord disbursement, ProgramRecord program, long beforeMinor, ClaimKey key, ILedgerView view) =>
        beforeMinor > 0 ? [] : TermsJson.Of(program).Claims(Credits.Movement(line, disbursement, program, at, view), key);

    private static IReadOnlyList<RecordWrite> Writes(
        DisbursementRecord disbursement, ProgramRecord program, Chunk chunk, List<UnpaidLine> unpaid, DecisionScope scope, ILedgerView view, long until)
    {
        var known = chunk.Unpaid.ToDictionary(line => line.Index);
        var lines = new List<RecordWrite>();
        var followed = new List<RecordWrite>();
        var claimed = new HashSet<Claim>();
        var accounts = new HashSet<Id>();
        for (var place = 0; place < chunk.Lines.Count; place++)
        {
            var line = chunk.Lines[place];
            if (known.TryGetValue(place, out var earlier))
            {
                unpaid.Add(earlier);
                continue;
            }

            if ((CheckLine(line, disbursement, program, scope.Now, view)
                ?? TermsJson.Of(program).CheckInherited(Credits.Movement(line, disbursement, program, scope.Now, view), view, scope.ClaimKey)) is { } refusal)
            {
                unpaid.Add(new UnpaidLine(place, refusal.Code));
                continue;
            }

            Claim[] claims = [.. OfLine(line, scope.Now, disbursement, program, Before(line, disbursement, view), scope.ClaimKey, view)];
            if (claims.Any(claimed.Contains) || !accounts.Add(line.Account))
            {
                unpaid.Add(new UnpaidLine(place, RefusalCode.AlreadyAssisted));
                continue;
            }

            claimed.UnionWith(claims);
            lines.Add(new RecordWrite(1, Opened(line, chunk.Index, place, disbursement, until, claims, view)));
            if (Followed(line, disbursement, view) is { Record: { } prior, Version: var version })
            {
                followed.Add(new RecordWrite(version + 1, prior with { FollowedBy = disbursement.Id }));
            }
        }

        return [.. lines, .. followed];
    }

    private static CashLineRecord Opened(
        Line line, int chunk, int place, DisbursementRecord disbursement, long until, IReadOnlyList<Claim> claims, ILedgerView view) => new(
        CashLineRecord.IdOf(disbursement.Id, line.Account), disbursement.Id, chunk, place, line.Account, line.Household, line.AmountMinor, 0,
        Before(line, disbursement, view), until, CashLineState.Instructed, "", Hash32.Zero, Id.None, claims);

    // A follow-up follows the line that it names; a payment on top follows the account's last one, so that its lines form one chain.
    private static Versioned<CashLineRecord> Followed(Line line, DisbursementRecord disbursement, ILedgerView view)
    {
        if (disbursement.Cash!.FollowsUp.IsNone)
        {
            return default;
        }

        var found = view.CashLine(CashLineRecord.IdOf(disbursement.Cash.FollowsUp, line.Account));
        while (disbursement.Purpose != DisbursementPurpose.Regular && found.Record is { FollowedBy: { IsNone: false } next } && next != disbursement.Id)
        {
            found = view.CashLine(CashLineRecord.IdOf(next, line.Account));
        }

        return found;
    }

    private static long Before(Line line, DisbursementRecord disbursement, ILedgerView view) =>
        Followed(line, disbursement, view).Record is { } prior ? checked(prior.BeforeMinor + prior.DeliveredMinor) : 0;

    /// <summary>What the lines that this one follows have delivered for its period, as one payment.</summary>
    internal static PaidSoFar PaidBefore(Line line, DisbursementRecord disbursement, ILedgerView view) =>
        Before(line, disbursement, view) is > 0 and var before ? PaidSoFar.Nothing.Plus(before, disbursement.AssistanceKind) : PaidSoFar.Nothing;

    private static Refusal? CheckLine(Line line, DisbursementRecord disbursement, ProgramRecord program, long at, ILedgerView view)
    {
        if (Credits.CheckLine(line, disbursement, program, at, view) is { } refusal)
        {
            return refusal;
        }

        if (view.CashLine(CashLineRecord.IdOf(disbursement.Id, line.Account)).Record is not null)
        {
            return new Refusal(RefusalCode.AlreadyAssisted, "The account has a line in this disbursement already.", "account");
        }

        return disbursement.Cash!.FollowsUp.IsNone ? null
            : disbursement.Purpose == DisbursementPurpose.Regular ? CheckFollowed(line, Followed(line, disbursement, view).Record)
            : CheckBeneath(line, Followed(line, disbursement, view).Record);
    }

    // How much may come on top is the terms' to say, once the provider has reported what came before.
    private static Refusal? CheckBeneath(Line line, CashLineRecord? last) =>
        last is null || last.Household != line.Household || last.State == CashLineState.Instructed
            ? new Refusal(RefusalCode.NotYetAssisted, "A payment on top comes after the provider's report on what was paid for the period.", "account")
            : null;

    private static Refusal? CheckFollowed(Line line, CashLineRecord? prior) =>
        prior is null || prior.Household != line.Household || prior.RestMinor < line.AmountMinor
            ? new Refusal(RefusalCode.EntitlementExceeded, "A follow-up brings at most what a line left undelivered.", "amountMinor")
            : prior.FollowedBy.IsNone ? null
            : new Refusal(RefusalCode.AlreadyAssisted, "The line has been followed up already.", "account");

    private static Refusal? CheckLines(
        Transaction transaction, Chunk chunk, DisbursementRecord disbursement, ProgramRecord program, long until, ILedgerView view)
    {
        var total = transaction.Postings.Count == 0 ? 0 : transaction.Postings[^1].AmountMinor;
        if (!Chunks.IsFrozen(chunk, disbursement.ChunkRoots[chunk.Index], total))
        {
            return Checks.Broken("A chunk's lines sum to its frozen total, those instructed to what moves.");
        }

        var paid = Chunks.Paid(chunk).ToArray();
        foreach (var (line, _) in paid)
        {
            if (CheckLine(line, disbursement, program, transaction.DecidedAt, view) is { } refusal)
            {
                return refusal;
            }
        }

        return IsWritten(transaction, paid, disbursement, until, view) ? null : Checks.Broken("Every line instructed is held under its own record.");
    }

    private static bool IsWritten(Transaction transaction, (Line Line, int Index)[] paid, DisbursementRecord disbursement, long until, ILedgerView view)
    {
        var follows = !disbursement.Cash!.FollowsUp.IsNone;
        if (transaction.Writes.Count != paid.Length * (follows ? 2 : 1))
        {
            return false;
        }

        for (var at = 0; at < paid.Length; at++)
        {
            var (line, place) = paid[at];
            if (transaction.Writes[at] is not { Version: 1, Record: CashLineRecord opened }
                || !opened.Is(Opened(line, transaction.Chunk!.Index, place, disbursement, until, opened.Claims, view))
                || (follows && (transaction.Writes[paid.Length + at].Record is not CashLineRecord next || Followed(line, disbursement, view).Record is not { } prior
                    || !next.Is(prior with { FollowedBy = disbursement.Id }))))
            {
                return false;
            }
        }

        return transaction.Claims.Skip(1).SequenceEqual(Taken(transaction.Writes.Take(paid.Length)));
    }

    private static IReadOnlyList<Posting> Postings(DisbursementRecord disbursement, ProgramRecord program, long totalMinor) => totalMinor == 0
        ? []
        : new PairedMove(Side.Held(program.Pool), Side.Held(disbursement.Cash!.Float), program.Unit, [new LotPart(disbursement.Lot, totalMinor)]).Postings();
}
