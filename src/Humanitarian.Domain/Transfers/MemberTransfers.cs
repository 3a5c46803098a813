using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Transfers;

/// <summary>What a payer asks for.</summary>
public sealed record TransferCommand(Id Program, Id Payer, Id Payee, long AmountMinor);

/// <summary>One account pays another within a program, as its terms allow.</summary>
public static class MemberTransfers
{
    public static Outcome<Transaction> Decide(TransferCommand command, DecisionScope scope, ILedgerView view)
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
        if (view.Book(command.Payer) is not { } book || Choose(book, payer, program, command.AmountMinor, scope.Now, view) is not { } parts)
        {
            return Payments.WhyNotEnough(view.Book(command.Payer), program, command.AmountMinor, view);
        }

        var movement = TermsJson.Of(program).Decide(Movement(program, payer, payee, command.AmountMinor, parts, scope.Now), view);
        if (movement.Refusal is { } byTerms)
        {
            return byTerms;
        }

        var move = new PairedMove(Side.Available(payer.Id, payer.NamesPerson), Side.Available(payee.Id, payee.NamesPerson), program.Unit, parts);
        return Decision.Complete(
            scope.Draft(TransactionKind.Transfer, namesPersons: payer.NamesPerson || payee.NamesPerson) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Postings = [.. move.Postings(), .. movement.Value!.Legs],
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

        if (PairedMove.Leading(transaction.Postings) is not var (move, legs) || move.Unit != program.Unit
            || (move.From.Account == move.To.Account && !move.From.Account.IsNone)
            || (move.From.Bucket, move.To.Bucket) != (Bucket.Available, Bucket.Available))
        {
            return Checks.Broken("A transfer moves units from one account to another.");
        }

        return Payments.Spendable(move.Parts, program.Id, transaction.DecidedAt, view)
            ?? Traced(move)
            ?? Taking(move.From, view)
            ?? Taking(move.To, view)
            ?? (transaction.HasClosedPart ? CheckPersons(transaction, move, legs, program, view) : null);
    }

    private static Refusal? CheckPersons(Transaction transaction, PairedMove move, IReadOnlyList<Posting> legs, ProgramRecord program, ILedgerView view)
    {
        var (payer, payee) = (view.Account(move.From.Account)!, view.Account(move.To.Account)!);
        return TermsJson.Of(program).Check(Movement(program, payer, payee, move.TotalMinor, move.Parts, transaction.DecidedAt) with { Legs = legs }, view)
            ?? Principals.Require(transaction, view, payer.Organisation, Roles.Administrator | Roles.Registrar | Roles.Finance);
    }

    // Otherwise more could be settled of a lot than was redeemed, or the same units be redeemed twice.
    private static Refusal? Traced(PairedMove move) =>
        move.Parts.Any(part => !part.Lot.IsNone) && !(move.From.OfPerson && move.To.OfPerson)
            ? new Refusal(RefusalCode.TransferForbidden, "What a donation backs passes between persons only; redeem it at a vendor.", "payee")
            : null;

    // A person's account is unknown without the closed part.
    internal static Refusal? Taking(Side side, ILedgerView view) =>
        side.Account.IsNone ? null
        : view.Account(side.Account) is not { } account ? new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account")
        : account.AccountKind is AccountKind.World or AccountKind.ProgramPool or AccountKind.ReturnQueue or AccountKind.Allowance or AccountKind.Float
            ? new Refusal(RefusalCode.TransferForbidden, "Pools, return queues and the like are moved by their own transactions only.", "account")
            : null;

    private static IReadOnlyList<LotPart>? Choose(AccountBook book, AccountRecord payer, ProgramRecord program, long amountMinor, long now, ILedgerView view)
    {
        // Where there is credit its limit is the terms' to judge.
        var credit = payer.FloorMinor < 0 && !book.Lots(program.Unit).Any(part => !part.Lot.IsNone);
        return credit ? [new LotPart(Id.None, amountMinor)] : LotChoice.Take(LotChoice.Spendable(book, program, now, view), amountMinor);
    }

    private static Movement Movement(ProgramRecord program, AccountRecord payer, AccountRecord payee, long amountMinor, IReadOnlyList<LotPart> lots, long at) => new()
    {
        Kind = MovementKind.Transfer,
        Program = program,
        AmountMinor = amountMinor,
        At = at,
        Payer = payer,
        Payee = payee,
        Lots = lots,
    };
}
