using System.Diagnostics;
using System.Globalization;
using System.Text;
using Humanitarian.Api.Lists;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Lists;

public sealed class LargeListTests(ApiServer api)
{
    private const int Rows = 1_500_000;
    private const long MemoryMax = 512L * 1024 * 1024;

    /// <summary>Takes minutes, so it runs only when it is asked for (<c>-explicit only</c>).</summary>
    [Fact(Explicit = true)]
    public async Task A_million_and_a_half_rows_stay_within_512_MB()
    {
        using var process = Process.GetCurrentProcess();
        var idle = process.WorkingSet64;
        long peak = 0;
        var row = Array.Empty<byte>();
        long start = 0;
        var next = -1;
        using var file = new TrickleStream(
            position =>
            {
                if (position == start + row.Length)
                {
                    if (next % 10_000 == 0)
                    {
                        process.Refresh();
                        peak = Math.Max(peak, process.WorkingSet64);
                    }

                    start = position;
                    row = next == Rows ? [] : Encoding.UTF8.GetBytes(Row(next++));
                }

                return row.Length == 0 ? null : row[(int)(position - start)];
            },
            64 * 1024);
        var watch = Stopwatch.StartNew();
        var import = await api.Services.GetRequiredService<ListImports>().ImportAsync(
            file, new ListRequest(Founding.IdOf("large"), Founding.IdOf("registrar"), new("KES", 2, null), null, null, null, false));
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{import.Head!.Rows} rows in {watch.Elapsed.TotalSeconds:F1} s, {(peak - idle) >> 20} MiB above idle"));
        Assert.Equal(Rows, import.Head!.Rows);
        Assert.True(peak - idle <= MemoryMax, $"{(peak - idle) >> 20} MiB above idle");
    }

    private static string Row(int number) =>
        number < 0 ? "household_id,size,amount,phone,national_id\n" : $"large-{number},4,25.00,+2549{number:D7}1,XX{number:D7}\n";
}
