using System.Text;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Audit;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Programs;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>
/// Every command of the ledger, as the API and the command line call it. Each finds its grain, is decided there and answered once the
/// transaction is durable, or refused. The caller has authenticated the principal; roles are judged by the records on the ledger.
/// </summary>
public sealed partial class LedgerCommands(IGrainFactory grains, AccountGrains accounts, LedgerServices services, LedgerReader reader)
{
    /// <summary>Most bytes of an idempotency key.</summary>
    public const int MaximumKeyBytes = 255;

    /// <summary>The id that a command gives to the n-th thing it makes: the same for every repetition of the command.</summary>
    public Id IdFor(CommandContext context, byte part = 0) =>
        ClaimKey.IdFrom(services.Identity.ClaimKey.CommandKey(context.Principal, context.Key), part);

    /// <summary>The transaction of a principal's command by its idempotency key, as of the durable head; null when none has succeeded.</summary>
    /// <param name="key">1 to 255 bytes.</param>
    public async Task<PlacedTransaction?> FindByKeyAsync(Id principal, string key, CancellationToken cancellationToken = default)
    {
        var claim = services.Identity.ClaimKey.CommandKey(principal, key);
        await reader.CurrentAsync(cancellationToken);
        return (await reader.ClaimsAsync([claim], cancellationToken)).TryGetValue(claim, out var place) ? await reader.TransactionAtAsync(place, cancellationToken) : null;
    }

    /// <summary>Does all of some commands or none: at most <see cref="Sequencer.MaximumUnit"/>, each of a context that is <see cref="CommandContext.OfUnit"/>.</summary>
    public Task<CommandResult[]> TogetherAsync(IReadOnlyList<UnitPart> parts) => new CommandUnit(services).RunAsync(parts);

    /// <summary>Writes new versions of records (organisations, members, units, accounts, programs, grants, accreditations, devices).</summary>
    public async Task<CommandResult> ChangeRecordsAsync(CommandContext context, IReadOnlyList<Record> records) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ChangeRecordsAsync(context, [.. records.Select(RecordCodec.Encode)]);

    /// <summary>Freezes, unfreezes or closes an account.</summary>
    public async Task<CommandResult> SetAccountStatusAsync(CommandContext context, Id account, AccountStatus status) =>
        Invalid(context) ?? await Account(account).SetStatusAsync(context, status);

    /// <summary>Enrols every row of an imported list in a program. Answers with the first chunk's transaction once all are durable.</summary>
    public async Task<CommandResult> EnrolAsync(CommandContext context, Id program, Id list) =>
        Invalid(context) ?? await grains.GetGrain<IProgramGrain>(program.ToString()).EnrolAsync(context, list);

    public async Task<CommandResult> RecordReceiptAsync(CommandContext context, Id grant, long amountMinor, Hash32 evidence) =>
        Invalid(context)
        ?? ((await reader.FindAsync<GrantRecord>(RecordKind.Grant, grant)).Record is { } record
            ? await grains.GetGrain<IProgramGrain>(record.Program.ToString()).ReceiptAsync(context, grant, amountMinor, evidence)
            : NotFound("grant"));

