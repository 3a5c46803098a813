using BenchmarkDotNet.Attributes;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Benchmarks;

/// <summary>What projections cost behind the log: summing blocks up, and applying a batch to SQLite in one database transaction.</summary>
[MemoryDiagnoser]
public class ProjectionBenchmarks
{
    private const int TransfersInBatch = 10_000;
    private readonly Samples samples = new();
    private string folder = "";
    private SqliteLedgerFiles files = null!;
    private FollowedBlock block = null!;
    private ProjectionBatch next = null!;
    private ulong height;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        folder = Directory.CreateTempSubdirectory("humanitarian-benchmark-").FullName;
        files = await SqliteStorage.OpenAsync(folder);
        block = samples.Block(0, 0, TransfersInBatch);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await files.DisposeAsync();
        Directory.Delete(folder, true);
    }

    /// <summary>Every batch has new entries and new transactions, as on a ledger that goes on.</summary>
    [IterationSetup(Target = nameof(Apply10000TransfersAsync))]
    public void NextBatch()
    {
        var builder = new ProjectionBuilder();
        builder.Add(samples.Block(height, (int)height * TransfersInBatch, TransfersInBatch));
        next = builder.Build()!;
        height++;
    }

    [Benchmark]
    public object? Build10000Transfers()
    {
        var builder = new ProjectionBuilder();
        builder.Add(block);
        return builder.Build();
    }

    [Benchmark]
    public async Task Apply10000TransfersAsync()
    {
        if (!await files.Projections.ApplyAsync(next))
        {
            throw new InvalidOperationException("The batch did not fit.");
        }
    }
}
