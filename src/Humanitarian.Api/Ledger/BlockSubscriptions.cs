using System.Runtime.CompilerServices;
using Humanitarian.Api.GraphQL;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Ledger;

/// <summary>The chain as it grows.</summary>
public sealed class BlockSubscriptions(Live live, LedgerReader reader, LedgerQueries queries) : ISubscriptions
{
    private const int Page = 20;

    /// <summary>Every block in order, from the next one on, or from the one after height <paramref name="after"/>.</summary>
    /// <param name="after">Height of the last block seen; INVALID_INPUT when the ledger has not reached it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    public async IAsyncEnumerable<BlockView> Blocks(ulong? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var head = (await reader.CurrentAsync(cancellationToken)).Height;
        Live.RequireReached(after, head);
        var next = (after ?? head) + 1;
        var blocks = live.FollowAsync<BlockView>(
            async token =>
            {
                var page = new List<BlockView>();
                while (page.Count < Page && await queries.Block(next) is { } block)
                {
                    page.Add(block);
                    next++;
                }

                return page;
            },
            cancellationToken: cancellationToken);
        await foreach (var block in blocks)
        {
            yield return block;
        }
    }
}