    /// <summary>Returns money to the donor, from the program's return queue while that has enough of the grant, else from its pool.</summary>
    /// <param name="unit">The grant's currency, or the program's for converted money.</param>
    public async Task<CommandResult> ReturnGrantAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence)
    {
        if (Invalid(context) is { } invalid)
        {
            return invalid;
        }

        if (await ProgramOfAsync(grant) is not { } program)
        {
            return NotFound("grant");
        }

        var queued = await InQueueAsync(program, grant, unit);
        return await Account(queued >= amountMinor ? program.ReturnQueue : program.Pool).ReturnAsync(context, grant, unit, amountMinor, evidence);
    }

    /// <summary>Records that a bank converted a part of a grant into the program's currency; the lot it opens has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion) =>
        Invalid(context)
        ?? (await ProgramOfAsync(conversion.Grant) is { } program ? await Account(program.Pool).ConvertAsync(context, conversion) : NotFound("grant"));

    /// <summary>Drafts a disbursement; its id is <see cref="IdFor"/> of the command. Not on the ledger yet.</summary>
    public async Task<Outcome<DisbursementStatus>> DraftDisbursementAsync(CommandContext context, DisbursementDraft draft) =>
        Invalid(context)?.Refusal is { } refusal ? refusal : OutcomeOf(await Disbursement(IdFor(context)).DraftAsync(context, draft));

    /// <summary>Checks a draft against its list, its grants and the program's terms; afterwards it can be approved.</summary>
    /// <param name="expected">CONTROL_TOTAL_MISMATCH where the list is otherwise.</param>
    public async Task<Outcome<DisbursementStatus>> ValidateDisbursementAsync(CommandContext context, Id disbursement, ControlTotals? expected = null) =>
        Invalid(context)?.Refusal is { } refusal ? refusal : OutcomeOf(await Disbursement(disbursement).ValidateAsync(context, expected ?? ControlTotals.None));

    /// <summary>What beneficiaries were paid in a program for a period.</summary>
    public async Task<IReadOnlyDictionary<Id, PaidSoFar>> PaidAsync(IReadOnlyCollection<Id> accounts, Id program, string period)
    {
        await reader.CurrentAsync();
        return await reader.PaidAsync(accounts, program, period, services.Identity.ClaimKey);
    }

    public async Task<CommandResult> ApproveDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).ApproveAsync(context);

    /// <summary>Releases; a bulk disbursement is then paid by itself, also across restarts.</summary>
    public async Task<CommandResult> ReleaseDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).ReleaseAsync(context);

    /// <summary>Gives up what is not released yet.</summary>
    public async Task<CommandResult> CancelDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).CancelAsync(context);

    /// <summary>Nothing of a paused disbursement is paid, instructed or delivered.</summary>
    public async Task<CommandResult> PauseDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).PauseAsync(context);

    public async Task<CommandResult> ResumeDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).GoOnAsync(context);

    public async Task<CommandResult> CompleteDisbursementAsync(CommandContext context, Id disbursement) =>
        Invalid(context) ?? await Disbursement(disbursement).CompleteAsync(context);

    /// <summary>Puts the hash of an audit trail on the ledger.</summary>
    public async Task<CommandResult> AnchorAuditAsync(Id trail, Hash32 hash) =>
        (await new CommandRunner(services).RunAsync(null, new Command(null, (scope, view, _) => AuditAnchors.Decide(trail, hash, scope, view)))).Result;

    public Task<DisbursementStatus?> DisbursementAsync(Id disbursement) => Disbursement(disbursement).StatusAsync();

    /// <summary>A field agent's delivery.</summary>
    public async Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery) =>
        Invalid(context) ?? await Disbursement(delivery.Disbursement).DeliverAsync(context, delivery);

    public Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption) =>
        Invalid(context) is { } invalid ? Task.FromResult(invalid) : Account(redemption.Beneficiary).RedeemAsync(context, redemption);

    public Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payer, Id payee, long amountMinor) =>
        Invalid(context) is { } invalid ? Task.FromResult(invalid) : Account(payer).TransferAsync(context, program, payee, amountMinor);

    /// <summary>Sets a payment aside until the payee accepts; it (a hold) has the id <see cref="IdFor"/> of the command.</summary>
    /// <param name="until">Unix milliseconds at which it goes back to the payer.</param>
    public async Task<CommandResult> PromiseAsync(CommandContext context, Id program, Id payer, Id payee, long amountMinor, long until) =>
        Invalid(context) ?? await Account(payer).PromiseAsync(context, program, payee, IdFor(context), amountMinor, until);

    /// <summary>The payee accepts a pending payment. Withdrawing and declining are <see cref="ReleaseHoldAsync"/>.</summary>
    public async Task<CommandResult> AcceptPaymentAsync(CommandContext context, Id payment) =>
        Invalid(context) ?? (await HolderAsync(payment) is { } payer ? await Account(payer).AcceptAsync(context, payment) : NotFound("payment"));

    /// <summary>A member leaves a program; the commons fund takes over the balance.</summary>
    public async Task<CommandResult> DepartAsync(CommandContext context, Id account) => Invalid(context) ?? await Account(account).DepartAsync(context);

    /// <summary>Changes how far below zero an account may go and how much it may hold, in minor units.</summary>
    public async Task<CommandResult> SetLimitsAsync(CommandContext context, Id account, long floorMinor, long ceilingMinor) =>
        Invalid(context) ?? await Account(account).SetLimitsAsync(context, floorMinor, ceilingMinor);

    /// <summary>Money was paid in: as many units open on the account, and the reserve keeps the money.</summary>
    public async Task<CommandResult> DepositAsync(CommandContext context, Id account, long amountMinor, Hash32 evidence) =>
        Invalid(context) ?? await Account(account).DepositAsync(context, amountMinor, evidence);

    /// <summary>An account's units are converted back into money, less the terms' fee.</summary>
    public async Task<CommandResult> ConvertOutAsync(CommandContext context, Id account, long amountMinor, Hash32 evidence) =>
        Invalid(context) ?? await Account(account).ConvertOutAsync(context, amountMinor, evidence);

    /// <summary>A vendor asks for settlement; the request (a hold) has the id <see cref="IdFor"/> of the command.</summary>
    /// <param name="until">Unix milliseconds at which the request expires.</param>
    public async Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id vendor, long amountMinor, long until) =>
        Invalid(context) ?? await Account(vendor).RequestSettlementAsync(context, program, IdFor(context), amountMinor, until);

    /// <summary>Finance signs that the vendor was paid outside, in full or in part.</summary>
    public async Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id settlement, long amountMinor, Hash32 evidence) =>
        Invalid(context)
        ?? (await HolderAsync(settlement) is { } vendor ? await Account(vendor).ApproveSettlementAsync(context, settlement, amountMinor, evidence) : NotFound("settlement"));

    /// <summary>Gives a hold back: a refused or withdrawn settlement.</summary>
    public async Task<CommandResult> ReleaseHoldAsync(CommandContext context, Id hold) =>
        Invalid(context) ?? (await HolderAsync(hold) is { } account ? await Account(account).EndHoldAsync(context, hold) : NotFound("hold"));

    private IAccountGrain Account(Id account) => accounts.Of(account);

    private IDisbursementGrain Disbursement(Id disbursement) => grains.GetGrain<IDisbursementGrain>(disbursement.ToString());

    private async Task<Id?> HolderAsync(Id hold) => (await reader.FindAsync<HoldRecord>(RecordKind.Hold, hold)).Record?.Account;

    private async Task<ProgramRecord?> ProgramOfAsync(Id grant) =>
        (await reader.FindAsync<GrantRecord>(RecordKind.Grant, grant)).Record is { } record
            ? (await reader.FindAsync<ProgramRecord>(RecordKind.Program, record.Program)).Record
            : null;

    private async Task<long> InQueueAsync(ProgramRecord program, Id grant, string unit)
    {
        long queued = 0;
        foreach (var part in (await reader.BookAsync(program.ReturnQueue)).Lots(unit))
        {
            if ((await reader.FindAsync<LotRecord>(RecordKind.Lot, part.Lot)).Record?.Origin == grant)
            {
                queued += part.AmountMinor;
            }
        }

        return queued;
    }

    private static CommandResult? Invalid(CommandContext context) => Encoding.UTF8.GetByteCount(context.Key) is > 0 and <= MaximumKeyBytes
        ? null
        : CommandResult.Refused(new Refusal(RefusalCode.IdempotencyKeyInvalid, "An idempotency key has 1 to 255 bytes.", "idempotencyKey"));

    private static CommandResult NotFound(string what) => CommandResult.Refused(new Refusal(RefusalCode.NotFound, $"There is no such {what}.", what));

    private static Outcome<DisbursementStatus> OutcomeOf(DisbursementAnswer answer) => new(answer.Status, answer.Refusal);
}
