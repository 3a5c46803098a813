using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Settlements;

/// <summary>
/// The program's finance signs that the vendor has been paid outside: the units leave the ledger, in full or in part. A part leaves
/// the request open for the rest.
/// </summary>
public static class SettlementApprovals
{
    /// <param name="evidence">Hash of the bank's confirmation.</param>
    public static Outcome<Transaction> Decide(
        Id holdId, long amountMinor, Hash32 evidence, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Hold(holdId);
        if (found.Record is not { Purpose: HoldPurpose.Settlement } hold)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such settlement request.", "settlement");
        }

        if (hold.State != HoldState.Open)
        {
            return new Refusal(RefusalCode.HoldEnded, "The settlement request has ended.", "settlement");
        }

        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (LotChoice.Take(hold.Parts, amountMinor) is not { } taken)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The amount exceeds the settlement request.", "amountMinor");
        }

        var move = new PairedMove(Side.Held(hold.Account), Side.Available(WorldAccount.IdOf(hold.Unit)), hold.Unit, taken);
        return Decision.Complete(
            scope.Draft(TransactionKind.Settlement, namesPersons: false) with
            {
                Program = hold.Program,
                Subject = holdId,
                Evidence = evidence.IsZero ? [] : [evidence],
                Writes =
                [
                    new RecordWrite(found.Version + 1, Captured(hold, taken, scope.Principal)),
                    new RecordWrite(1, PayoutOf(hold, found.Version + 1, taken, PayoutDetails.Of(hold.Account, view))),
                ],
                Postings = move.Postings(),
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        var found = view.Hold(transaction.Subject);
        if (found.Record is not { State: HoldState.Open, Purpose: HoldPurpose.Settlement } hold
            || view.Program(hold.Program) is not { } program)
        {
            return new Refusal(RefusalCode.HoldEnded, "The settlement request has ended.", "settlement");
        }

        if (transaction.DecidedAt >= hold.Until)
        {
            return new Refusal(RefusalCode.DeadlinePassed, "The settlement request has expired.", "settlement");
        }

        if (PairedMove.Of(transaction.Postings) is not { } move || move.From != Side.Held(hold.Account)
            || move.To != Side.Available(WorldAccount.IdOf(hold.Unit)) || move.Unit != hold.Unit || transaction.Program != program.Id
            || LotChoice.Take(hold.Parts, move.TotalMinor)?.SequenceEqual(move.Parts) != true
            || transaction.Writes is not [{ Record: HoldRecord next }, ..] || Captured(hold, move.Parts, transaction.Principal) is not { } expected
            || next with { Parts = expected.Parts } != expected || !next.Parts.SequenceEqual(expected.Parts))
        {
            return Checks.Broken("A settlement captures its own request, from the first lot on.");
        }

        var details = PayoutDetails.Of(hold.Account, view);
        if (details is { Number: 0 })
        {
            return new Refusal(RefusalCode.CoolingOff, "The vendor's pay-out details are not confirmed yet.", "settlement");
        }

        // Settlements of older ledgers keep no pay-out.
        if (transaction.Writes.Count > 1 && !(transaction.Writes is [_, { Version: 1, Record: PayoutRecord payout }]
            && payout.Is(PayoutOf(hold, found.Version + 1, move.Parts, details))))
        {
            return Checks.Broken("A settlement records its own pay-out.");
        }

        return Screenings.RefuseHit(program, view.Account(hold.Account)?.Organisation ?? Id.None, view)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Finance)
            ?? (transaction.Principal == hold.OpenedBy ? new Refusal(RefusalCode.RolesIncompatible, "Who asks for a settlement does not approve it.") : null)
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static PayoutRecord PayoutOf(HoldRecord hold, uint version, IReadOnlyList<LotPart> taken, PayoutDetailsRecord? details) =>
        new(PayoutRecord.IdOf(hold.Id, version), hold.Id, hold.Account, hold.Program, hold.Unit, taken, details?.Number ?? 0, Id.None);

    private static HoldRecord Captured(HoldRecord hold, IReadOnlyList<LotPart> taken, Id approvedBy)
    {
        var left = hold.Parts
            .Select(part => part with { AmountMinor = part.AmountMinor - taken.Where(t => t.Lot == part.Lot).Sum(t => t.AmountMinor) })
            .Where(part => part.AmountMinor > 0)
            .ToArray();
        return hold with { Parts = left, State = left.Length == 0 ? HoldState.Captured : HoldState.Open, ApprovedBy = approvedBy };
    }
}
