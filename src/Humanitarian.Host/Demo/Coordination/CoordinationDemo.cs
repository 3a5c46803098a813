using System.Diagnostics;
using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Commands;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>The coordination day: a server in this process, its clients over HTTP and WebSocket, and the verification of what they left.</summary>
internal static class CoordinationDemo
{
    /// <summary>Households when nothing else is asked for.</summary>
    public const int Households = 5_000;

    /// <summary>With fewer, too few stand on two lists for a day.</summary>
    public const int HouseholdsMin = 250;

    /// <summary>Most households: the lists are kept in memory.</summary>
    public const int HouseholdsMax = 100_000;

    /// <summary>The file with the published activity, in the data folder.</summary>
    public const string IatiFile = "iati.xml";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>True when the chain verifies and both donors' money adds up to the cent.</summary>
    public static async Task<bool> RunAsync(int households, string folder, bool asJson, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (settings, configuration) = DemoCommand.SettingsFor(folder);
        console.MarkupLineInterpolated($"[bold]A day of coordination[/] with {households:N0} households.");
        var (ledger, day) = await DemoCommand.ScriptAsync(
            settings, configuration,
            (client, administrator, stopping) =>
                new CoordinationDay(client, administrator, new DayLists(households), console, TimeProvider.System, new SystemRandomSource()).RunAsync(stopping),
            cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, IatiFile), day.Iati, cancellationToken);
        foreach (var donor in day.Donors)
        {
            var programs = donor with { Children = [.. donor.Children.Select(program => program with { Children = [] })] };
            console.Write(programs.ToTree(amount => Currencies.Text(amount, DayLists.Currency, DayLists.Exponent)));
        }

        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
        var verified = await LedgerVerification.OfStoresAsync(
            stores, new VerificationOptions { ClaimKey = ledger.Keys.Claim, GenesisHash = ledger.Genesis }, null, cancellationToken);
        string[] broken = [.. day.Donors.Concat(day.Told).SelectMany(Broken)];
        foreach (var identity in broken)
        {
            await Console.Error.WriteLineAsync($"does not hold: {identity}");
        }

        console.WriteLine();
        console.WriteLine(VerifyCommand.Text(verified));
        console.MarkupLineInterpolated($"The data lies in [bold]{folder}[/], its keys in {settings.Keys.Folder}, the published activity in {IatiFile} beside the data.");
        var sound = verified.Ok && broken.Length == 0;
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(FiguresOf(day, verified, sound, Stopwatch.GetElapsedTime(started), folder), Format));
        }

        return sound;
    }

    /// <summary>What a donor gave is where the trace says it is, to the minor unit.</summary>
    private static IEnumerable<string> Broken(Trace trace) =>
        trace.Donated == checked(trace.Unspent + trace.Disbursed - trace.Expired + trace.Instructed + trace.Delivered + trace.Costs + trace.Fees + trace.Returned)
            ? trace.Broken()
            : trace.Broken().Append($"{trace.Label}: donated = unspent + disbursed - expired + instructed + delivered + costs + fees + returned");

    private static object FiguresOf(DayOutcome day, LedgerVerificationResult verified, bool sound, TimeSpan elapsed, string folder) => new
    {
        day.Organisations,
        day.Vendors,
        day.Agents,
        day.Households,
        day.Overlaps,
        day.PaidInBulk,
        day.NotPaidInBulk,
        day.Delivered,
        day.NotDelivered,
        day.Refused,
        day.Events,
        day.ReversedMinor,
        day.SettledMinor,
        donors = day.Donors.Select(donor => new
        {
            donor.Label,
            donor.Donated,
            donor.Unspent,
            donor.Disbursed,
            donor.Redeemed,
            donor.Settled,
            donor.Expired,
            donor.Held,
            donor.Delivered,
            donor.Costs,
            donor.Returned,
        }),
        blocks = verified.Report.Height + 1,
        transactions = verified.Report.Transactions,
        verified = sound,
        seconds = Math.Round(elapsed.TotalSeconds, 2),
        data = folder,
        genesisHash = verified.Report.GenesisHash.ToString(),
    };
}
