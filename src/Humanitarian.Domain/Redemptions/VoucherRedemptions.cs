using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Redemptions;

/// <summary>What a till asks for.</summary>
/// <param name="Receipt">Salted hash of the item receipt; zero for none.</param>
/// <param name="Confirmation">The beneficiary's word; null for none.</param>
public sealed record RedeemCommand(
    Id Program, Id Beneficiary, Id Vendor, long AmountMinor, IReadOnlyList<string> Categories, Hash32 Receipt, Confirmation? Confirmation = null)
{
    /// <summary>What is bought, where the terms ask for it.</summary>
    public IReadOnlyList<BoughtItem> Items { get; init; } = [];
}

/// <summary>A beneficiary pays a vendor, from lots that have not expired, earliest expiry first.</summary>
public static class VoucherRedemptions
{
    public static Outcome<Transaction> Decide(RedeemCommand command, DecisionScope scope, ILedgerView view)
    {
        if (command.AmountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (command.Beneficiary == command.Vendor)
        {
            return new Refusal(RefusalCode.SelfPayment, "An account cannot pay itself.", "vendorAccount");
        }

        if (view.Program(command.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if ((ProgramClosures.Refuse(program) ?? Payments.Accounts(command.Beneficiary, command.Vendor, view)) is { } refusal)
        {
            return refusal;
        }

        if (view.Book(command.Beneficiary) is not { } book
            || LotChoice.Take(LotChoice.Spendable(book, program, scope.Now, view), command.AmountMinor) is not { } parts)
        {
            return Payments.WhyNotEnough(view.Book(command.Beneficiary), program, command.AmountMinor, view);
        }

        var move = new PairedMove(Side.Available(command.Beneficiary, true), Side.Available(command.Vendor), program.Unit, parts);
        return Decision.Complete(
            scope.Draft(TransactionKind.Redemption, namesPersons: true) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Labels = command.Categories,
                Evidence = command.Receipt.IsZero ? [] : [command.Receipt],
                Writes = WritesOf(command, program, parts, scope, view),
                Postings = move.Postings(),
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

        if (PairedMove.Of(transaction.Postings) is not { } move || move.Unit != program.Unit || !move.From.OfPerson || move.To.OfPerson
            || (move.From.Bucket, move.To.Bucket) != (Bucket.Available, Bucket.Available) || transaction.Evidence.Count > 1
            || transaction.Writes.Count != (Confirmations.Of(transaction) is null ? 0 : 1) + (RedemptionRecord.Of(transaction) is null ? 0 : 1))
        {
            return Checks.Broken("A redemption moves a beneficiary's units to a vendor.");
        }

        if (Payments.Spendable(move.Parts, program.Id, transaction.DecidedAt, view) is { } expired)
        {
            return expired;
        }

        var vendor = view.Account(move.To.Account);
        if (vendor is not { AccountKind: AccountKind.Vendor })
        {
            return new Refusal(RefusalCode.VendorNotAccredited, "Vouchers are redeemed at a vendor's account.", "vendorAccount");
        }

        var confirmation = Confirmations.Of(transaction);
        var kept = RedemptionRecord.Of(transaction);
        if (transaction.HasClosedPart && CheckKept(kept, transaction, program, move) is { } unkept)
        {
            return unkept;
        }

        var movement = new Movement
        {
            Kind = MovementKind.Redeem,
            Program = program,
            AmountMinor = move.TotalMinor,
            At = transaction.DecidedAt,
            Payer = transaction.HasClosedPart ? view.Account(move.From.Account) : null,
            Payee = vendor,
            Categories = transaction.Labels,
            HasReceipt = transaction.Evidence.Count > 0,
            Lots = move.Parts,
            Confirmation = confirmation,
            Items = kept?.Items ?? [],
            ServedBy = transaction.Principal,
        };

        // A till that may not be paid here is not told who collects for whom, or has a PIN.
        return TermsJson.Of(program).Check(movement, view) ?? Principals.Require(transaction, view, vendor.Organisation, Roles.Vendor)
            ?? (confirmation is null ? null : Confirmations.Check(transaction, confirmation, move, view));
    }

    private static IReadOnlyList<RecordWrite> WritesOf(RedeemCommand command, ProgramRecord program, IReadOnlyList<LotPart> parts, DecisionScope scope, ILedgerView view)
    {
        RecordWrite[] confirmed = command.Confirmation is { } given
            ? [Confirmations.Write(given, program.Id, command.Beneficiary, command.AmountMinor, scope.Now, view)]
            : [];
        return RedemptionRecord.IsKept(program)
            ? [.. confirmed, new RecordWrite(1, new RedemptionRecord(
                ClaimKey.IdFrom(scope.Command!.Value.Key), program.Id, command.Beneficiary, command.Vendor, program.Unit, scope.Now, command.AmountMinor, parts, command.Items))]
            : confirmed;
    }

    private static Refusal? CheckKept(RedemptionRecord? kept, Transaction transaction, ProgramRecord program, PairedMove move)
    {
        if (kept is null)
        {
            return RedemptionRecord.IsKept(program) ? Checks.Broken("The terms look back at redemptions, so each is kept.") : null;
        }

        return !RedemptionRecord.IsKept(program) || transaction.Command is not { } command
            || !kept.Is(new RedemptionRecord(
                ClaimKey.IdFrom(command.Key), program.Id, move.From.Account, move.To.Account, program.Unit, transaction.DecidedAt, move.TotalMinor, move.Parts, kept.Items))
            ? Checks.Broken("A redemption is kept as it was made.")
            : kept.WrongItems();
    }
}
