using System.Diagnostics;
using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>What reading a large list takes of the process, in which therefore nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(ListMemoryTests), DisableParallelization = true)]
[Collection(nameof(ListMemoryTests))]
public sealed class ListMemoryTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Soak")]
    public async Task List_of_a_million_and_a_half_is_read_within_512_MB()
    {
        const int households = 1_500_000;
        string path = Path.GetTempFileName();
        try
        {
            await using (FileStream file = File.Create(path))
                await ListGenerator.WriteAsync(file, new() { Households = households });
            GC.Collect();
            using Process process = Process.GetCurrentProcess();
            long idle = process.WorkingSet64, peak = idle, rows = 0;
            var clock = Stopwatch.StartNew();
            await using FileStream stream = File.OpenRead(path);
            ListSummary summary = await ListReader.ReadAsync(stream, ListFiles.Options, _ =>
            {
                if (++rows % 10_000 == 0)
                {
                    process.Refresh();
                    peak = Math.Max(peak, process.WorkingSet64);
                }

                return ValueTask.CompletedTask;
            });
            output.WriteLine($"{rows / clock.Elapsed.TotalSeconds:N0} rows/s, {(peak - idle) >> 20} MB above idle, {stream.Length >> 20} MB file");
            Assert.Equal((households, 0L), ((int)summary.RowsGood, summary.RowsRefused));
            Assert.InRange(peak - idle, 0, 512L << 20);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
