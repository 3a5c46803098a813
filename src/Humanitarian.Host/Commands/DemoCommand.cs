using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Demo;
using Humanitarian.Host.Demo.Coordination;
using Humanitarian.Host.Serving;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Spectre.Console;

namespace Humanitarian.Host.Commands;

/// <summary>Shows the whole main job: a server in this process, and a client that uses it over HTTP as any other would.</summary>
internal static class DemoCommand
{
    private static readonly string[] Programs = ["voucher", CashDemo.Program, ExchangeDemo.Program, LocalCurrencyDemo.Program];

    private static readonly string[] Formats = ["household", "sdp", "121", "hope"];

    public static ExampleCommand Create()
    {
        var list = new Option<string?>("--list") { HelpName = "FILE", Description = "The beneficiary list; else the 10,000 households that the program ships." };
        var format = new Option<string?>("--format") { HelpName = "NAME", Description = $"Its layout ({string.Join(", ", Formats)}); recognised when left out." };
        format.AcceptOnlyFromAmong(Formats);
        var beneficiaries = new Option<int?>("--beneficiaries", "-n") { HelpName = "N", Description = "Use a made list with N good rows instead." };
        var amount = new Option<string>("--amount")
        {
            HelpName = "AMOUNT", Description = $"What each row receives where the list has no amounts.", DefaultValueFactory = _ => DemoList.DefaultAmount,
        };
        var currency = new Option<string?>("--currency") { HelpName = "CODE", Description = $"The program's currency; else the list's, else {DemoList.DefaultCurrency}." };
        var program = new Option<string>("--program", "-p")
        {
            HelpName = "NAME", Description = $"What to show: {string.Join(", ", Programs)}.", DefaultValueFactory = _ => Programs[0],
        };
        program.AcceptOnlyFromAmong(Programs);
        var coordination = new Option<bool>("--coordination") { Description = $"Show a day of three organisations that coordinate, with {CoordinationDemo.Households:N0} households or as many as --beneficiaries says." };
        var data = new Option<string?>("--data", "-d") { HelpName = "DIR", Description = "A folder without a ledger; else a new temporary one." };
        var store = new Option<string>("--store") { HelpName = "NAME", Description = "Where it runs: sqlite, or postgres, on a database of its own that goes afterwards.", DefaultValueFactory = _ => DemoStore.Sqlite };
        store.AcceptOnlyFromAmong(DemoStore.Sqlite, DemoStore.Postgres);
        var connection = new Option<string?>("--connection") { HelpName = "TEXT", Description = $"The server and a role that may make databases and roles, where it is not {DemoStore.DefaultConnection}." };
        var json = SharedOptions.Json();
        var command = new ExampleCommand(
            "demo", "Shows the whole job: donation, list, approval, disbursement, delivery, redemption, settlement, trace and verification.",
            "demo", "demo --program cash", "demo --program mutual-credit", "demo --program local-currency", "demo --coordination", "demo --beneficiaries 1000 --json", "demo --list registrations.csv --amount 2500 --data ./demo-data",
            "demo --store postgres --connection \"Host=localhost;Username=postgres\"")
        {
            program, coordination, list, format, beneficiaries, amount, currency, data, store, connection, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(list) is not null && result.GetValue(beneficiaries) is not null)
            {
                result.AddError("Give --list or --beneficiaries, not both.");
            }
            else if (result.GetValue(connection) is not null && result.GetValue(store) != DemoStore.Postgres)
            {
                result.AddError("--connection goes with --store postgres.");
            }
            else if (result.GetValue(coordination) && (result.GetResult(list) ?? Given(result, program) ?? Given(result, store)) is not null)
            {
                result.AddError("--coordination makes its own lists and programs, on SQLite.");
            }
            else if (result.GetValue(coordination) && result.GetValue(beneficiaries) is (< CoordinationDemo.HouseholdsMin or > CoordinationDemo.HouseholdsMax))
            {
                result.AddError($"With --coordination, --beneficiaries is {CoordinationDemo.HouseholdsMin} to {CoordinationDemo.HouseholdsMax:N0}.");
            }
            else if (result.GetValue(beneficiaries) is < 1 or > 9_000_000)
            {
                result.AddError("--beneficiaries is 1 to 9,000,000.");
            }
            else if (result.GetValue(currency) is { } code && !(code.Length == 3 && code.All(char.IsAsciiLetterUpper)))
            {
                result.AddError("--currency is a code of three capital letters, such as KES.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var asJson = parsed.GetValue(json);
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(asJson ? TextWriter.Null : Console.Out) });
            var folder = NewFolder(parsed.GetValue(data));
            if (parsed.GetValue(coordination))
            {
                return await CoordinationDemo.RunAsync(parsed.GetValue(beneficiaries) ?? CoordinationDemo.Households, folder, asJson, console, cancellationToken) ? ExitCode.Ok : ExitCode.Failed;
            }

            if (parsed.GetValue(program) == ExchangeDemo.Program)
            {
                return await ExchangeDemo.RunAsync(folder, asJson, console, cancellationToken) ? ExitCode.Ok : ExitCode.Failed;
            }

            if (parsed.GetValue(program) == LocalCurrencyDemo.Program)
            {
                return await LocalCurrencyDemo.RunAsync(folder, asJson, console, cancellationToken) ? ExitCode.Ok : ExitCode.Failed;
            }

            var chosen = parsed.GetValue(list) is { } file
                ? await DemoList.OfFileAsync(file, parsed.GetValue(format) is "121" ? "OneTwoOne" : parsed.GetValue(format), parsed.GetValue(currency), parsed.GetValue(amount)!, cancellationToken)
                : (parsed.GetValue(beneficiaries) ?? (parsed.GetValue(program) == CashDemo.Program ? CashDemo.Households : null)) is { } households
                    ? DemoList.OfGenerated(households, parsed.GetValue(currency), parsed.GetValue(amount)!)
                    : DemoList.OfShipped(parsed.GetValue(amount)!);
            if (parsed.GetValue(program) == CashDemo.Program)
            {
                return await CashDemo.RunAsync(chosen, folder, asJson, console, cancellationToken);
            }

            await using var place = await DemoStore.MakeAsync(parsed.GetValue(store)!, parsed.GetValue(connection), cancellationToken);
            var figures = await RunAsync(chosen, folder, place, console, cancellationToken);
            if (asJson)
            {
                Console.WriteLine(figures.ToJson());
            }

            return figures.Verified ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Settings of a demo's own ledger in a new folder.</summary>
    internal static (Settings Settings, IConfiguration Configuration) SettingsFor(string folder, params ReadOnlySpan<(string Setting, string Value)> more) =>
        SettingsReader.Defaults(
            // Of the silo only what fails: that a machine is slow tells who looks at a demo nothing.
            [("Storage:DataFolder", folder), ("Api:Url", "http://127.0.0.1:0"), ("Ledger:Name", "Demo"), ("Logging:LogLevel:Default", "Error"), ("Logging:LogLevel:Orleans", "Error"), ("Logging:LogLevel:Humanitarian", "Warning"), .. more]);

    private static OptionResult? Given(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false } given ? given : null;

    private static string NewFolder(string? named)
    {
        var folder = Path.GetFullPath(named ?? Path.Combine(Directory.CreateTempSubdirectory("humanitarian-demo-").FullName, "data"));
        return File.Exists(Path.Combine(folder, "blocks.db"))
            ? throw new StartupFault(StartupCode.Configuration, $"--data: {folder} holds a ledger already. Name a new folder: the demo makes its own ledger.")
            : folder;
    }

    private static async Task<DemoFigures> RunAsync(DemoList list, string folder, DemoStore store, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (settings, configuration) = SettingsFor(folder, [.. store.Settings]);
        console.MarkupLineInterpolated($"[bold]Demo[/] with {list.Name}; where a list has no amounts, each row receives {Currencies.Text(list.DefaultAmountMinor, list.Currency, list.Exponent)}.");
        var (ledger, outcome) = await ScriptAsync(
            settings, configuration,
            (client, administrator, stopping) => new DemoScript(client, administrator, list, console, TimeProvider.System, new SystemRandomSource()).RunAsync(stopping),
            cancellationToken);

        console.WriteLine();
        console.Write(outcome.Trace.ToTree(amount => Currencies.Text(amount, list.Currency, list.Exponent)));
        console.Write(outcome.Told.ToTree(amount => Currencies.Text(amount, list.Currency, list.Exponent)));
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
        var verified = await LedgerVerification.OfStoresAsync(
            stores, new VerificationOptions { ClaimKey = ledger.Keys.Claim, GenesisHash = ledger.Genesis }, null, cancellationToken);
        var figures = FiguresOf(outcome, verified, list, folder, Stopwatch.GetElapsedTime(started));
        var broken = figures.Broken(outcome.ListedMinor).Concat(outcome.Trace.Broken()).Concat(outcome.Told.Broken()).ToArray();
        foreach (var identity in broken)
        {
            await Console.Error.WriteLineAsync($"does not hold: {identity}");
        }

        if (!verified.Ok)
        {
            await Console.Error.WriteLineAsync(VerifyCommand.Text(verified));
        }

        console.WriteLine();
        console.WriteLine(VerifyCommand.Text(verified));
        console.MarkupLineInterpolated($"The data {store.Verb} [bold]{LedgerStorage.PlaceOf(settings.Storage)}[/], its keys in {settings.Keys.Folder}.");
        return figures with { Verified = verified.Ok && broken.Length == 0 };
    }

    /// <summary>Serves a new ledger while a script uses it over HTTP, as its first administrator at first.</summary>
    /// <param name="time">The server's and the client's clock; the system's when absent.</param>
    internal static async Task<(OpenedLedger Ledger, T Outcome)> ScriptAsync<T>(
        Settings settings, IConfiguration configuration, Func<GraphQlClient, Actor, CancellationToken, Task<T>> script, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var apiKey = "";
        await using var server = await LedgerServer.StartAsync(settings, configuration, (_, key) => apiKey = key, cancellationToken, time);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Stopping);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(10) };
        var administrator = server.Ledger.First!;
        var client = new GraphQlClient(http, new LedgerDomain(server.Ledger.Ledger.Id), time ?? TimeProvider.System);
        try
        {
            var first = new Actor(apiKey, administrator.Administrator, administrator.AdministratorKey);
            return (server.Ledger, await script(client, first, stopping.Token));
        }
        catch (RefusedException refused)
        {
            throw new CommandFault($"The demo was refused at {refused.Message}", refused);
        }
    }

    private static DemoFigures FiguresOf(DemoOutcome outcome, LedgerVerificationResult verified, DemoList list, string folder, TimeSpan elapsed)
    {
        var trace = outcome.Trace;
        return new DemoFigures(
            outcome.Rows, outcome.RowsRefused, list.Currency, list.Exponent, trace.Donated, trace.Disbursed, trace.Redeemed, trace.Settled, trace.Expired,
            trace.Held, trace.Unspent, trace.Costs, trace.Returned, verified.Report.Height + 1, verified.Report.Transactions, false,
            Math.Round(elapsed.TotalSeconds, 2), folder, verified.Report.GenesisHash.ToString());
    }
}
