using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage;

/// <summary>The open stores of one ledger, whatever backend holds them; disposing closes them after the work that has begun.</summary>
public interface ILedgerStores : IAsyncDisposable
{
    IBlockStore Blocks { get; }

    IProjectionStore Projections { get; }

    ISideStore Side { get; }

    IMatchingStore Matching { get; }
}
