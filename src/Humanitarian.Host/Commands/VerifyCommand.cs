using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Checks a ledger from genesis: exit code 0 only when nothing was found broken.</summary>
internal static class VerifyCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var export = new Option<string?>("--export") { HelpName = "FILE", Description = "Verify a file that 'export' wrote instead." };
        var genesis = new Option<string?>("--genesis") { HelpName = "HASH", Description = "The genesis hash, remembered: shows a chain that was rewritten." };
        var head = new Option<string?>("--head") { HelpName = "FILE", Description = "A signed head, remembered: shows also what is missing at the end." };
        var claimKey = new Option<string?>("--claim-key") { HelpName = "FILE", Description = "The claim key, as auditors receive it: claims are then recomputed." };
        var json = SharedOptions.Json();
        var command = new ExampleCommand(
            "verify", "Checks every block, signature, rule and sum from genesis, without a server. Works beside a running one.",
            "verify --data ./data --genesis 0x4f...",
            "verify --export ledger.export --head head.json --claim-key claim.key --json")
        {
            data, export, genesis, head, claimKey, json, config,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(data) is not null && result.GetValue(export) is not null)
            {
                result.AddError("Give --data or --export, not both.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = await OptionsAsync(parsed.GetValue(genesis), parsed.GetValue(head), parsed.GetValue(claimKey), cancellationToken);
            var asJson = parsed.GetValue(json);
            var result = parsed.GetValue(export) is { } file
                ? await OfExportAsync(file, options, cancellationToken)
                : await OfStoresAsync(parsed.Settings(config, ("Storage:DataFolder", data)).Settings.Storage, options, asJson, cancellationToken);
            if (result is null)
            {
                return ExitCode.Failed;
            }

            Console.WriteLine(asJson ? Json(result).ToJsonString() : Text(result));
            return result.Ok ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>What a verification found, as <c>--json</c> prints it.</summary>
    internal static JsonObject Json(LedgerVerificationResult result) => new()
    {
        ["verified"] = result.Ok,
        ["height"] = result.Report.Height,
        ["transactions"] = result.Report.Transactions,
        ["transfers"] = result.Report.Transfers,
        ["transactionsPerSecond"] = Math.Round(result.TransactionsPerSecond),
        ["seconds"] = Math.Round(result.Elapsed.TotalSeconds, 3),
        ["genesisHash"] = result.Report.GenesisHash.ToString(),
        ["headHash"] = result.Report.HeadHash.ToString(),
        ["notShown"] = new JsonArray([.. result.NotShown.Select(sentence => JsonValue.Create(sentence))]),
        ["failure"] = Failure(result),
    };

    /// <summary>What a verification found, for people.</summary>
    internal static string Text(LedgerVerificationResult result)
    {
        var report = result.Report;
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"height {report.Height}, {report.Transactions} transactions, {report.Transfers} transfers, {result.TransactionsPerSecond:F0} transactions per second"),
            $"genesis {report.GenesisHash}",
            $"head    {report.HeadHash}",
        };
        lines.AddRange(result.NotShown.Select(sentence => $"not shown: {sentence}"));
        if (report.Failure is { } failure)
        {
            var place = failure.Position is { } position ? $", transaction {position}{(result.Transaction is { } hash ? $" ({hash})" : "")}" : "";
            lines.Add($"BROKEN: invariant {failure.Invariant} ({failure.Name}) at height {failure.Height}{place}: {failure.Message}");
        }
        else if (result.Projections is { } difference)
        {
            lines.Add($"BROKEN: invariant {Invariants.Replay}: the stored projections are not those of the blocks: {difference}. 'rebuild' makes them anew.");
        }
        else
        {
            lines.Add("verified");
        }

        return string.Join('\n', lines);
    }

    private static JsonObject? Failure(LedgerVerificationResult result) =>
        result.Report.Failure is { } failure ? new JsonObject
        {
            ["invariant"] = failure.Invariant,
            ["name"] = failure.Name,
            ["height"] = failure.Height,
            ["position"] = failure.Position,
            ["transaction"] = result.Transaction?.ToString(),
            ["message"] = failure.Message,
        }
        : result.Projections is { } difference ? new JsonObject
        {
            ["invariant"] = Invariants.Replay,
            ["name"] = "projections",
            ["height"] = result.Report.Height,
            ["message"] = difference,
        }
        : null;

    private static async Task<LedgerVerificationResult?> OfExportAsync(string file, VerificationOptions options, CancellationToken cancellationToken) =>
        File.Exists(file)
            ? await LedgerVerification.OfExportAsync(Path.GetFullPath(file), options, null, cancellationToken)
            : throw new StartupFault(StartupCode.Configuration, $"--export: there is no file {Path.GetFullPath(file)}.");

    /// <summary>Null when a database file is too damaged to be read: it is named then.</summary>
    private static async Task<LedgerVerificationResult?> OfStoresAsync(StorageSettings storage, VerificationOptions options, bool json, CancellationToken cancellationToken)
    {
        try
        {
            await using var stores = await LedgerStorage.OpenExistingAsync(storage, StoreAccess.Read, cancellationToken);
            return await LedgerVerification.OfStoresAsync(stores, options, null, cancellationToken);
        }
        catch (StorageFault fault) when (fault.Code == StorageFaultCode.Corrupt)
        {
            Console.WriteLine(json
                ? new JsonObject { ["verified"] = false, ["failure"] = new JsonObject { ["name"] = fault.Code, ["message"] = fault.Message } }.ToJsonString()
                : $"BROKEN: {fault.Code}: {fault.Message}");
            return null;
        }
    }

    private static async Task<VerificationOptions> OptionsAsync(string? genesis, string? head, string? claimKey, CancellationToken cancellationToken)
    {
        var options = new VerificationOptions();
        if (genesis is not null)
        {
            options = options with
            {
                GenesisHash = Hash32.TryParse(genesis, out var hash)
                    ? hash
                    : throw new StartupFault(StartupCode.Configuration, "--genesis: a hash is 64 hexadecimal digits, with or without 0x."),
            };
        }

        if (head is not null)
        {
            options = options with
            {
                Head = (File.Exists(head) ? SignedHead.FromJson(await File.ReadAllTextAsync(head, cancellationToken)) : null)
                    ?? throw new StartupFault(StartupCode.Configuration, $"--head: {Path.GetFullPath(head)} is no signed head, or its signature is not its sealer's."),
            };
        }

        return claimKey is null ? options : options with { ClaimKey = await KeyFolder.ReadClaimKeyAsync(Path.GetFullPath(claimKey), cancellationToken) };
    }
}
