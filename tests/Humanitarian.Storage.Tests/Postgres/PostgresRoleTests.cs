using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Side;
using Humanitarian.Testing.Postgres;
using Npgsql;

namespace Humanitarian.Storage.Tests.Postgres;

/// <summary>A ledger as an operator makes it: by the shipped script and the owner's migrations.</summary>
public sealed class BootstrappedLedger : IAsyncLifetime
{
    public const string Name = "relief";

    private PostgresServer? _server;

    public PostgresServer Server => _server!;

    public string As(string role) => Server.Connection(Name, $"{Name}_{role}");

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        var (code, output) = await Server.PsqlAsync("-v", $"ledger={Name}", "-f", Path.Combine(Repository(), "deploy/sql/bootstrap.sql"));
        Assert.True(code == 0, output);
        await PostgresMigrations.ApplyAsync(As("owner"));
        await using var stores = await PostgresStorage.OpenAsync(As("run"), As("match"));
        Assert.Equal(AppendResult.Durable, await stores.Blocks.AppendAsync(new StoredBlock(0, new Hash32(1, 2, 3, 4), Hash32.Zero, new byte[] { 5 })));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Humanitarian.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

public sealed class PostgresRoleTests(BootstrappedLedger ledger) : IClassFixture<BootstrappedLedger>
{
    private const string Denied = PostgresErrorCodes.InsufficientPrivilege;
    private const string Never = PostgresErrorCodes.RestrictViolation;

    [Theory]
    [InlineData("run", "UPDATE blocks SET bytes = ''", Denied)]
    [InlineData("run", "UPDATE blocks SET hash = previous", Denied)]
    [InlineData("run", "DELETE FROM blocks", Denied)]
    [InlineData("run", "TRUNCATE blocks", Denied)]
    [InlineData("run", "DROP TABLE blocks", Denied)]
    [InlineData("run", "ALTER TABLE blocks DISABLE TRIGGER ALL", Denied)]
    [InlineData("run", "CREATE TABLE mine (x integer)", Denied)]
    [InlineData("run", "SET ROLE ledger_redact", Denied)]
    [InlineData("run", "SELECT * FROM matching.persons", Denied)]
    [InlineData("run", "INSERT INTO schema_version VALUES (9000, '', 0)", Denied)]
    [InlineData("read", "INSERT INTO blocks SELECT height + 1, hash, previous, bytes FROM blocks", Denied)]
    [InlineData("read", "DELETE FROM balances", Denied)]
    [InlineData("read", "SELECT * FROM documents", Denied)]
    [InlineData("read", "SELECT * FROM matching.persons", Denied)]
    [InlineData("match", "SELECT * FROM blocks", Denied)]
    [InlineData("match", "SELECT * FROM documents", Denied)]
    [InlineData("match", "UPDATE matching.persons SET account = household", Denied)]
    [InlineData("redact", "SELECT * FROM blocks", Denied)]
    [InlineData("redact", "SET ROLE ledger_redact; UPDATE blocks SET hash = previous", Denied)]
    [InlineData("redact", "SET ROLE ledger_redact; DELETE FROM blocks", Denied)]
    [InlineData("redact", "SET ROLE ledger_redact; INSERT INTO blocks SELECT height + 1, hash, previous, bytes FROM blocks", Denied)]
    [InlineData("owner", "UPDATE blocks SET bytes = ''", Never)]
    [InlineData("owner", "UPDATE blocks SET hash = previous", Never)]
    [InlineData("owner", "DELETE FROM blocks", Never)]
    [InlineData("owner", "TRUNCATE blocks", Never)]
    public async Task What_a_role_is_not_for_is_refused_by_the_server(string role, string sql, string state)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(role, sql));
        Assert.Equal(state, refused.SqlState);
    }

    [Fact]
    public async Task Redaction_replaces_the_bytes_of_a_block_and_nothing_else()
    {
        await RunAsync("redact", "BEGIN; SET ROLE ledger_redact; UPDATE blocks SET bytes = 'redacted' WHERE height = 0; ROLLBACK");
        Assert.Equal("1", Assert.Single(await ledger.Server.RowsAsync("SELECT octet_length(bytes) FROM blocks", BootstrappedLedger.Name)));
    }

    [Fact]
    public async Task The_running_and_the_matching_role_together_serve_a_ledger()
    {
        await using var stores = await PostgresStorage.OpenAsync(ledger.As("run"), ledger.As("match"));
        Assert.NotNull(await stores.Blocks.HeadAsync());
        Assert.True(await stores.Side.PutAsync(new SideDocument("draft", "a", "ngo", 0, "{}")));
        await stores.Matching.AddAsync(new Id(1, 1), [(new Hash32(1, 1, 1, 1), new KnownPerson(new Id(2, 2), new Id(3, 3)))]);
        Assert.Single(await stores.Matching.FindAsync(new Id(1, 1), [new Hash32(1, 1, 1, 1)]));
        await stores.Projections.ResetAsync();
    }

    [Fact]
    public async Task Without_the_matching_role_a_server_does_not_start() =>
        Assert.Equal(StorageFaultCode.Denied, (await Assert.ThrowsAsync<StorageFault>(() => PostgresStorage.OpenAsync(ledger.As("run")))).Code);

    [Fact]
    public async Task The_running_role_cannot_migrate()
    {
        await ledger.Server.SqlAsync("CREATE DATABASE foreign_hands");
        Assert.Equal(
            StorageFaultCode.Denied,
            (await Assert.ThrowsAsync<StorageFault>(() => PostgresMigrations.ApplyAsync(ledger.Server.Connection("foreign_hands", "relief_run")))).Code);
    }

    [Fact]
    public async Task The_reading_role_reads_the_chain_and_can_append_nothing()
    {
        await using var stores = await PostgresStorage.OpenAsync(ledger.As("read"), access: StoreAccess.Read);
        var head = await stores.Blocks.HeadAsync();
        Assert.NotNull(head);
        Assert.NotNull(await stores.Blocks.FindAsync(0));
        await foreach (var _ in stores.Projections.DumpAsync())
        {
        }

        await Assert.ThrowsAsync<StorageFault>(() => stores.Blocks.AppendAsync(new StoredBlock(1, new Hash32(9, 9, 9, 9), head.Value.Hash, new byte[] { 1 })));
    }

    private async Task RunAsync(string role, string sql)
    {
        await using var connection = new NpgsqlConnection(ledger.As(role) + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The text is this test's own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
