using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Grains.Commands;

/// <summary>PINs, cards, logins, consent and pay-outs.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>Changes a person's PIN, card or login.</summary>
    public async Task<CommandResult> ChangeCredentialAsync(CommandContext context, CredentialRequest change) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ChangeCredentialAsync(context, change);

    /// <summary>A person takes their consent back.</summary>
    public async Task<CommandResult> WithdrawConsentAsync(CommandContext context, Id account) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).WithdrawConsentAsync(context, account);

    /// <summary>Proposes to delete what is kept of a person, or confirms it. Money, holds and cases that are not resolved refuse it.</summary>
    public async Task<CommandResult> ForgetPersonAsync(CommandContext context, Id account, ForgettingReason reason) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ForgetPersonAsync(context, account, reason);

    /// <summary>Proposes, confirms or withdraws a vendor's pay-out details.</summary>
    public async Task<CommandResult> ChangePayoutDetailsAsync(CommandContext context, PayoutDetailsRequest change) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ChangePayoutDetailsAsync(context, change);

    /// <summary>Finance signs that a pay-out came back; the vendor has its units again.</summary>
    public async Task<CommandResult> ReturnPayoutAsync(CommandContext context, Id payout, Hash32 evidence) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ReturnPayoutAsync(context, payout, evidence);

    /// <summary>A vendor takes a redemption back, or the program's finance recovers what was charged too much, signed.</summary>
    public async Task<CommandResult> RefundAsync(CommandContext context, Id redemption, long amountMinor, Hash32 evidence, bool recovery) =>
        Invalid(context)
        ?? ((await reader.FindAsync<RedemptionRecord>(RecordKind.Redemption, redemption)).Record is { } record
            ? await Account(record.Vendor).RefundAsync(context, redemption, amountMinor, evidence, recovery)
            : NotFound("redemption"));
}
