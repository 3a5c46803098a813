using System.CommandLine;
using Humanitarian.Domain;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Small files that stand for the ledger elsewhere: the proof of one transaction, and the signed head to remember.</summary>
internal static class ProofCommand
{
    public static ExampleCommand Create()
    {
        var transaction = new Argument<string>("TX") { Description = "The transaction's hash." };
        var account = new Option<string?>("--account") { HelpName = "ID", Description = "Prove also the line of this account in the transaction's chunk; no other line is shown." };
        var (config, data, file) = (SharedOptions.Config(), SharedOptions.Data(), Destination());
        var command = new ExampleCommand(
            "proof", "Writes the proof that a transaction stands in a sealed block, as JSON that a browser or a script checks.",
            "proof 0x8b1f0c... --data ./data proof.json")
        {
            transaction, file, account, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!Hash32.TryParse(parsed.GetRequiredValue(transaction), out var hash))
            {
                throw new StartupFault(StartupCode.Configuration, "TX: a hash is 64 hexadecimal digits, with or without 0x.");
            }

            var line = parsed.GetValue(account);
            if (line is not null && !Id.TryParse(line, out _))
            {
                throw new StartupFault(StartupCode.Configuration, "--account: an id is 32 hexadecimal digits.");
            }

            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
            var proof = await ChainFiles.ProofAsync(stores, hash, line is null ? null : Id.Parse(line), cancellationToken);
            return await WriteAsync(proof.ToJson(), parsed.GetValue(file), cancellationToken);
        });
        return command;
    }

    /// <summary>The newest signed head.</summary>
    public static ExampleCommand CreateHead()
    {
        var (config, data, file) = (SharedOptions.Config(), SharedOptions.Data(), Destination());
        var command = new ExampleCommand(
            "head", "Writes the newest signed head: kept elsewhere, it shows with 'verify --head' whether anything was rewritten or cut off since.",
            "head --data ./data head.json")
        {
            file, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
            return await WriteAsync((await ChainFiles.HeadAsync(stores, cancellationToken)).ToJson(), parsed.GetValue(file), cancellationToken);
        });
        return command;
    }

    private static Argument<string?> Destination() => new("FILE") { Description = "The file to write; standard output when left out.", Arity = ArgumentArity.ZeroOrOne };

    private static async Task<int> WriteAsync(string json, string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            Console.WriteLine(json);
            return ExitCode.Ok;
        }

        await using var stream = ExportCommand.Open(Path.GetFullPath(file));
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(json + "\n"), cancellationToken);
        Console.WriteLine($"{Path.GetFullPath(file)} was written.");
        return ExitCode.Ok;
    }
}
