using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Redemptions;

/// <summary>
/// A redemption is taken back, in full or in part, to the person and the lots it came from, what was spent last first: by the vendor
/// within the terms' days, or by the program's finance, which recovers what was charged too much.
/// </summary>
public static class RedemptionRefunds
{
    /// <param name="evidence">Hash of what shows why.</param>
    /// <param name="recovery">True for the program's finance, which signs.</param>
    public static Outcome<Transaction> Decide(
        Id redemptionId, long amountMinor, Hash32 evidence, bool recovery, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<RedemptionRecord>(RecordKind.Redemption, redemptionId);
        if (found.Record is not { } redemption)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such redemption.", "redemption");
        }

        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (Back(redemption, amountMinor) is not { } parts)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The amount exceeds what is left of the redemption.", "amountMinor");
        }

        var move = new PairedMove(Side.Available(redemption.Vendor), Side.Available(redemption.Account, true), redemption.Unit, parts);
        return Decision.Complete(
            scope.Draft(recovery ? TransactionKind.Recovery : TransactionKind.Refund, namesPersons: true) with
            {
                Program = redemption.Program,
                Evidence = evidence.IsZero ? [] : [evidence],
                Writes = [new RecordWrite(found.Version + 1, Less(redemption, parts))],
                Postings = move.Postings(),
                Authorisations = recovery ? signatures : [],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program || PairedMove.Of(transaction.Postings) is not { } move || move.Unit != program.Unit
            || move.From.OfPerson || !move.To.OfPerson || (move.From.Bucket, move.To.Bucket) != (Bucket.Available, Bucket.Available)
            || view.Account(move.From.Account) is not { AccountKind: AccountKind.Vendor } vendor)
        {
            return Checks.Broken("A refund moves a vendor's units back to a beneficiary.");
        }

        if (transaction.HasClosedPart && CheckRecord(transaction, move, view) is { } broken)
        {
            return broken;
        }

        return Payments.Spendable(move.Parts, program.Id, transaction.DecidedAt, view)
            ?? (transaction.Kind == TransactionKind.Recovery
                ? Principals.Require(transaction, view, program.Organisation, Roles.Finance) ?? Principals.RequireOwnSignature(transaction, view)
                : CheckTerms(transaction, program) ?? Principals.Require(transaction, view, vendor.Organisation, Roles.Vendor));
    }

    private static Refusal? CheckRecord(Transaction transaction, PairedMove move, ILedgerView view) =>
        transaction.Writes is not [{ Record: RedemptionRecord next }] || view.Find<RedemptionRecord>(RecordKind.Redemption, next.Id).Record is not { } current
        || (current.Program, current.Vendor, current.Account) != (transaction.Program, move.From.Account, move.To.Account)
        || Back(current, move.TotalMinor)?.SequenceEqual(move.Parts) != true || !next.Is(Less(current, move.Parts))
            ? Checks.Broken("A refund takes its redemption back, what was spent last first.")
            : null;

    private static Refusal? CheckTerms(Transaction transaction, ProgramRecord program) =>
        TermsJson.Of(program).Find<Refunds>() is not { } rule
            ? new Refusal(RefusalCode.MovementForbidden, "The program's terms know no refunds.", "redemption")
            : transaction.Writes is [{ Record: RedemptionRecord redemption }] && transaction.DecidedAt - redemption.At > rule.Days * Refunds.MillisecondsPerDay
                ? new Refusal(RefusalCode.DeadlinePassed, "The time for a refund has passed.", "redemption")
                : null;

    private static IReadOnlyList<LotPart>? Back(RedemptionRecord redemption, long amountMinor) => LotChoice.Take([.. redemption.Parts.Reverse()], amountMinor);

    private static RedemptionRecord Less(RedemptionRecord redemption, IReadOnlyList<LotPart> parts) => redemption with
    {
        Parts = LotChoice.Without(redemption.Parts, parts),
    };
}
