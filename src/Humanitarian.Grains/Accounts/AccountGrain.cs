using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Accounts;

/// <summary>An account: decides everything that debits it. Its key is the account's id.</summary>
[Alias("IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    [Alias("Redeem")]
    Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption);

    /// <summary>On a vendor: a redemption is taken back, by the vendor or, recovered, by the program's finance.</summary>
    [Alias("Refund")]
    Task<CommandResult> RefundAsync(CommandContext context, Id redemption, long amountMinor, Hash32 evidence, bool recovery);

    [Alias("Transfer")]
    Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payee, long amountMinor);

    /// <summary>Sets a payment aside until the payee accepts.</summary>
    [Alias("Promise")]
    Task<CommandResult> PromiseAsync(CommandContext context, Id program, Id payee, Id hold, long amountMinor, long until);

    /// <summary>On the payer: the payee accepts a payment that was set aside.</summary>
    [Alias("Accept")]
    Task<CommandResult> AcceptAsync(CommandContext context, Id hold);

    /// <summary>The member leaves; the commons fund takes over the balance.</summary>
    [Alias("Depart")]
    Task<CommandResult> DepartAsync(CommandContext context);

    /// <summary>Changes credit and holding limits; reservations are drained first.</summary>
    [Alias("SetLimits")]
    Task<CommandResult> SetLimitsAsync(CommandContext context, long floorMinor, long ceilingMinor);

    /// <summary>Money paid in opens units on the account.</summary>
    [Alias("Deposit")]
    Task<CommandResult> DepositAsync(CommandContext context, long amountMinor, Hash32 evidence);

    /// <summary>The account's units are converted back into money.</summary>
    [Alias("ConvertOut")]
    Task<CommandResult> ConvertOutAsync(CommandContext context, long amountMinor, Hash32 evidence);

    [Alias("RequestSettlement")]
    Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id hold, long amountMinor, long until);

    [Alias("ApproveSettlement")]
    Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id hold, long amountMinor, Hash32 evidence);

    /// <summary>Releases a hold, or with no context expires one whose time has passed.</summary>
    [Alias("EndHold")]
    Task<CommandResult> EndHoldAsync(CommandContext? context, Id hold);

    /// <summary>Freezes, unfreezes or closes; reservations are drained first.</summary>
    [Alias("SetStatus")]
    Task<CommandResult> SetStatusAsync(CommandContext context, AccountStatus status);

    /// <summary>Records that the account's owner has died; reservations are drained first.</summary>
    [Alias("RecordDeath")]
    Task<CommandResult> RecordDeathAsync(CommandContext context, DeathRequest death);

    /// <summary>On a deceased member's account: what it holds passes to the successor's.</summary>
    [Alias("ApproveSuccession")]
    Task<CommandResult> ApproveSuccessionAsync(CommandContext context, Id succession);

    /// <summary>On a pool: draws the budget of an approved disbursement.</summary>
    [Alias("Release")]
    Task<CommandResult> ReleaseAsync(CommandContext context, Id disbursement);

    /// <summary>On a pool: credits a chunk, or instructs a provider for it; lines that the ledger refuses are marked unpaid and the chunk is issued again.</summary>
    [Alias("PayChunk")]
    Task<CommandResult> PayChunkAsync(Id disbursement, int index, [Immutable] Line[] lines);

    /// <summary>On a pool: a field agent's delivery of one line of a chunk.</summary>
    [Alias("Deliver")]
    Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, [Immutable] Hash32[] proof);

    /// <summary>On a pool: ends a disbursement; by the ledger itself when the context is null and the lot has expired.</summary>
    [Alias("Complete")]
    Task<CommandResult> CompleteAsync(CommandContext? context, Id disbursement);

    /// <summary>On a pool: charges a cost to a grant.</summary>
    [Alias("Cost")]
    Task<CommandResult> CostAsync(CommandContext context, CostRequest cost);

    /// <summary>On a pool: ends its program; reservations are drained first.</summary>
    [Alias("CloseProgram")]
    Task<CommandResult> CloseProgramAsync(CommandContext context, Id program);

    /// <summary>On a pool: charges a cost to another grant instead.</summary>
    [Alias("Recharge")]
    Task<CommandResult> RechargeAsync(CommandContext context, RechargeRequest recharge);

    /// <summary>On a pool or a return queue: returns money to the donor.</summary>
    [Alias("Return")]
    Task<CommandResult> ReturnAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence);

    /// <summary>On a pool: a grant's money passes into the program's currency.</summary>
    [Alias("Convert")]
    Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion);

    /// <summary>On a provider's float: records lines of a report.</summary>
    /// <param name="announced">The reconciliation's record with nothing recorded, encoded.</param>
    [Alias("Reconcile")]
    Task<CommandResult> ReconcileAsync(CommandContext context, [Immutable] byte[] announced, [Immutable] Report[] reports);

    /// <summary>On a provider's float: takes back lines that nobody claimed in time.</summary>
    [Alias("Recall")]
    Task<CommandResult> RecallAsync(Id disbursement, [Immutable] Id[] lines);

    /// <summary>On a pool: decides what a contradicting report is worth.</summary>
    [Alias("DecideContradiction")]
    Task<CommandResult> DecideContradictionAsync(CommandContext context, Id contradiction, bool accept, string resolution);

    /// <summary>On a pool: pays a late delivery from a grant, or with none rejects it.</summary>
    [Alias("DecideException")]
    Task<CommandResult> DecideExceptionAsync(CommandContext context, Id exception, Id grant, string resolution);

    /// <summary>On a pool: charges a provider's fee to a grant.</summary>
    [Alias("Fee")]
    Task<CommandResult> FeeAsync(CommandContext context, Id grant, string budgetLine, Id disbursement, long amountMinor, Hash32 evidence);

    /// <summary>Checks and reserves this account's part of a transaction that another account decided.</summary>
    [Alias("Ask")]
    Task<AskResult> AskAsync([Immutable] byte[] open, [Immutable] byte[] closed, Hash32 closedHash);

    /// <summary>Gives the reservation of a refused transaction back, and the lease it was lent when that is void.</summary>
    [Alias("Drop")]
    Task DropAsync(Lease lease, Hash32 transaction, bool isVoid);
}

