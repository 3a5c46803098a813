using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Tests.Conformance;
using Humanitarian.Testing.Postgres;

namespace Humanitarian.Storage.Tests.Postgres;

/// <summary>One server for the tests that do it no harm.</summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

public sealed class PostgresConformanceTests(SharedPostgres shared) : StorageConformance, IClassFixture<SharedPostgres>
{
    private string? _database;

    protected override async Task<ILedgerStores> OpenAsync() =>
        await PostgresStorage.OpenAsync(shared.Server.Connection(_database ??= await shared.Server.CreateDatabaseAsync()));
}
