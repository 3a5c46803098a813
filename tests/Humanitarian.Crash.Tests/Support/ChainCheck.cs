using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>What stands on a chain, read from the blocks alone.</summary>
/// <param name="Times">How often each transaction's hash stands there.</param>
internal sealed record ChainContent(ulong Height, IReadOnlyDictionary<string, int> Times, IReadOnlyDictionary<TransactionKind, int> Kinds)
{
    public static async Task<ChainContent> ReadAsync(LedgerFolders folders)
    {
        await using var blocks = await SqliteBlockStore.OpenToReadAsync(folders.Data);
        return await ReadAsync(blocks);
    }

    public static async Task<ChainContent> ReadAsync(IBlockStore blocks)
    {
        var (height, times, kinds) = (0UL, new Dictionary<string, int>(), new Dictionary<TransactionKind, int>());
        await foreach (var stored in blocks.ReadAsync(0))
        {
            height = stored.Height;
            foreach (var ordered in BlockCodec.Decode(stored.Bytes.Span).Transactions)
            {
                var (hash, kind) = (ordered.Transaction.Hash().ToString(), TransactionCodec.Decode(ordered.Transaction).Kind);
                times[hash] = times.GetValueOrDefault(hash) + 1;
                kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            }
        }

        return new ChainContent(height, times, kinds);
    }

    public int Of(TransactionKind kind) => Kinds.GetValueOrDefault(kind);

    /// <summary>Here stands what was done since an earlier state of the chain, once, and nothing else.</summary>
    public void RequireOnce(ChainContent before, Load load)
    {
        RequireAcknowledged(load.Issued);
        foreach (var kind in new[] { TransactionKind.Redemption, TransactionKind.Delivery, TransactionKind.SettlementRequest, TransactionKind.Settlement, TransactionKind.DisbursementRelease })
        {
            var done = load.Issued.Count(command => command.Kind == kind && command.Known.Fate == Fate.Done);
            Assert.True(Of(kind) - before.Of(kind) == done, $"{kind}: {Of(kind) - before.Of(kind)} on the chain, {done} done");
        }
    }

    /// <summary>Every command that was acknowledged stands here once.</summary>
    public void RequireAcknowledged(IEnumerable<Command> commands) => Assert.Empty(commands
        .Where(command => command.Known is { Fate: Fate.Done, Hash: not null } && Times.GetValueOrDefault(command.Known.Hash) != 1)
        .Select(command => $"{command}: {command.Known.Hash} stands {Times.GetValueOrDefault(command.Known.Hash!)} times on the chain"));
}
