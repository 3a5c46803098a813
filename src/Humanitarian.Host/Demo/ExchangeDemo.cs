using System.Text.Json;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Commands;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Serving;
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
        var (settings, configuration) = SettingsReader.Defaults(
            ("Storage:DataFolder", folder), ("Api:Url", "http://127.0.0.1:0"), ("Ledger:Name", "Demo"), ("Logging:LogLevel:Default", "Warning"));
        var (ledger, outcome) = await ScriptAsync(settings, configuration, console, cancellationToken);
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

    private static async Task<(OpenedLedger Ledger, ExchangeOutcome Outcome)> ScriptAsync(
        Settings settings, IConfiguration configuration, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var apiKey = "";
        await using var server = await LedgerServer.StartAsync(settings, configuration, (_, key) => apiKey = key, cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Stopping);
        using var http = new HttpClient { BaseAddress = server.Url };
        var first = server.Ledger.First!;
        var client = new GraphQlClient(http, new LedgerDomain(server.Ledger.Ledger.Id), TimeProvider.System);
        try
        {
            var script = new MutualCreditScript(
                client, new Actor(apiKey, first.Administrator, first.AdministratorKey), console, TimeProvider.System, new SystemRandomSource());
            return (server.Ledger, await script.RunAsync(stopping.Token));
        }
        catch (RefusedException refused)
        {
            throw new CommandFault($"The demo was refused at {refused.Message}", refused);
        }
    }
}
