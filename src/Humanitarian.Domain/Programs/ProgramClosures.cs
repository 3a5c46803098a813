using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>
/// Finance signs that a program is over: what is unspent in the pool passes to the return queue, by the lots it came in, and from then on
/// nothing is paid, enrolled, received or accredited in it. Vendors' pay-outs that come back are settled all the same, and donors get back
/// what is theirs. That nothing is left with people is asked before, and by every verifier afterwards.
/// </summary>
public static class ProgramClosures
{
    public static Outcome<Transaction> Decide(Id programId, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<ProgramRecord>(RecordKind.Program, programId);
        if (found.Record is not { } program || view.Book(program.Pool) is not { } pool)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "programId");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.ProgramClosure, namesPersons: false) with
            {
                Program = program.Id,
                Writes = [new RecordWrite(found.Version + 1, program with { Active = false })],
                Postings = Rest(program, pool),
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { Active: true } program
            || transaction.Writes is not [{ Record: ProgramRecord next }] || !IsEnded(program, next)
            || !IsToQueue(transaction.Postings, program, view))
        {
            return Checks.Broken("A closure ends an active program and passes its pool's lots to its return queue.");
        }

        if (view.Book(program.Pool) is { } pool)
        {
            if (pool.Units.Any(unit => pool.Held(unit) != 0))
            {
                return new Refusal(RefusalCode.DisbursementsOpen, "A released disbursement's budget is still set aside; complete it first.", "programId");
            }

            if (pool.Units.Any(unit => pool.AvailableOf(unit, Id.None) != 0))
            {
                return new Refusal(RefusalCode.BalancesOpen, "The pool keeps a reserve for what circulates.", "programId");
            }

            if (!transaction.Postings.SequenceEqual(Rest(program, pool)))
            {
                return Checks.Broken("A closure passes on all that is in the pool.");
            }
        }

        return Principals.Require(transaction, view, program.Organisation, Roles.Finance) ?? Principals.RequireOwnSignature(transaction, view);
    }

    /// <summary>PROGRAM_CLOSED for what a closed program has no part in any more, or null.</summary>
    internal static Refusal? Refuse(Transaction transaction, ILedgerView view) =>
        !transaction.Program.IsNone && !GoesOn(transaction) && view.Program(transaction.Program) is { Active: false } ? Closed() : null;

    /// <summary>The same for one record of a change of records. What ends something is recorded still.</summary>
    internal static Refusal? Refuse(RecordWrite write, ILedgerView view) =>
        ProgramOf(write) is { IsNone: false } id && view.Program(id) is { Active: false } ? Closed() : null;

    // Stops are compared one by one: as lists, those of a replay would differ.
    private static bool IsEnded(ProgramRecord program, ProgramRecord next) =>
        next with { Stops = program.Stops } == program with { Active = false } && next.Stops.SequenceEqual(program.Stops);

    private static bool GoesOn(Transaction transaction) => transaction is { Kind: TransactionKind.DeliveryExceptionDecision, Postings.Count: 0 }
        || transaction.Kind is TransactionKind.SettlementRequest or TransactionKind.Settlement or TransactionKind.PayoutReturn
        or TransactionKind.HoldRelease or TransactionKind.HoldExpiry or TransactionKind.GrantReturn or TransactionKind.LotExpiry;

    private static Id ProgramOf(RecordWrite write) => write.Record switch
    {
        ProgramRecord r => r.Id,
        GrantRecord { Active: true } r => r.Program,
        AccreditationRecord { Active: true } r => r.Program,
        EnrolmentRecord { Active: true } r => r.Program,
        DeviceRecord { Active: true } r => r.Program,
        AccountRecord r when write.Version == 1 => r.Program,
        _ => Id.None,
    };

    private static bool IsToQueue(IReadOnlyList<Posting> postings, ProgramRecord program, ILedgerView view) => postings.GroupBy(posting => posting.Unit).All(unit =>
        PairedMove.Of([.. unit]) is { } move && move.From == Side.Available(program.Pool) && move.To == Side.Available(program.ReturnQueue)
        && move.Parts.All(part => view.Lot(part.Lot) is { IsReceipt: true } lot && lot.Program == program.Id && lot.Unit == move.Unit));

    private static IReadOnlyList<Posting> Rest(ProgramRecord program, AccountBook pool) =>
    [
        .. pool.Units.Order(StringComparer.Ordinal).SelectMany(unit => new PairedMove(
            Side.Available(program.Pool), Side.Available(program.ReturnQueue), unit, [.. pool.Lots(unit).Where(part => !part.Lot.IsNone).OrderBy(part => part.Lot)]).Postings()),
    ];

    /// <summary>PROGRAM_CLOSED for a decision that would refuse otherwise, as nothing is left in a closed program; null for an active one.</summary>
    internal static Refusal? Refuse(ProgramRecord program) => program.Active ? null : Closed();

    private static Refusal Closed() =>
        new(RefusalCode.ProgramClosed, "The program is closed; its history stays, and nothing is added to it.", "programId");
}
