using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Settlements;

/// <summary>A vendor asks to be paid outside: what it received is set aside until the request is approved, released or expires.</summary>
public static class SettlementRequests
{
    /// <param name="hold">Id of the hold to open.</param>
    /// <param name="until">Unix milliseconds at which the request expires.</param>
    public static Outcome<Transaction> Decide(Id programId, Id vendor, Id hold, long amountMinor, long until, DecisionScope scope, ILedgerView view)
    {
        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (view.Program(programId) is not { } program || view.Account(vendor) is not { } account)
        {
            return new Refusal(RefusalCode.AccountUnknown, "There is no such vendor account or program.", "vendorAccount");
        }

        if (view.Book(vendor) is not { } book || LotChoice.Take(LotChoice.Received(book, program, view), amountMinor) is not { } parts)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The vendor's account does not have enough.", "amountMinor");
        }

        var move = new PairedMove(Side.Available(vendor), Side.Held(vendor), program.Unit, parts);
        var record = new HoldRecord(
            hold, vendor, programId, program.Unit, parts, until, HoldPurpose.Settlement, account.Organisation, HoldState.Open, scope.Principal, Id.None, false);
        return Decision.Complete(
            scope.Draft(TransactionKind.SettlementRequest, namesPersons: false) with
            {
                Program = programId,
                Subject = hold,
                Writes = [new RecordWrite(1, record)],
                Postings = move.Postings(),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program
            || transaction.Writes is not [{ Version: 1, Record: HoldRecord hold }] || PairedMove.Of(transaction.Postings) is not { } move
            || move.Unit != program.Unit || (hold.Id, hold.Program, hold.Unit) != (transaction.Subject, program.Id, program.Unit)
            || move.From != Side.Available(hold.Account) || move.To != Side.Held(hold.Account) || !hold.Parts.SequenceEqual(move.Parts)
            || (hold.Purpose, hold.State, hold.OpenedBy, hold.ApprovedBy, hold.ForPerson)
                != (HoldPurpose.Settlement, HoldState.Open, transaction.Principal, Id.None, false)
            || view.Account(hold.Account) is not { } vendor || hold.Subject != vendor.Organisation)
        {
            return Checks.Broken("A settlement request sets a vendor's units aside.");
        }

        return vendor.AccountKind != AccountKind.Vendor ? new Refusal(RefusalCode.VendorNotAccredited, "Only a vendor's account is settled.", "vendorAccount")
            : hold.Until <= transaction.DecidedAt ? new Refusal(RefusalCode.DeadlinePassed, "The request would expire at once.", "until")
            : move.Parts.Any(part => !part.Lot.IsNone && Payments.OfProgram(part.Lot, program.Id, view) is null) ? Payments.ForeignLot()
            : TermsJson.Of(program).Check(Movement(program, vendor, move, transaction.DecidedAt), view) is { } byTerms ? byTerms
            : Principals.Require(transaction, view, vendor.Organisation, Roles.Vendor | Roles.Administrator);
    }

    private static Movement Movement(ProgramRecord program, AccountRecord vendor, PairedMove move, long at) => new()
    {
        Kind = MovementKind.Settle,
        Program = program,
        AmountMinor = move.TotalMinor,
        At = at,
        Payer = vendor,
        Lots = move.Parts,
    };
}
