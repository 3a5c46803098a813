using Humanitarian.Storage.Sqlite;
using Humanitarian.Storage.Tests.Conformance;

namespace Humanitarian.Storage.Tests.Sqlite;

public sealed class SqliteConformanceTests : StorageConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<LedgerStores> OpenAsync()
    {
        var files = await SqliteStorage.OpenAsync(_folder.Path);
        return new LedgerStores(files.Blocks, files.Projections, files.Side, files.Matching, files);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
