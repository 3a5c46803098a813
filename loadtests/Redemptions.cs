using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Spectre.Console;

namespace Humanitarian.LoadTests;

/// <summary>Closed model: so many redemptions are always under way, each by the next beneficiary in turn.</summary>
internal static class Redemptions
{
    private const long AmountMinor = 10;

    public static async Task<int> RunAsync(int accounts, int inFlight, TimeSpan duration, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupLine($"Setting up a program with {accounts:N0} paid beneficiaries...");
        await using var ledger = await LoadedLedger.StartAsync(accounts);
        await LoadAsync(ledger, accounts, inFlight, duration / 10, "warm-up", cancellationToken);
        var bytesBefore = ledger.BytesOnDisk();
        var measured = await LoadAsync(ledger, accounts, inFlight, duration, "measured", cancellationToken);
        var redeemed = (await ledger.Reader.BookAsync(ledger.Vendor, cancellationToken)).Available("KES");
        var watch = Stopwatch.StartNew();
        var report = await ledger.VerifyAsync();
        var expected = (measured.Done + measured.WarmUp) * AmountMinor;
        var table = new Table().AddColumns("what", "result");
        table.AddRow("redemptions a second, durable (full sync), signed blocks", (measured.Done / measured.Elapsed.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("service time p50 / p99 / p99.9, ms", string.Join(" / ", new[] { 50d, 99, 99.9 }.Select(p =>
            (measured.Latencies.GetValueAtPercentile(p) / 1000d).ToString("N1", CultureInfo.InvariantCulture))));
        table.AddRow("refusals", measured.Refused.ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("bytes on disk a redemption", ((ledger.BytesOnDisk() - bytesBefore) / Math.Max(1, measured.Done)).ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("verify, transactions a second", (report.Transactions / watch.Elapsed.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("verified, money counted", report.Ok && redeemed == expected ? "yes" : $"NO: {report.Failure?.Message} {redeemed} of {expected}");
        AnsiConsole.Write(table);
        return report.Ok && redeemed == expected ? 0 : 1;
    }

    private static long total;

    private static async Task<Result> LoadAsync(
        LoadedLedger ledger, int accounts, int inFlight, TimeSpan duration, string name, CancellationToken cancellationToken)
    {
        var latencies = new LongConcurrentHistogram(1, 60_000_000, 3);
        long next = 0, done = 0, refused = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(WorkAsync, cancellationToken)));
        var elapsed = watch.Elapsed;
        var before = total;
        total += done;
        return new Result(done, before, refused, elapsed, latencies);

        async Task WorkAsync()
        {
            while (watch.Elapsed < duration)
            {
                var turn = Interlocked.Increment(ref next);
                var started = Stopwatch.GetTimestamp();
                var result = await ledger.Commands.RedeemAsync(
                    LoadedLedger.Context(ledger.Till, $"{name} {turn}"),
                    new RedemptionRequest(ledger.Program, LoadedLedger.Beneficiary((int)(turn % accounts)), ledger.Vendor, AmountMinor, ["food"], Hash32.FromSpan(new byte[32].AsSpan()) with { A = 1 }));
                latencies.RecordValue(Math.Max(1, (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds));
                Interlocked.Increment(ref result.Refusal is null ? ref done : ref refused);
            }
        }
    }

    private sealed record Result(long Done, long WarmUp, long Refused, TimeSpan Elapsed, HistogramBase Latencies);
}
