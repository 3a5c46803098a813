using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Accounts;

/// <summary>An account: decides everything that debits it. Its key is the account's id.</summary>
[Alias("IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    [Alias("Redeem")]
    Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption);

    [Alias("Transfer")]
    Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payee, long amountMinor);

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

    /// <summary>On a pool: draws the budget of an approved disbursement.</summary>
    [Alias("Release")]
    Task<CommandResult> ReleaseAsync(CommandContext context, Id disbursement);

    /// <summary>On a pool: credits a chunk; lines that the ledger refuses are marked unpaid and the chunk is issued again.</summary>
    [Alias("PayChunk")]
    Task<CommandResult> PayChunkAsync(Id disbursement, int index, Line[] lines);

    /// <summary>On a pool: a field agent's delivery of one line of a chunk.</summary>
    [Alias("Deliver")]
    Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof);

    /// <summary>On a pool: ends a disbursement; by the ledger itself when the context is null and the lot has expired.</summary>
    [Alias("Complete")]
    Task<CommandResult> CompleteAsync(CommandContext? context, Id disbursement);

    /// <summary>On a pool: charges a cost to a grant.</summary>
    [Alias("Cost")]
    Task<CommandResult> CostAsync(CommandContext context, Id grant, string budgetLine, long amountMinor, Hash32 evidence);

    /// <summary>On a pool or a return queue: returns money to the donor.</summary>
    [Alias("Return")]
    Task<CommandResult> ReturnAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence);

    /// <summary>On a pool: a grant's money passes into the program's currency.</summary>
    [Alias("Convert")]
    Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion);

    /// <summary>Checks and reserves this account's part of a transaction that another account decided.</summary>
    [Alias("Ask")]
    Task<AskResult> AskAsync(byte[] open, byte[] closed, Hash32 closedHash);

    /// <summary>Gives the reservation of a refused transaction back.</summary>
    [Alias("Drop")]
    Task DropAsync(Hash32 transaction);
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

    public Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption) => decisions.RedeemAsync(context, redemption);

    public Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payee, long amountMinor) => decisions.TransferAsync(context, program, payee, amountMinor);

    public Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id hold, long amountMinor, long until) => decisions.RequestSettlementAsync(context, program, hold, amountMinor, until);

    public Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id hold, long amountMinor, Hash32 evidence) => decisions.ApproveSettlementAsync(context, hold, amountMinor, evidence);

    public Task<CommandResult> EndHoldAsync(CommandContext? context, Id hold) => decisions.EndHoldAsync(context, hold);

    public Task<CommandResult> SetStatusAsync(CommandContext context, AccountStatus status) => decisions.SetStatusAsync(context, status);

    public Task<CommandResult> ReleaseAsync(CommandContext context, Id disbursement) => decisions.ReleaseAsync(context, disbursement);

    public Task<CommandResult> PayChunkAsync(Id disbursement, int index, Line[] lines) => decisions.PayChunkAsync(disbursement, index, lines);

    public Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) => decisions.DeliverAsync(context, delivery, chunk, root, line, proof);

    public Task<CommandResult> CompleteAsync(CommandContext? context, Id disbursement) => decisions.CompleteAsync(context, disbursement);

    public Task<CommandResult> CostAsync(CommandContext context, Id grant, string budgetLine, long amountMinor, Hash32 evidence) => decisions.CostAsync(context, grant, budgetLine, amountMinor, evidence);

    public Task<CommandResult> ReturnAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence) => decisions.ReturnAsync(context, grant, unit, amountMinor, evidence);

    public Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion) => decisions.ConvertAsync(context, conversion);

    public Task<AskResult> AskAsync(byte[] open, byte[] closed, Hash32 closedHash) => decisions.AskAsync(open, closed, closedHash);

    public Task DropAsync(Hash32 transaction) => decisions.DropAsync(transaction);
}

/// <summary>Asks account grains.</summary>
internal sealed class AskedAccountGrains(IGrainFactory grains) : IAskedAccounts
{
    public Task<AskResult> AskAsync(Id account, byte[] open, byte[] closed, Hash32 closedHash) =>
        grains.GetGrain<IAccountGrain>(account.ToString()).AskAsync(open, closed, closedHash);

    public Task DropAsync(Id account, Hash32 transaction) => grains.GetGrain<IAccountGrain>(account.ToString()).DropAsync(transaction);
}

/// <summary>Pools as account grains.</summary>
internal sealed class PoolAccountGrains(IGrainFactory grains) : IPoolAccounts
{
    public Task<CommandResult> ReleaseAsync(Id pool, CommandContext context, Id disbursement) => Pool(pool).ReleaseAsync(context, disbursement);

    public Task<CommandResult> PayChunkAsync(Id pool, Id disbursement, int index, Line[] lines) => Pool(pool).PayChunkAsync(disbursement, index, lines);

    public Task<CommandResult> DeliverAsync(Id pool, CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) =>
        Pool(pool).DeliverAsync(context, delivery, chunk, root, line, proof);

    public Task<CommandResult> CompleteAsync(Id pool, CommandContext? context, Id disbursement) => Pool(pool).CompleteAsync(context, disbursement);

    private IAccountGrain Pool(Id pool) => grains.GetGrain<IAccountGrain>(pool.ToString());
}
