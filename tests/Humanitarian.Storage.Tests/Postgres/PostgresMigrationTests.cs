using Humanitarian.Domain;
using Humanitarian.Storage.Migrations;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Tests.Postgres;

public sealed class PostgresMigrationTests(SharedPostgres shared) : IClassFixture<SharedPostgres>
{
    private static readonly int Newest = MigrationScripts.Of("sql/postgres/").Count;

    [Fact]
    public async Task Of_two_that_migrate_at_once_one_makes_everything_and_the_other_finds_it_made()
    {
        var connection = await EmptyAsync("migrated_twice");
        var made = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => PostgresMigrations.ApplyAsync(connection))));
        Assert.Equal([0, Newest], made.Select(names => names.Count).Order());
        Assert.Empty(await PostgresMigrations.ApplyAsync(connection));
        Assert.Equal($"{Newest}", Assert.Single(await shared.Server.RowsAsync("SELECT count(*) FROM schema_version", "migrated_twice")));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("ff")]
    public async Task Transactions_of_an_older_layout_are_found_by_the_beginning_of_their_hash(string first)
    {
        var (name, hash) = ("older_" + first, Hash32.Parse(first + new string('3', 62)));
        var connection = await EmptyAsync(name);
        await shared.Server.SqlAsync("CREATE TABLE schema_version (version integer PRIMARY KEY, name text NOT NULL, applied bigint NOT NULL)", name);
        foreach (var script in MigrationScripts.Of("sql/postgres/").Take(4))
        {
            await shared.Server.SqlAsync(script.Sql, name);
            await shared.Server.SqlAsync($"INSERT INTO schema_version VALUES ({script.Number}, '{script.Name}', 0)", name);
        }

        await shared.Server.SqlAsync($"INSERT INTO transactions VALUES (decode('{first + new string('3', 62)}', 'hex'), 7, 2)", name);
        Assert.Equal(Newest - 4, (await PostgresMigrations.ApplyAsync(connection)).Count);
        await using var stores = await PostgresStorage.OpenAsync(connection);
        Assert.Equal([new Place(7, 2)], (await stores.Projections.PlacesAsync(hash)).Value);
        Assert.Equal($"transaction {first}33333333333333 7 2", Assert.Single(await stores.Projections.DumpAsync().ToListAsync()));
    }

    [Fact]
    public async Task Database_without_the_layout_is_refused_with_what_to_do()
    {
        var fault = await Assert.ThrowsAsync<StorageFault>(async () => await PostgresStorage.OpenAsync(await EmptyAsync("never_migrated")));
        Assert.Equal(StorageFaultCode.Older, fault.Code);
        Assert.Contains("Run migrate", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreAccess.Read)]
    [InlineData(StoreAccess.Serve)]
    public async Task Layout_of_a_newer_program_is_refused_and_left_alone(StoreAccess access)
    {
        var name = await shared.Server.CreateDatabaseAsync();
        await shared.Server.SqlAsync("INSERT INTO schema_version VALUES (9000, '9000_of_tomorrow.sql', 0)", name);
        var connection = shared.Server.Connection(name);
        Assert.Equal(StorageFaultCode.Newer, (await Assert.ThrowsAsync<StorageFault>(() => PostgresStorage.OpenAsync(connection, access: access))).Code);
        Assert.Equal(StorageFaultCode.Newer, (await Assert.ThrowsAsync<StorageFault>(() => PostgresMigrations.ApplyAsync(connection))).Code);
    }

    [Fact]
    public async Task Database_that_cannot_hold_every_text_is_refused()
    {
        await shared.Server.SqlAsync("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
        var fault = await Assert.ThrowsAsync<StorageFault>(() => PostgresMigrations.ApplyAsync(shared.Server.Connection("ascii")));
        Assert.Equal(StorageFaultCode.Unsafe, fault.Code);
        Assert.Contains("SQL_ASCII", fault.Message, StringComparison.Ordinal);
    }

    private async Task<string> EmptyAsync(string name)
    {
        await shared.Server.SqlAsync($"CREATE DATABASE {name}");
        return shared.Server.Connection(name);
    }
}
