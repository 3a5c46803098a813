using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage.Tests.Conformance;

/// <summary>
/// What every storage backend keeps to, written against the contracts alone: each promise of their comments has a test here. A
/// backend derives from this class and says how its stores are opened.
/// </summary>
public abstract partial class StorageConformance : IAsyncLifetime
{
    private ILedgerStores? _stores;

    protected IBlockStore Blocks => _stores!.Blocks;

    protected IProjectionStore Projections => _stores!.Projections;

    protected ISideStore Side => _stores!.Side;

    protected IMatchingStore Matching => _stores!.Matching;

    /// <summary>Opens the stores of this test's own ledger, which is empty at the first call.</summary>
    protected abstract Task<ILedgerStores> OpenAsync();

    public async ValueTask InitializeAsync() => _stores = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await _stores!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the ledger and opens it again.</summary>
    protected async Task ReopenAsync()
    {
        await _stores!.DisposeAsync();
        _stores = await OpenAsync();
    }

    protected static Id IdOf(int number) => new((ulong)number, 7);

    protected static Claim ClaimOf(int number) => new((ulong)number, 9);

    protected static Hash32 HashOf(int number) => new((ulong)number, 1, 2, 3);

    protected static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
