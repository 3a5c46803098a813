using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Transfers;

/// <summary>The payee accepts a payment that was set aside: it is captured whole.</summary>
public static class PaymentAcceptances
{
    public static Outcome<Transaction> Decide(Id holdId, DecisionScope scope, ILedgerView view)
    {
        var found = view.Hold(holdId);
        if (found.Record is not { Purpose: HoldPurpose.Payment } hold || view.Program(hold.Program) is not { } program
            || view.Account(hold.Account) is not { } payer || view.Account(hold.Subject) is not { } payee)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such pending payment.", "payment");
        }

        if (hold.State != HoldState.Open)
        {
            return new Refusal(RefusalCode.HoldEnded, "The payment has been accepted, declined, withdrawn or has expired.", "payment");
        }

        var movement = TermsJson.Of(program).Decide(PendingPayments.MovementOf(MovementKind.Accept, hold, program, payer, payee, scope.Now), view);
        if (movement.Refusal is { } refusal)
        {
            return refusal;
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.PaymentAcceptance, hold.ForPerson) with
            {
                Program = program.Id,
                Subject = holdId,
                TermsVersion = program.TermsVersion,
                Writes = [new RecordWrite(found.Version + 1, Captured(hold, scope.Principal))],
                Postings = [.. MoveOf(hold, payer, payee).Postings(), .. movement.Value!.Legs],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program || transaction.TermsVersion != program.TermsVersion)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if (!transaction.HasClosedPart && view.Hold(transaction.Subject).Record is null)
        {
            return transaction.Writes.Count == 0 && PairedMove.Leading(transaction.Postings) is ({ } seen, _)
                && seen.Unit == program.Unit && (seen.From.Bucket, seen.To.Bucket) == (Bucket.Held, Bucket.Available)
                ? null
                : NotItsOwn();
        }

        if (view.Hold(transaction.Subject).Record is not { State: HoldState.Open, Purpose: HoldPurpose.Payment } hold
            || view.Account(hold.Account) is not { } payer || view.Account(hold.Subject) is not { } payee)
        {
            return new Refusal(RefusalCode.HoldEnded, "The payment has been accepted, declined, withdrawn or has expired.", "payment");
        }

        var move = MoveOf(hold, payer, payee).Postings();
        if (hold.Program != program.Id || !transaction.Postings.Take(move.Count).SequenceEqual(move)
            || transaction.Writes is not [{ Record: HoldRecord { Parts: [] } next }]
            || next with { Parts = hold.Parts } != Captured(hold, transaction.Principal) with { Parts = hold.Parts })
        {
            return NotItsOwn();
        }

        var movement = PendingPayments.MovementOf(MovementKind.Accept, hold, program, payer, payee, transaction.DecidedAt) with
        {
            Legs = [.. transaction.Postings.Skip(move.Count)],
        };
        return transaction.DecidedAt >= hold.Until
            ? new Refusal(RefusalCode.DeadlinePassed, "The payment's time has passed; it goes back to its payer.", "payment")
            : TermsJson.Of(program).Check(movement, view) ?? Principals.Require(transaction, view, payee.Organisation, PendingPayments.Acting);
    }

    private static HoldRecord Captured(HoldRecord hold, Id acceptedBy) => hold with { Parts = [], State = HoldState.Captured, ApprovedBy = acceptedBy };

    private static PairedMove MoveOf(HoldRecord hold, AccountRecord payer, AccountRecord payee) =>
        new(Side.Held(payer.Id, payer.NamesPerson), Side.Available(payee.Id, payee.NamesPerson), hold.Unit, hold.Parts);

    private static Refusal NotItsOwn() => Checks.Broken("An acceptance captures its own payment, whole.");
}
