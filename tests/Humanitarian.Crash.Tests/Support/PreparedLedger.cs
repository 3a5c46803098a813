using Humanitarian.Crash.Tests.Support;

[assembly: AssemblyFixture(typeof(PreparedLedger))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Humanitarian.Crash.Tests.Support;

/// <summary>A ledger with a voucher program, made once and stopped: each test works on a copy of its data.</summary>
public sealed class PreparedLedger : IAsyncLifetime
{
    private static readonly WorldSize Size = new(Shoppers: 300, Awaiting: 1_000, BulkSlices: 6, BulkRows: 600);

    private readonly TemporaryFolder folder = new();

    internal LedgerFolders Folders => LedgerFolders.In(folder.Path);

    internal VoucherWorld World { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await using var server = ServerProcess.Serve(Folders);
        var (url, _) = await server.ReadyAsync();
        World = await WorldSetup.RunAsync(url, server.Text, Size);
        Assert.Equal(0, await server.TerminateAsync());
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
