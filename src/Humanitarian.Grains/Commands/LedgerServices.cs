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
    /// <summary>
    /// Weight of the tail from which on bulk waits for the projections: long before anybody at a till has to, and before it fills the memory.
    /// </summary>
    public int BulkWaitsFrom { get; init; } = 1_000_000;

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The surroundings of a decision made now.</summary>
    public DecisionScope Scope(CommandContext? context)
    {
        var now = Now;
        var command = context is null || context.Key.Length == 0 ? default(CommandKey?) : CommandOf(context);
        return new DecisionScope(
            Identity.Ledger, Identity.ClaimKey, now, now + (long)ValidFor.TotalMilliseconds, context?.Principal ?? default, command, Random.NextId());
    }

    private CommandKey CommandOf(CommandContext context)
    {
        Span<byte> content = stackalloc byte[Hash32.Size];
        context.Content.CopyTo(content);
        return new CommandKey(Identity.ClaimKey.CommandKey(context.Principal, context.Key), Identity.ClaimKey.CommandContent(content));
    }
}
