using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Grains.Accounts;

/// <summary>The way to the accounts of program pools, which alone debit their budgets: grains in production.</summary>
internal interface IPoolAccounts
{
    Task<CommandResult> ReleaseAsync(Id pool, CommandContext context, Id disbursement);

    Task<CommandResult> PayChunkAsync(Id pool, Id disbursement, int index, Line[] lines);

    Task<CommandResult> DeliverAsync(Id pool, CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof);

    Task<CommandResult> CompleteAsync(Id pool, CommandContext? context, Id disbursement);
}