/// <summary>Hosts what an account decides. Reentrant, so that payments share a commit.</summary>
[Reentrant]
internal sealed class AccountGrain(LedgerServices services) : Grain, IAccountGrain
{
    private AccountDecisions decisions = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        decisions = new AccountDecisions(Id.Parse(this.GetPrimaryKeyString()), services);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        decisions.Leave();
        return Task.CompletedTask;
    }

    public Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption) => decisions.RedeemAsync(context, redemption);

    public Task<CommandResult> RefundAsync(CommandContext context, Id redemption, long amountMinor, Hash32 evidence, bool recovery) =>
        decisions.RefundAsync(context, redemption, amountMinor, evidence, recovery);

    public Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payee, long amountMinor) => decisions.TransferAsync(context, program, payee, amountMinor);

    public Task<CommandResult> PromiseAsync(CommandContext context, Id program, Id payee, Id hold, long amountMinor, long until) =>
        decisions.PromiseAsync(context, new TransferCommand(program, decisions.Account, payee, amountMinor), hold, until);

    public Task<CommandResult> AcceptAsync(CommandContext context, Id hold) => decisions.AcceptAsync(context, hold);

    public Task<CommandResult> DepartAsync(CommandContext context) => decisions.DepartAsync(context);

    public Task<CommandResult> SetLimitsAsync(CommandContext context, long floorMinor, long ceilingMinor) => decisions.SetLimitsAsync(context, floorMinor, ceilingMinor);

    public Task<CommandResult> DepositAsync(CommandContext context, long amountMinor, Hash32 evidence) => decisions.DepositAsync(context, amountMinor, evidence);

    public Task<CommandResult> ConvertOutAsync(CommandContext context, long amountMinor, Hash32 evidence) => decisions.ConvertOutAsync(context, amountMinor, evidence);

    public Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id hold, long amountMinor, long until) => decisions.RequestSettlementAsync(context, program, hold, amountMinor, until);

    public Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id hold, long amountMinor, Hash32 evidence) => decisions.ApproveSettlementAsync(context, hold, amountMinor, evidence);

    public Task<CommandResult> EndHoldAsync(CommandContext? context, Id hold) => decisions.EndHoldAsync(context, hold);

    public Task<CommandResult> SetStatusAsync(CommandContext context, AccountStatus status) => decisions.SetStatusAsync(context, status);

    public Task<CommandResult> RecordDeathAsync(CommandContext context, DeathRequest death) => decisions.RecordDeathAsync(context, death);

    public Task<CommandResult> ApproveSuccessionAsync(CommandContext context, Id succession) => decisions.ApproveSuccessionAsync(context, succession);

    public Task<CommandResult> ReleaseAsync(CommandContext context, Id disbursement) => decisions.ReleaseAsync(context, disbursement);

    public Task<CommandResult> PayChunkAsync(Id disbursement, int index, Line[] lines) => decisions.PayChunkAsync(disbursement, index, lines);

    public Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) => decisions.DeliverAsync(context, delivery, chunk, root, line, proof);

    public Task<CommandResult> CompleteAsync(CommandContext? context, Id disbursement) => decisions.CompleteAsync(context, disbursement);

    public Task<CommandResult> CostAsync(CommandContext context, CostRequest cost) => decisions.CostAsync(context, cost);

    public Task<CommandResult> CloseProgramAsync(CommandContext context, Id program) => decisions.CloseProgramAsync(context, program);

    public Task<CommandResult> RechargeAsync(CommandContext context, RechargeRequest recharge) => decisions.RechargeAsync(context, recharge);

    public Task<CommandResult> ReturnAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence) => decisions.ReturnAsync(context, grant, unit, amountMinor, evidence);

    public Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion) => decisions.ConvertAsync(context, conversion);

    public Task<CommandResult> ReconcileAsync(CommandContext context, byte[] announced, Report[] reports) => decisions.ReconcileAsync(context, announced, reports);

    public Task<CommandResult> RecallAsync(Id disbursement, Id[] lines) => decisions.RecallAsync(disbursement, lines);

    public Task<CommandResult> DecideContradictionAsync(CommandContext context, Id contradiction, bool accept, string resolution) => decisions.DecideContradictionAsync(context, contradiction, accept, resolution);

    public Task<CommandResult> DecideExceptionAsync(CommandContext context, Id exception, Id grant, string resolution) => decisions.DecideExceptionAsync(context, exception, grant, resolution);

    public Task<CommandResult> FeeAsync(CommandContext context, Id grant, string budgetLine, Id disbursement, long amountMinor, Hash32 evidence) => decisions.FeeAsync(context, grant, budgetLine, disbursement, amountMinor, evidence);

    public Task<AskResult> AskAsync(byte[] open, byte[] closed, Hash32 closedHash) => decisions.AskAsync(open, closed, closedHash);

    public Task DropAsync(Lease lease, Hash32 transaction, bool isVoid) => decisions.DropAsync(lease, transaction, isVoid);
}

