using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Projections;
using Humanitarian.Testing.Postgres;
using Npgsql;

namespace Humanitarian.Storage.Tests.Postgres;

/// <summary>A server that is cut off, killed or wrongly set up.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private string? _connection;

    private PostgresServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _connection = Server.Connection(await Server.CreateDatabaseAsync());
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData(Cut.BeforeRequest)]
    [InlineData(Cut.BeforeAnswer)]
    public async Task Insert_whose_connection_is_cut_is_unknown_and_its_repetition_settles_it(Cut cut)
    {
        await using var proxy = new CuttingProxy(Server.Port);
        await using var stores = await PostgresStorage.OpenAsync(Through(proxy));
        Assert.Equal(AppendResult.Durable, await stores.Blocks.AppendAsync(Block(0)));
        for (var height = 1; height < 10; height++)
        {
            proxy.CutNext(cut);
            var fault = await Assert.ThrowsAsync<StorageFault>(() => stores.Blocks.AppendAsync(Block(height)));
            Assert.Equal(StorageFaultCode.Unreachable, fault.Code);
            Assert.Equal(height, proxy.Cuts);
            Assert.Equal(AppendResult.Durable, await stores.Blocks.AppendAsync(Block(height)));
            Assert.Equal(new BlockHead((ulong)height, Block(height).Hash), await stores.Blocks.HeadAsync());
        }
    }

    [Fact]
    public async Task Batch_whose_connection_is_cut_is_applied_whole_or_not_at_all()
    {
        await using var proxy = new CuttingProxy(Server.Port);
        await using var stores = await PostgresStorage.OpenAsync(Through(proxy));
        var applied = 0;
        for (var height = 0; height < 10; height++)
        {
            var batch = new ProjectionBatch(
                (ulong)height, (ulong)height, [], [new BalanceRow(new Id(1, 1), "USD", Id.None, 1, 0)], [], [], [], [], [new FlowRow(new Id(2, 2), 1, 1)], []);
            proxy.CutNext(height % 2 == 0 ? Cut.BeforeRequest : Cut.BeforeAnswer);
            await Assert.ThrowsAsync<StorageFault>(() => stores.Projections.ApplyAsync(batch));
            applied += await stores.Projections.ApplyAsync(batch) ? 1 : 0;
            var balance = Assert.Single((await stores.Projections.AccountsAsync([new Id(1, 1)])).Value).Balances.Single();
            Assert.Equal((height + 1, height + 1), (balance.AvailableMinor, (await stores.Projections.FlowsAsync([new Id(2, 2)])).Value.Single().AmountMinor));
        }

        Assert.True(applied > 0);
    }

    [Fact]
    public async Task What_was_durable_before_the_server_was_killed_is_there_afterwards_and_the_unknown_resolves()
    {
        await using var stores = await PostgresStorage.OpenAsync(_connection!);
        var next = 0;
        for (var kill = 0; kill < 3; kill++)
        {
            var writing = Task.Run(async () =>
            {
                while (await stores.Blocks.AppendAsync(Block(next)) == AppendResult.Durable)
                {
                    next++;
                }
            });
            var from = next;
            while (Volatile.Read(ref next) < from + 20 && !writing.IsCompleted)
            {
                await stores.Blocks.HeadAsync();
            }

            await Server.KillAsync();
            Assert.Equal(StorageFaultCode.Unreachable, (await Assert.ThrowsAsync<StorageFault>(() => writing)).Code);
            Assert.Equal(StorageFaultCode.Unreachable, (await Assert.ThrowsAsync<StorageFault>(() => stores.Blocks.HeadAsync())).Code);
            await Server.StartAgainAsync();

            Assert.True((await stores.Blocks.HeadAsync())!.Value.Height + 1 >= (ulong)next);
            Assert.Equal(AppendResult.Durable, await stores.Blocks.AppendAsync(Block(next)));
            Assert.Equal(new BlockHead((ulong)next, Block(next).Hash), await stores.Blocks.HeadAsync());
            next++;
        }
    }

    [Fact]
    public async Task Commit_whose_wait_for_the_standby_is_broken_off_is_in_doubt_until_a_later_one_is_confirmed()
    {
        await using var stores = await PostgresStorage.OpenAsync(_connection!);
        await StandbysAsync("nobody");
        var insert = stores.Blocks.AppendAsync(Block(0));
        await CancelWaitAsync();
        Assert.Equal(StorageFaultCode.Unreachable, (await Assert.ThrowsAsync<StorageFault>(() => insert)).Code);

        // The block can be seen now, though no standby has it. Its repetition waits too.
        Assert.NotNull(await stores.Blocks.HeadAsync());
        var again = stores.Blocks.AppendAsync(Block(0));
        await CancelWaitAsync();
        Assert.Equal(StorageFaultCode.Unreachable, (await Assert.ThrowsAsync<StorageFault>(() => again)).Code);

        await StandbysAsync("");
        Assert.Equal(AppendResult.Durable, await stores.Blocks.AppendAsync(Block(0)));
    }

    [Fact]
    public async Task Server_that_a_loss_of_power_can_tear_is_refused()
    {
        await Server.SqlAsync("ALTER SYSTEM SET full_page_writes = off");
        await ReloadAsync("SELECT current_setting('full_page_writes')", "off");
        Assert.Equal(StorageFaultCode.Unsafe, (await Assert.ThrowsAsync<StorageFault>(() => PostgresStorage.OpenAsync(_connection!))).Code);
    }

    [Fact]
    public async Task Faults_say_what_is_wrong_and_never_the_password()
    {
        const string Secret = "not-the-password";
        await Server.SqlAsync("CREATE ROLE locked LOGIN PASSWORD 'the-password' IN ROLE guarded");
        var locked = new NpgsqlConnectionStringBuilder(_connection) { Username = "locked" };
        await AssertFaultAsync(StorageFaultCode.Denied, "password", locked.ConnectionString);
        locked.Password = Secret;
        var fault = await AssertFaultAsync(StorageFaultCode.Denied, "locked", locked.ConnectionString);
        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
        await AssertFaultAsync(StorageFaultCode.Missing, "no such database", Server.Connection("nowhere"));
        await Server.StopAsync();
        await AssertFaultAsync(StorageFaultCode.Unreachable, "no server answers", _connection!);
        await Server.StartAgainAsync();
    }

    [Theory]
    [InlineData("53100", StorageFaultCode.Full)]
    [InlineData("58030", StorageFaultCode.Full)]
    [InlineData("XX001", StorageFaultCode.Corrupt)]
    [InlineData("25006", StorageFaultCode.Unreachable)]
    [InlineData("53300", StorageFaultCode.Unreachable)]
    [InlineData("57P01", StorageFaultCode.Unreachable)]
    [InlineData("42501", StorageFaultCode.Denied)]
    [InlineData("42P01", StorageFaultCode.Older)]
    public async Task Errors_of_the_server_are_the_faults_an_operator_acts_on(string state, string code)
    {
        await using var database = new PostgresDatabase(_connection!, PostgresPool.Side, PostgresSession.Durable);
        var fault = await Assert.ThrowsAsync<StorageFault>(() => database.WriteAsync(
            $"DO $$ BEGIN RAISE EXCEPTION 'made for a test' USING ERRCODE = '{state}'; END $$", [], CancellationToken.None));
        Assert.Equal((code, true), (fault.Code, fault.OfServer));
    }

    private static async Task<StorageFault> AssertFaultAsync(string code, string text, string connection)
    {
        var fault = await Assert.ThrowsAsync<StorageFault>(() => PostgresStorage.OpenAsync(connection));
        Assert.Equal(code, fault.Code);
        Assert.Contains(text, fault.Message, StringComparison.Ordinal);
        return fault;
    }

    private static StoredBlock Block(int height) => new(
        (ulong)height, new Hash32((ulong)height + 1, 0, 0, 0), height == 0 ? Hash32.Zero : new Hash32((ulong)height, 0, 0, 0), new byte[] { 1, 2, 3 });

    private string Through(CuttingProxy proxy) => new NpgsqlConnectionStringBuilder(_connection) { Port = proxy.Port }.ConnectionString;

    private async Task StandbysAsync(string names)
    {
        await Server.SqlAsync($"ALTER SYSTEM SET synchronous_standby_names = '{names}'");
        await ReloadAsync("SELECT current_setting('synchronous_standby_names')", names);
    }

    /// <summary>Each new session sees the settings as they are then.</summary>
    private async Task ReloadAsync(string setting, string expected)
    {
        await Server.SqlAsync("SELECT pg_reload_conf()");
        await UntilAsync(async () => (await Server.RowsAsync(setting)).Single() == expected);
    }

    private async Task CancelWaitAsync()
    {
        await UntilAsync(async () => (await Server.RowsAsync("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).Count == 1);
        await Server.RowsAsync("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await reached())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
