using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Commands;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>The demo of a mutual credit program: a server in this process, a client over HTTP, and the verification of what they left.</summary>
internal static class ExchangeDemo
{
    public const string Program = "mutual-credit";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>True when the chain verifies and the balances sum to zero.</summary>
    public static async Task<bool> RunAsync(string folder, bool asJson, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var (settings, configuration) = DemoCommand.SettingsFor(folder);
        var (ledger, outcome) = await DemoCommand.ScriptAsync(
            settings, configuration,
            (client, administrator, stopping) => new MutualCreditScript(client, administrator, console, TimeProvider.System, new SystemRandomSource()).RunAsync(stopping),
            cancellationToken);
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
        var verified = await LedgerVerification.OfStoresAsync(
            stores, new VerificationOptions { ClaimKey = ledger.Keys.Claim, GenesisHash = ledger.Genesis }, null, cancellationToken);
        console.WriteLine();
        console.WriteLine(VerifyCommand.Text(verified));
        console.MarkupLineInterpolated($"The data lies in [bold]{folder}[/], its keys in {settings.Keys.Folder}.");
        var sound = verified.Ok && outcome.SumMinor == 0;
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    program = Program, outcome.Members, outcome.Payments, outcome.Refused, outcome.SumMinor, outcome.FundMinor,
                    blocks = verified.Report.Height + 1, transactions = verified.Report.Transactions, verified = sound, data = folder,
                },
                Format));
        }

        return sound;
    }
}
