using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>Reports of many batches, read as streams.</summary>
public sealed class LargeReportTests(ApiServer api)
{
    private const string Header = "reference,amount,currency,status,reason\n";

    [Fact]
    public async Task A_report_of_several_batches_and_more_than_64_MiB_is_recorded_whole()
    {
        const int lines = 1_201;
        var job = await new CashJob(api, "cash long").StartAsync(lines, recallAfterSeconds: 86_400);
        var references = await InstructedAsync(job);
        var reason = new string('x', 60_000);
        var report = Header + string.Concat(references.Select((reference, at) => at % 3 == 0 ? $"{reference},0,KES,FAILED,{reason}\n" : $"{reference},25.00,KES,DELIVERED,{reason}\n"));
        Assert.True(report.Length > 64 << 20);

        var answer = await job.SendAsync(report);
        Assert.Equal((lines, "2000000", 0), (answer.GetProperty("lines").GetInt32(), answer.GetProperty("deliveredMinor").GetString(), answer.GetProperty("alreadyRecorded").GetInt32()));
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, answer.GetProperty("reportId").GetString()!));
        await job.UntilAsync("""[{"state":"DELIVERED","lines":"800"},{"state":"FAILED","lines":"401"}]""");
        ApiServer.Refused(Domain.RefusalCode.AlreadyReconciled, await job.ReconcileAsync(job.Aid.Finance, answer.GetProperty("reportId").GetString()!));
        Assert.Equal(lines, (await job.SendAsync(report)).GetProperty("alreadyRecorded").GetInt32());
    }

    [Fact]
    public async Task What_is_wrong_in_any_batch_is_named_by_its_line_and_keeps_the_whole_file_out()
    {
        const int lines = 1_201;
        var job = await new CashJob(api, "cash long bad").StartAsync(lines, recallAfterSeconds: 86_400);
        var references = await InstructedAsync(job);
        string Row(int at) => $"{references[at]},25.00,KES,DELIVERED,\n";
        var good = Header + string.Concat(Enumerable.Range(0, lines).Select(Row));

        // The first line's reference again, three batches later, and a status that is none.
        var bad = await job.SendAsync(good + Row(0) + "nobody,25.00,KES,DELIVERED,\n", HttpStatusCode.UnprocessableEntity);
        Assert.Equal([(1_203, "REFERENCE_REPEATED"), (1_204, "REFERENCE_UNKNOWN")], Errors(bad));

        // A damaged file is refused whole even where good lines are asked for.
        byte[] damaged = [.. Encoding.UTF8.GetBytes(good), 0xff, (byte)'\n'];
        Assert.Equal([(1_203, "FILE_UNREADABLE")], Errors(await job.SendAsync(damaged, HttpStatusCode.UnprocessableEntity, "?onErrors=accept")));
        Assert.Equal($$"""[{"state":"INSTRUCTED","lines":"{{lines}}"}]""", (await job.AskAsync("cashLineCounts(disbursementId: $id) { state lines }")).ToString());
    }

    /// <summary>Takes minutes, so it runs only when it is asked for (<c>-explicit only</c>).</summary>
    [Fact(Explicit = true)]
    public async Task Three_hundred_thousand_lines_are_read_within_256_MB()
    {
        const int lines = 300_000;
        var job = await new CashJob(api, "cash large").StartAsync(lines, recallAfterSeconds: 86_400 * 30);
        var path = Path.Combine(api.Folder, "large-report.csv");
        await File.WriteAllLinesAsync(path, (await InstructedAsync(job)).Select(reference => $"{reference},25.00,KES,DELIVERED,").Prepend(Header.TrimEnd()));

        JsonElement answer = default;
        var sent = await MeasureAsync("read, compared and kept", async () =>
        {
            await using var file = File.OpenRead(path);
            answer = await job.SendAsync(new StreamContent(file));
        });
        Assert.Equal(lines, answer.GetProperty("lines").GetInt32());
        await MeasureAsync("recorded", async () => ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, answer.GetProperty("reportId").GetString()!)));
        Assert.Equal($$"""[{"state":"DELIVERED","lines":"{{lines}}"}]""", (await job.AskAsync("cashLineCounts(disbursementId: $id) { state lines }")).ToString());
        Assert.True(sent <= 256, $"{sent} MiB above idle");
    }

    /// <summary>Does something while another thread watches the memory; answers its peak above the beginning, in MiB.</summary>
    private static async Task<long> MeasureAsync(string what, Func<Task> work)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        var (idle, peak) = (process.WorkingSet64, 0L);
        using var done = new CancellationTokenSource();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var watching = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested && await tick.WaitForNextTickAsync())
            {
                process.Refresh();
                peak = Math.Max(peak, process.WorkingSet64);
            }
        });
        var watch = Stopwatch.StartNew();
        await work();
        await done.CancelAsync();
        await watching;
        var above = (peak - idle) >> 20;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} in {watch.Elapsed.TotalSeconds:F1} s, {above} MiB above idle"));
        return above;
    }

    private static async Task<string[]> InstructedAsync(CashJob job) =>
        [.. Encoding.UTF8.GetString((await job.ExportAsync("OWN")).Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row[..row.IndexOf(',', StringComparison.Ordinal)])];

    private static (int, string)[] Errors(JsonElement answer) =>
        [.. answer.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("line").GetInt32(), error.GetProperty("code").GetString()!))];
}
