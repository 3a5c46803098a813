using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Commands;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>The demo of a local currency with demurrage: a server in this process, a client over HTTP, and the verification of what they left.</summary>
internal static class LocalCurrencyDemo
{
    public const string Program = "local-currency";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>True when the chain verifies and the reserve covers what circulates.</summary>
    public static async Task<bool> RunAsync(string folder, bool asJson, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var (settings, configuration) = DemoCommand.SettingsFor(folder);
        var time = new AdvancedTime(LocalCurrencyScript.Lasts);
        var (ledger, outcome) = await DemoCommand.ScriptAsync(
            settings, configuration,
            (client, administrator, stopping) => new LocalCurrencyScript(client, administrator, console, time, new SystemRandomSource()).RunAsync(stopping),
            cancellationToken, time);
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
        var verified = await LedgerVerification.OfStoresAsync(
            stores, new VerificationOptions { ClaimKey = ledger.Keys.Claim, GenesisHash = ledger.Genesis }, null, cancellationToken);
        console.WriteLine();
        console.WriteLine(VerifyCommand.Text(verified));
        console.MarkupLineInterpolated($"The data lies in [bold]{folder}[/], its keys in {settings.Keys.Folder}.");
        var sound = verified.Ok && outcome.ReserveMinor >= outcome.CirculationMinor;
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    program = Program, outcome.Refused, outcome.ReserveMinor, outcome.CirculationMinor, outcome.FundMinor, outcome.MeltedMinor,
                    blocks = verified.Report.Height + 1, transactions = verified.Report.Transactions, verified = sound, data = folder,
                },
                Format));
        }

        return sound;
    }
}
