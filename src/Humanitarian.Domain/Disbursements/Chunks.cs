using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// Bulk credit of one chunk of the frozen list, once. A line that cannot be paid is marked with the refusal's code, so that it never
/// blocks the rest; its amount stays in the budget.
/// </summary>
public static class Chunks
{
    /// <param name="lines">The chunk's lines as frozen.</param>
    /// <param name="alreadyUnpaid">Lines that the sequencer refused in an earlier attempt.</param>
    public static Outcome<Transaction> Decide(
        Id disbursementId, int index, IReadOnlyList<Line> lines, IReadOnlyList<UnpaidLine> alreadyUnpaid, DecisionScope scope, ILedgerView view)
    {
        var disbursement = view.Disbursement(disbursementId).Record;
        if (Credits.CheckOpen(disbursement, DeliveryMode.Bulk, scope.Now) is { } refusal)
        {
            return refusal;
        }

        if (view.Program(disbursement!.Program) is not { } program || index < 0 || index >= disbursement.ChunkRoots.Count)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such chunk.", "disbursement");
        }

        if (lines.Any(line => line.AmountMinor <= 0))
        {
            return new Refusal(RefusalCode.AmountNotPositive, "Every line's amount is positive.", "amountMinor");
        }

        // Nearly always every line can be paid, which the checks of the whole show; only otherwise is each judged by itself.
        var whole = Complete(disbursement, program, index, lines, alreadyUnpaid, scope, view);
        return whole.Value is { } transaction && transaction.Claims.Distinct().Count() == transaction.Claims.Count
            ? whole
            : Complete(disbursement, program, index, lines, Refused(disbursement, program, lines, alreadyUnpaid, scope, view), scope, view);
    }

    private static Outcome<Transaction> Complete(
        DisbursementRecord disbursement, ProgramRecord program, int index, IReadOnlyList<Line> lines, IReadOnlyList<UnpaidLine> unpaid, DecisionScope scope, ILedgerView view)
    {
        var left = unpaid.Select(line => line.Index).ToHashSet();
        Int128 paid = 0;
        foreach (var line in lines.Where((_, place) => !left.Contains(place)))
        {
            paid += line.AmountMinor;
        }

        if (paid > disbursement.ChunkRoots[index].TotalMinor)
        {
            return new Refusal(RefusalCode.BudgetExceeded, "The lines exceed their chunk's frozen total.", "amountMinor");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.DisbursementChunk, namesPersons: true) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Subject = disbursement.Id,
                Chunk = new Chunk(index, disbursement.ChunkRoots[index].Root, lines, [.. unpaid.OrderBy(line => line.Index)], []),
                Postings = [Credits.Debit(disbursement, program, (long)paid)],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        var disbursement = view.Disbursement(transaction.Subject).Record;
        if (Credits.CheckOpen(disbursement, DeliveryMode.Bulk, transaction.DecidedAt) is { } refusal)
        {
            return refusal;
        }

        if (transaction.Chunk is not { Proof.Count: 0 } chunk || view.Program(disbursement!.Program) is not { } program
            || transaction.Program != program.Id || transaction.TermsVersion != program.TermsVersion || !transaction.Principal.IsNone
            || chunk.Index < 0 || chunk.Index >= disbursement.ChunkRoots.Count || chunk.Root != disbursement.ChunkRoots[chunk.Index].Root
            || transaction.Postings is not [var debit] || debit != Credits.Debit(disbursement, program, -debit.AmountMinor) || debit.AmountMinor > 0)
        {
            return Checks.Broken("A chunk is one of the frozen list's and debits its budget.");
        }

        return transaction.HasClosedPart ? CheckLines(transaction, chunk, disbursement, program, view) : null;
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        var disbursement = view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!;
        return
        [
            key.DisbursementChunk(disbursement.Id, transaction.Chunk!.Index),
            .. ClaimsByLine(transaction, view, key).SelectMany(line => line.Claims),
        ];
    }

    /// <summary>The claims of each paid line, by its place in the chunk: they tell whose claim was taken.</summary>
    public static IEnumerable<(int Index, IEnumerable<Claim> Claims)> ClaimsByLine(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        var disbursement = view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!;
        var program = view.Peek<ProgramRecord>(RecordKind.Program, disbursement.Program).Record!;
        if (transaction.Kind == TransactionKind.CashInstruction)
        {
            return Instructions.ByPlace(transaction);
        }

        var terms = TermsJson.Of(program);
        return Paid(transaction.Chunk!).Select(entry =>
            (entry.Index, terms.Claims(Credits.Movement(entry.Line, disbursement, program, transaction.DecidedAt, view), key)));
    }

    /// <summary>The first paid line that somebody had before whose claims were inherited, as a refusal; a delivery's one line too.</summary>
    internal static Refusal? Inherited(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        var disbursement = view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!;
        var program = view.Peek<ProgramRecord>(RecordKind.Program, disbursement.Program).Record!;
        var terms = TermsJson.Of(program);
        foreach (var (line, _) in Paid(transaction.Chunk!))
        {
            if (terms.CheckInherited(Credits.Movement(line, disbursement, program, transaction.DecidedAt, view), view, key) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The paid lines of a chunk with their places.</summary>
    public static IEnumerable<(Line Line, int Index)> Paid(Chunk chunk)
    {
        var unpaid = chunk.Unpaid.Select(line => line.Index).ToHashSet();
        return chunk.Lines.Select((line, index) => (line, index)).Where(entry => !unpaid.Contains(entry.index));
    }

    /// <summary>True when the lines are as many and as much as was frozen, and those that are not marked make up the amount.</summary>
    internal static bool IsFrozen(Chunk chunk, ChunkHead head, long paidMinor) =>
        chunk.Lines.Count == head.Lines && chunk.Lines.Sum(line => line.AmountMinor) == head.TotalMinor
        && chunk.Unpaid.Select(line => line.Index).SequenceEqual(chunk.Unpaid.Select(line => line.Index).Distinct().Order())
        && chunk.Unpaid.All(line => line.Index >= 0 && line.Index < chunk.Lines.Count && IsCode(line.Code))
        && Paid(chunk).Sum(entry => entry.Line.AmountMinor) == paidMinor;

    private static bool IsCode(string code) => code.Length is > 0 and <= 40 && code.All(c => c is (>= 'A' and <= 'Z') or '_');

    private static List<UnpaidLine> Refused(
        DisbursementRecord disbursement, ProgramRecord program, IReadOnlyList<Line> lines, IReadOnlyList<UnpaidLine> already, DecisionScope scope, ILedgerView view)
    {
        var known = already.ToDictionary(line => line.Index);
        var claimed = new HashSet<Claim>();
        var terms = TermsJson.Of(program);
        var unpaid = new List<UnpaidLine>();
        for (var index = 0; index < lines.Count; index++)
        {
            if (known.TryGetValue(index, out var earlier))
            {
                unpaid.Add(earlier);
                continue;
            }

            var movement = Credits.Movement(lines[index], disbursement, program, scope.Now, view);
            if ((Credits.CheckLine(lines[index], movement, disbursement, program, view) ?? terms.CheckInherited(movement, view, scope.ClaimKey)) is { } refusal)
            {
                unpaid.Add(new UnpaidLine(index, refusal.Code));
            }
            else if (terms.Claims(movement, scope.ClaimKey).Any(claim => !claimed.Add(claim)))
            {
                unpaid.Add(new UnpaidLine(index, RefusalCode.AlreadyAssisted));
            }
        }

        return unpaid;
    }

    private static Refusal? CheckLines(Transaction transaction, Chunk chunk, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view)
    {
        if (!IsFrozen(chunk, disbursement.ChunkRoots[chunk.Index], -transaction.Postings[0].AmountMinor))
        {
            return Checks.Broken("A chunk's lines sum to its frozen total, its paid lines to its debit.");
        }

        foreach (var (line, _) in Paid(chunk))
        {
            if (Credits.CheckLine(line, disbursement, program, transaction.DecidedAt, view) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
