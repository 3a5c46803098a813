using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;

namespace Humanitarian.Grains.Commands;

/// <summary>
/// Every command of the ledger, as the API and the command line call it. Each finds its grain, is decided there and answered once the
/// transaction is durable, or refused. The caller has authenticated the principal; roles are judged by the records on the ledger.
/// </summary>
public sealed partial class LedgerCommands
{
    /// <summary>The id that a command gives to the n-th thing it makes: the same for every repetition of the command.</summary>
    public Id IdFor(CommandContext context, byte part = 0) => throw new NotImplementedException();

    /// <summary>Writes new versions of records (organisations, members, units, accounts, programs, grants, accreditations, devices).</summary>
    public Task<CommandResult> ChangeRecordsAsync(CommandContext context, IReadOnlyList<Record> records) => throw new NotImplementedException();

    /// <summary>Freezes, unfreezes or closes an account.</summary>
    public Task<CommandResult> SetAccountStatusAsync(CommandContext context, Id account, AccountStatus status) => throw new NotImplementedException();

    /// <summary>Enrols every row of an imported list in a program. Answers with the first chunk's transaction once all are durable.</summary>
    public Task<CommandResult> EnrolAsync(CommandContext context, Id program, Id list) => throw new NotImplementedException();

    public Task<CommandResult> RecordReceiptAsync(CommandContext context, Id grant, long amountMinor, Hash32 evidence) => throw new NotImplementedException();

    public Task<CommandResult> RecordCostAsync(CommandContext context, Id grant, string budgetLine, long amountMinor, Hash32 evidence) => throw new NotImplementedException();

    public Task<CommandResult> ReturnGrantAsync(CommandContext context, Id grant, long amountMinor, Hash32 evidence) => throw new NotImplementedException();

    /// <summary>Drafts a disbursement; its id is <see cref="IdFor"/> of the command. Not on the ledger yet.</summary>
    public Task<Outcome<DisbursementStatus>> DraftDisbursementAsync(CommandContext context, DisbursementDraft draft) => throw new NotImplementedException();

    /// <summary>Checks a draft against its list, its grants and the program's terms; afterwards it can be approved.</summary>
    public Task<Outcome<DisbursementStatus>> ValidateDisbursementAsync(CommandContext context, Id disbursement) => throw new NotImplementedException();

    public Task<CommandResult> ApproveDisbursementAsync(CommandContext context, Id disbursement) => throw new NotImplementedException();

    /// <summary>Releases; a bulk disbursement is then paid by itself, also across restarts.</summary>
    public Task<CommandResult> ReleaseDisbursementAsync(CommandContext context, Id disbursement) => throw new NotImplementedException();

    public Task<CommandResult> CompleteDisbursementAsync(CommandContext context, Id disbursement) => throw new NotImplementedException();

    public Task<DisbursementStatus?> DisbursementAsync(Id disbursement) => throw new NotImplementedException();

    /// <summary>A field agent's delivery.</summary>
    public Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery) => throw new NotImplementedException();

    public Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption) => throw new NotImplementedException();

    public Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payer, Id payee, long amountMinor) => throw new NotImplementedException();

    /// <summary>A vendor asks for settlement; the request (a hold) has the id <see cref="IdFor"/> of the command.</summary>
    /// <param name="until">Unix milliseconds at which the request expires.</param>
    public Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id vendor, long amountMinor, long until) => throw new NotImplementedException();

    /// <summary>Finance signs that the vendor was paid outside, in full or in part.</summary>
    public Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id settlement, long amountMinor, Hash32 evidence) => throw new NotImplementedException();

    /// <summary>Gives a hold back: a refused or withdrawn settlement.</summary>
    public Task<CommandResult> ReleaseHoldAsync(CommandContext context, Id hold) => throw new NotImplementedException();
}
