using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Transfers;

/// <summary>
/// A payer sets units aside for a payee who has yet to accept. It ends once: accepted (<see cref="PaymentAcceptances"/>), withdrawn or
/// declined, or expired (<see cref="HoldEnds"/>).
/// </summary>
public static class PendingPayments
{
    /// <summary>Who acts for the holder of an account.</summary>
    internal const Roles Acting = Roles.Administrator | Roles.Registrar | Roles.Finance;

    /// <param name="hold">Id of the hold to open.</param>
    /// <param name="until">Unix milliseconds at which it goes back to the payer.</param>
    public static Outcome<Transaction> Decide(TransferCommand command, Id hold, long until, DecisionScope scope, ILedgerView view)
    {
        if (command.AmountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (command.Payer == command.Payee)
        {
            return new Refusal(RefusalCode.SelfPayment, "An account cannot pay itself.", "payee");
        }

        if (view.Program(command.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if (Payments.Accounts(command.Payer, command.Payee, view) is { } refusal)
        {
            return refusal;
        }

        var (payer, payee) = (view.Account(command.Payer)!, view.Account(command.Payee)!);
        LotPart[] parts = [new LotPart(Id.None, command.AmountMinor)];
        var record = new HoldRecord(
            hold, payer.Id, program.Id, program.Unit, parts, until, HoldPurpose.Payment, payee.Id, HoldState.Open, scope.Principal, Id.None,
            payer.NamesPerson || payee.NamesPerson);
        return Decision.Complete(
            scope.Draft(TransactionKind.PendingPayment, record.ForPerson) with
            {
                Program = program.Id,
                Subject = hold,
                TermsVersion = program.TermsVersion,
                Writes = [new RecordWrite(1, record)],
                Postings = MoveOf(record, payer).Postings(),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { Active: true } program || transaction.TermsVersion != program.TermsVersion)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        if (TermsJson.Of(program).Find<Acceptance>() is null)
        {
            return new Refusal(RefusalCode.MovementForbidden, "In this program payments are made at once.", "program");
        }

        if (!transaction.HasClosedPart && transaction.Writes.Count == 0)
        {
            return PairedMove.Of(transaction.Postings) is { } seen && seen.Unit == program.Unit && seen.From with { Bucket = Bucket.Held } == seen.To
                ? null
                : NotItsOwn();
        }

        if (transaction.Writes is not [{ Version: 1, Record: HoldRecord hold }]
            || view.Account(hold.Account) is not { } payer || view.Account(hold.Subject) is not { } payee || payer.Id == payee.Id
            || hold.Parts is not [{ Lot.IsNone: true, AmountMinor: > 0 }]
            || !transaction.Postings.SequenceEqual(MoveOf(hold, payer).Postings())
            || (hold.Id, hold.Program, hold.Unit) != (transaction.Subject, program.Id, program.Unit)
            || (hold.Purpose, hold.State, hold.OpenedBy, hold.ApprovedBy, hold.ForPerson)
                != (HoldPurpose.Payment, HoldState.Open, transaction.Principal, Id.None, payer.NamesPerson || payee.NamesPerson))
        {
            return NotItsOwn();
        }

        return MemberTransfers.Taking(Side.Available(payer.Id), view)
            ?? MemberTransfers.Taking(Side.Available(payee.Id), view)
            ?? TermsJson.Of(program).Check(MovementOf(MovementKind.Promise, hold, program, payer, payee, transaction.DecidedAt), view)
            ?? Principals.Require(transaction, view, payer.Organisation, Acting);
    }

    internal static Movement MovementOf(MovementKind kind, HoldRecord hold, ProgramRecord program, AccountRecord payer, AccountRecord payee, long at) => new()
    {
        Kind = kind,
        Program = program,
        AmountMinor = hold.RemainingMinor,
        At = at,
        Until = hold.Until,
        Payer = payer,
        Payee = payee,
        Lots = hold.Parts,
    };

    private static PairedMove MoveOf(HoldRecord hold, AccountRecord payer) =>
        new(Side.Available(payer.Id, payer.NamesPerson), Side.Held(payer.Id, payer.NamesPerson), hold.Unit, hold.Parts);

    private static Refusal NotItsOwn() => Checks.Broken("A pending payment sets its payer's own units aside.");
}
