using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;
using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>
/// A ledger's PostgreSQL database. Several processes may serve it; which block is the next is decided by the conditional insert, how
/// far projections have come by the conditional height.
/// </summary>
public static class PostgresStorage
{
    /// <summary>Opens a ledger's database, which has been migrated.</summary>
    /// <param name="connection">Connection string of the running role.</param>
    /// <param name="matching">Connection string of the matching role; null where the running role is a member of it.</param>
    /// <param name="access">What for.</param>
    /// <param name="cancellationToken">Gives up; what is open is closed again.</param>
    /// <exception cref="StorageFault">Any of <see cref="StorageFaultCode"/>.</exception>
    public static async Task<PostgresLedgerStores> OpenAsync(
        string connection, string? matching = null, StoreAccess access = StoreAccess.Serve, CancellationToken cancellationToken = default)
    {
        var stores = new PostgresLedgerStores(connection, matching ?? connection, access);
        try
        {
            await stores.BeginAsync(cancellationToken);
            return stores;
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }
}

/// <summary>The open stores of a ledger's database.</summary>
public sealed class PostgresLedgerStores : ILedgerStores
{
    private readonly StoreAccess _access;
    private readonly PostgresDatabase _blocks;
    private readonly PostgresDatabase _projections;
    private readonly PostgresDatabase _side;
    private readonly PostgresDatabase _matching;
    private NpgsqlConnection? _alone;

    internal PostgresLedgerStores(string connection, string matching, StoreAccess access)
    {
        _access = access;
        var (durable, derived) = access == StoreAccess.Read ? (PostgresSession.ReadOnly, PostgresSession.ReadOnly) : (PostgresSession.Durable, PostgresSession.Derived);
        _blocks = new PostgresDatabase(connection, PostgresPool.Blocks, durable, access == StoreAccess.Serve ? PostgresSession.ServeAsync : null);
        _projections = new PostgresDatabase(connection, PostgresPool.Projections, derived);
        _side = new PostgresDatabase(connection, PostgresPool.Side, durable);
        _matching = new PostgresDatabase(matching, PostgresPool.Matching, durable);
        (Blocks, Projections) = (new PostgresBlockStore(_blocks), new PostgresProjectionStore(_projections));
        (Side, Matching) = (new PostgresSideStore(_side), new PostgresMatchingStore(_matching));
    }

    public IBlockStore Blocks { get; }

    public IProjectionStore Projections { get; }

    public ISideStore Side { get; }

    public IMatchingStore Matching { get; }

    /// <summary>Closes every connection after the work that has begun.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_alone is not null)
        {
            await _alone.DisposeAsync();
        }

        await _blocks.DisposeAsync();
        await _projections.DisposeAsync();
        await _side.DisposeAsync();
        await _matching.DisposeAsync();
    }

    /// <summary>Finds out at once whatever would fail later.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken)
    {
        await PostgresMigrations.CheckAsync(_blocks, cancellationToken);
        if (_access == StoreAccess.Read)
        {
            return;
        }

        await _blocks.UseAsync(
            async connection =>
            {
                await PostgresSession.RequireDurableAsync(connection, _blocks.Place);
                return true;
            },
            cancellationToken);
        if (_access == StoreAccess.Alone)
        {
            _alone = await _blocks.TakeAsync(cancellationToken);
            await PostgresSession.ExcludeAsync(_alone, _blocks.Place);
        }

        await _matching.WriteAsync("SELECT FROM matching.persons LIMIT 0", [], cancellationToken);
    }
}
