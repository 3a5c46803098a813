using Humanitarian.Storage.Sqlite;
using Humanitarian.Storage.Tests.Conformance;

namespace Humanitarian.Storage.Tests.Sqlite;

public sealed class SqliteConformanceTests : StorageConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<ILedgerStores> OpenAsync() => await SqliteStorage.OpenAsync(_folder.Path);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
