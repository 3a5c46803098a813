using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Holds;

/// <summary>A hold ends without its purpose: released by who may, or expired by the ledger itself once its time has passed.</summary>
public static class HoldEnds
{
    /// <summary>Releases an open hold, or with no principal expires one whose time has passed.</summary>
    public static Outcome<Transaction> Decide(Id holdId, DecisionScope scope, ILedgerView view)
    {
        var found = view.Hold(holdId);
        if (found.Record is not { } hold || hold.Purpose == HoldPurpose.Budget)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such hold.", "hold");
        }

        if (hold.State != HoldState.Open)
        {
            return new Refusal(RefusalCode.HoldEnded, "The hold has ended.", "hold");
        }

        var ofPerson = view.Account(hold.Account) is { NamesPerson: true };
        var kind = scope.Principal.IsNone ? TransactionKind.HoldExpiry : TransactionKind.HoldRelease;
        var move = new PairedMove(Side.Held(hold.Account, ofPerson), Side.Available(hold.Account, ofPerson), hold.Unit, hold.Parts);
        return Decision.Complete(
            scope.Draft(kind, namesPersons: hold.ForPerson) with
            {
                Program = hold.Program,
                Subject = holdId,
                Writes = [new RecordWrite(found.Version + 1, Ended(hold, kind))],
                Postings = move.Postings(),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        var expiry = transaction.Kind == TransactionKind.HoldExpiry;
        if (!transaction.HasClosedPart && view.Hold(transaction.Subject).Record is null)
        {
            // A person's hold is itself in closed parts: what is seen of its end names no other account and no other record.
            return transaction.Writes.Count == 0 && PairedMove.Of(transaction.Postings) is { From: var from, To: var to }
                && (from.Account, from.OfPerson, from.Bucket, to.Bucket) == (to.Account, to.OfPerson, Bucket.Held, Bucket.Available)
                ? null
                : Checks.Broken("The end of a person's hold moves what is that person's.");
        }

        if (view.Hold(transaction.Subject).Record is not { State: HoldState.Open } hold || hold.Purpose == HoldPurpose.Budget
            || view.Program(hold.Program) is not { } program || view.Account(hold.Account) is not { } account)
        {
            return new Refusal(RefusalCode.HoldEnded, "The hold has ended.", "hold");
        }

        if (PairedMove.Of(transaction.Postings) is not { } move || move.From != Side.Held(hold.Account, account.NamesPerson)
            || move.To != Side.Available(hold.Account, account.NamesPerson) || move.Unit != hold.Unit || !move.Parts.SequenceEqual(hold.Parts)
            || transaction.Program != hold.Program || transaction.Writes is not [{ Record: HoldRecord next }] || next.Parts.Count > 0
            || next with { Parts = hold.Parts } != Ended(hold, transaction.Kind) with { Parts = hold.Parts })
        {
            return Checks.Broken("The end of a hold gives back exactly what it set aside.");
        }

        return expiry
            ? transaction.Principal.IsNone && transaction.DecidedAt >= hold.Until ? null : Principals.Forbidden()
            : transaction.DecidedAt >= hold.Until ? new Refusal(RefusalCode.DeadlinePassed, "The hold's time has passed; the ledger ends it by itself.", "hold")
            : hold.Purpose == HoldPurpose.Payment ? EitherSide(transaction, hold, account, view)
            : Principals.Require(transaction, view, account.Organisation, Roles.Vendor | Roles.Administrator) is null ? null
            : Principals.Require(transaction, view, program.Organisation, Roles.Finance | Roles.Administrator);
    }

    // The payer withdraws, or the payee declines.
    private static Refusal? EitherSide(Transaction transaction, HoldRecord hold, AccountRecord payer, ILedgerView view) =>
        Principals.Require(transaction, view, payer.Organisation, PendingPayments.Acting) is null ? null
        : Principals.Require(transaction, view, view.Account(hold.Subject)?.Organisation ?? Id.None, PendingPayments.Acting);

    /// <summary>The claim of a hold's end; a part's capture leaves the hold open and takes none.</summary>
    internal static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) =>
        transaction.Writes.Any(write => write.Record is HoldRecord { State: not HoldState.Open }) ? [key.HoldEnd(transaction.Subject)] : [];

    private static HoldRecord Ended(HoldRecord hold, TransactionKind kind) =>
        hold with { Parts = [], State = kind == TransactionKind.HoldExpiry ? HoldState.Expired : HoldState.Released };
}
