using System.Text.Json.Serialization;
using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Redemptions;

/// <param name="ProgramId">The program.</param>
/// <param name="BeneficiaryAccountId">The account that pays.</param>
/// <param name="VendorAccountId">Your account, which is paid.</param>
/// <param name="Amount">In the program's unit.</param>
/// <param name="Categories">Categories of the goods.</param>
/// <param name="ReceiptHash">Hash of the item receipt; the ledger keeps a salted hash of it.</param>
/// <param name="Items">What is bought, where the terms ask for it; their prices sum to the amount.</param>
/// <param name="CollectorAccountId">The account of who has come instead of the beneficiary and confirms: an alternate of the household. Null for the beneficiary.</param>
/// <param name="Pin">The PIN that the beneficiary types, or who has come instead, in a variable. Like the card's answer it is no part of what the idempotency key is bound to.</param>
/// <param name="Card">The answer of their card to a <c>cardChallenge</c>.</param>
[MovesMoney]
public sealed record RedeemVoucherInput(
    string IdempotencyKey, Id ProgramId, Id BeneficiaryAccountId, Id VendorAccountId, MoneyInput Amount, IReadOnlyList<string> Categories, Hash32? ReceiptHash,
    IReadOnlyList<BoughtItemInput>? Items, Id? CollectorAccountId, [property: JsonIgnore] Pin? Pin, [property: JsonIgnore] CardAnswerInput? Card)
    : MutationInput(IdempotencyKey)
{
    /// <summary>Whose PIN or card it is.</summary>
    internal Id Confirmer => CollectorAccountId ?? BeneficiaryAccountId;
}

/// <summary>A line of a receipt.</summary>
/// <param name="Item">Code of the goods, 1 to 64 characters.</param>
/// <param name="Quantity">How many, at least 1.</param>
/// <param name="PriceMinor">Minor units for one.</param>
public sealed record BoughtItemInput(string Item, int Quantity, long PriceMinor);

public sealed record RedeemVoucherPayload : Payload
{
    /// <summary>Names the redemption, for a refund or a dispute; null where the terms look back at none.</summary>
    [AsParent]
    public async Task<Id?> RedemptionId([FromServices] Access access) => await access.FindAsync<RedemptionRecord>(RecordKind.Redemption, Subject) is null ? null : Subject;

    /// <summary>
    /// Keep it with the receipt: the evidence on the chain is SHA-256 of this salt's 16 bytes followed by the receipt's hash, so that
    /// whoever has both can show that the receipt belongs to the transaction, and nobody else can guess it.
    /// </summary>
    [AsParent]
    public async Task<Id?> ReceiptSalt([FromServices] LedgerReader reader) =>
        Transaction is { } place && await reader.TransactionAsync(place.Hash) is { Transaction: { HasClosedPart: true } transaction } ? transaction.Salt : null;
}

/// <param name="ProgramId">The program.</param>
/// <param name="PayerAccountId">The account that pays.</param>
/// <param name="PayeeAccountId">The account that is paid.</param>
/// <param name="Amount">In the program's unit.</param>
[MovesMoney]
public sealed record TransferInput(string IdempotencyKey, Id ProgramId, Id PayerAccountId, Id PayeeAccountId, MoneyInput Amount) : MutationInput(IdempotencyKey);

public sealed record TransferPayload : Payload;

/// <summary>Payments between accounts.</summary>
public sealed class RedemptionMutations(MutationRunner run, LedgerCommands commands, Access access, TillConfirmations confirmations) : IMutations
{
    /// <summary>A beneficiary pays your till. For members of the vendor.</summary>
    [Allow(Roles.Vendor)]
    public Task<RedeemVoucherPayload> RedeemVoucher(RedeemVoucherInput input) => run.RunAsync<RedeemVoucherPayload>(input, null, async (context, _) =>
        await access.AccountAsync(input.VendorAccountId) is null ? await Refuse.NotFound("vendorAccountId")
        : await access.FindAsync<ProgramRecord>(RecordKind.Program, input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : input.Amount.Mismatch(program.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await RedeemAsync(context, input, program), Urgency.Till);

    /// <summary>Moves units from an account of your organisation, where the program's terms allow it.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Finance)]
    public Task<TransferPayload> Transfer(TransferInput input) => run.RunAsync<TransferPayload>(input, input.PayerAccountId, async (context, payer) =>
        await access.AccountAsync(payer) is null ? await Refuse.NotFound("payerAccountId")
        : await access.FindAsync<ProgramRecord>(RecordKind.Program, input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : input.Amount.Mismatch(program.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.TransferAsync(context, program.Id, payer, input.PayeeAccountId, input.Amount.AmountMinor));

    private async Task<CommandResult> RedeemAsync(CommandContext context, RedeemVoucherInput input, ProgramRecord program)
    {
        var confirmation = confirmations.Read(input, program.Unit);
        if (confirmation.Refusal is { } unread)
        {
            return CommandResult.Refused(unread);
        }

        var request = new RedemptionRequest(
            program.Id, input.BeneficiaryAccountId, input.VendorAccountId, input.Amount.AmountMinor, input.Categories, input.ReceiptHash ?? Hash32.Zero)
        {
            Confirmation = confirmation.Value,
            Items = [.. (input.Items ?? []).Select(item => new BoughtItem(item.Item, item.Quantity, item.PriceMinor))],
        };

        // Whoever merely has an account locks nobody: what the ledger refuses with any PIN is refused before one is compared and counted.
        if (input.Pin is not null && !await confirmations.IsExpectedAsync(input, program)
            && await commands.RedeemAsync(context with { DryRun = true, OfUnit = false }, request) is { Refusal: not null } refused)
        {
            return refused;
        }

        return await confirmations.CompareAsync(input) is { } wrong ? CommandResult.Refused(wrong) : await commands.RedeemAsync(context, request);
    }
}
