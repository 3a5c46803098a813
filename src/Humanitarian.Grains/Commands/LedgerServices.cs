using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>What every decision on a silo works with.</summary>
/// <param name="ValidFor">How long after its decision a transaction may still be ordered.</param>
public sealed record LedgerServices(
    LedgerIdentity Identity, LedgerReader Reader, ISequencerGateway Gateway, IAskedAccounts Asked, TimeProvider Time, IRandomSource Random, TimeSpan ValidFor)
{
    // Less than a call may take.
    private static readonly TimeSpan LongestBulkWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BulkAsksAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Weight of the tail from which on bulk waits for the projections, long before anybody at a till is told BUSY.</summary>
    public int BulkWaitsFrom { get; init; } = int.MaxValue;

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The surroundings of a decision made now.</summary>
    public DecisionScope Scope(CommandContext? context)
    {
        var now = Now;
        var command = context is null || context.Key.Length == 0 ? default(CommandKey?) : CommandOf(context);
        return new DecisionScope(
            Identity.Ledger, Identity.ClaimKey, now, now + (long)ValidFor.TotalMilliseconds, context?.Principal ?? default, command, Random.NextId());
    }

    /// <summary>
    /// Lets bulk go on once the projections are not far behind; BUSY when they do not come nearer. Asked before leases and all that grows
    /// old are taken.
    /// </summary>
    public async Task<Refusal?> BulkTurnAsync()
    {
        for (var began = Time.GetTimestamp(); Reader.Follower.Tail.Weight > BulkWaitsFrom;)
        {
            if (Time.GetElapsedTime(began) > LongestBulkWait)
            {
                return new Refusal(RefusalCode.Busy, "The ledger is busy; ask again in a second.");
            }

            await Task.Delay(BulkAsksAgainAfter, Time);
        }

        return null;
    }

    private CommandKey CommandOf(CommandContext context)
    {
        Span<byte> content = stackalloc byte[Hash32.Size];
        context.Content.CopyTo(content);
        return new CommandKey(Identity.ClaimKey.CommandKey(context.Principal, context.Key), Identity.ClaimKey.CommandContent(content));
    }
}
