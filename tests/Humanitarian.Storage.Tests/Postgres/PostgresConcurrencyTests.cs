using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Tests.Postgres;

/// <summary>Several processes, each with stores of its own, on one ledger.</summary>
public sealed class PostgresConcurrencyTests(SharedPostgres shared) : IClassFixture<SharedPostgres>
{
    private const int Heights = 40;

    [Fact]
    public async Task Of_two_processes_that_write_one_height_exactly_one_wins_and_the_chain_is_one()
    {
        var connection = shared.Server.Connection(await shared.Server.CreateDatabaseAsync());
        await using var one = await PostgresStorage.OpenAsync(connection);
        await using var two = await PostgresStorage.OpenAsync(connection);
        var previous = Hash32.Zero;
        for (var height = 0; height < Heights; height++)
        {
            var rivals = new[] { Block(height, 1, previous), Block(height, 2, previous) };
            var results = await Task.WhenAll(
                Task.Run(() => one.Blocks.AppendAsync(rivals[0])), Task.Run(() => two.Blocks.AppendAsync(rivals[1])));
            Assert.Equal([AppendResult.Durable, AppendResult.Conflict], results.Order());
            previous = rivals[Array.IndexOf(results, AppendResult.Durable)].Hash;
            Assert.Equal(new BlockHead((ulong)height, previous), await one.Blocks.HeadAsync());
            Assert.Equal(new BlockHead((ulong)height, previous), await two.Blocks.HeadAsync());
        }
    }

    [Fact]
    public async Task Two_processes_that_project_the_same_blocks_apply_each_batch_once()
    {
        var connection = shared.Server.Connection(await shared.Server.CreateDatabaseAsync());
        await using var one = await PostgresStorage.OpenAsync(connection);
        await using var two = await PostgresStorage.OpenAsync(connection);
        for (var height = 0; height < Heights; height++)
        {
            var batch = new ProjectionBatch(
                (ulong)height, (ulong)height, [], [new BalanceRow(new Id(1, 1), "USD", Id.None, 1, 0)], [], [], [], [], [], []);
            var results = await Task.WhenAll(
                Task.Run(() => one.Projections.ApplyAsync(batch)), Task.Run(() => two.Projections.ApplyAsync(batch)));
            Assert.Single(results, applied => applied);
        }

        var account = Assert.Single((await one.Projections.AccountsAsync([new Id(1, 1)])).Value);
        Assert.Equal(Heights, Assert.Single(account.Balances).AvailableMinor);
    }

    [Fact]
    public async Task A_command_that_wants_the_ledger_for_itself_waits_for_no_server_and_lets_none_start()
    {
        var connection = shared.Server.Connection(await shared.Server.CreateDatabaseAsync());
        await using (await PostgresStorage.OpenAsync(connection))
        {
            await using var beside = await PostgresStorage.OpenAsync(connection, access: StoreAccess.Read);
            Assert.Null(await beside.Blocks.HeadAsync());
            await RefusedAsync(connection, StoreAccess.Alone);
        }

        await using (await PostgresStorage.OpenAsync(connection, access: StoreAccess.Alone))
        {
            await RefusedAsync(connection, StoreAccess.Serve);
            await RefusedAsync(connection, StoreAccess.Alone);
        }

        await (await PostgresStorage.OpenAsync(connection)).DisposeAsync();
    }

    [Fact]
    public async Task Texts_sort_by_their_bytes_whatever_the_database_sorts_by()
    {
        string[] units = ["B", "a", "z", "ä", "\ue000", "\U0001F600"];
        await shared.Server.SqlAsync("CREATE DATABASE english TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'");
        await PostgresMigrations.ApplyAsync(shared.Server.Connection("english"));
        await using var stores = await PostgresStorage.OpenAsync(shared.Server.Connection("english"));
        await stores.Projections.ApplyAsync(new ProjectionBatch(
            0, 0, [], [.. units.Reverse().Select(unit => new BalanceRow(new Id(1, 1), unit, Id.None, 1, 0))], [], [], [], [], [], []));
        Assert.Equal(units, (await stores.Projections.AccountsAsync([new Id(1, 1)])).Value.Single().Balances.Select(balance => balance.Unit));
    }

    [Fact]
    public async Task A_session_commits_durably_whatever_the_role_is_set_to()
    {
        await shared.Server.SqlAsync("CREATE ROLE hasty LOGIN SUPERUSER");
        await shared.Server.SqlAsync("ALTER ROLE hasty SET synchronous_commit = off");
        await shared.Server.SqlAsync("ALTER ROLE hasty SET statement_timeout = '1s'");
        await using var hasty = new PostgresDatabase(shared.Server.Connection(role: "hasty"), PostgresPool.Blocks, PostgresSession.Durable);
        Assert.Equal(
            [("on", "0")],
            await hasty.ListAsync(
                "SELECT current_setting('synchronous_commit'), current_setting('statement_timeout')", [], row => (row.GetString(0), row.GetString(1)), CancellationToken.None));
    }

    private static async Task RefusedAsync(string connection, StoreAccess access) => Assert.Equal(
        StorageFaultCode.Locked, (await Assert.ThrowsAsync<StorageFault>(() => PostgresStorage.OpenAsync(connection, access: access))).Code);

    private static StoredBlock Block(int height, int writer, Hash32 previous) =>
        new((ulong)height, new Hash32((ulong)height + 1, (ulong)writer, 0, 0), previous, new byte[] { (byte)writer });
}