/// <summary>Asks account grains.</summary>
internal sealed class AskedAccountGrains(AccountGrains accounts) : IAskedAccounts
{
    public Task<AskResult> AskAsync(Id account, byte[] open, byte[] closed, Hash32 closedHash) =>
        accounts.Of(account).AskAsync(open, closed, closedHash);

    public Task DropAsync(Lease lease, Hash32 transaction, bool isVoid) =>
        accounts.Of(lease.Account).DropAsync(lease, transaction, isVoid);
}

/// <summary>Pools as account grains.</summary>
internal sealed class PoolAccountGrains(AccountGrains accounts) : IPoolAccounts
{
    public Task<CommandResult> ReleaseAsync(Id pool, CommandContext context, Id disbursement) => accounts.Of(pool).ReleaseAsync(context, disbursement);

    public Task<CommandResult> PayChunkAsync(Id pool, Id disbursement, int index, Line[] lines) => accounts.Of(pool).PayChunkAsync(disbursement, index, lines);

    public Task<CommandResult> DeliverAsync(Id pool, CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) =>
        accounts.Of(pool).DeliverAsync(context, delivery, chunk, root, line, proof);

    public Task<CommandResult> CompleteAsync(Id pool, CommandContext? context, Id disbursement) => accounts.Of(pool).CompleteAsync(context, disbursement);
}
