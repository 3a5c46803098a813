using System.CommandLine;
using Humanitarian.Host.Backups;
using Humanitarian.Host.Setup;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Copies a ledger into a folder that either store can be restored from.</summary>
internal static class BackupCommand
{
    public static ExampleCommand Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder to make; it must not exist." };
        var withoutMatching = new Option<bool>("--without-matching")
        {
            Description = "Leave out the hashes of identifiers, which are personal data. Without them a restored ledger knows nobody of earlier lists again.",
        };
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "backup", "Copies the ledger into a folder, beside a running server too: blocks, drafts, lists, hashes of API keys and identifiers. No key is ever in it.",
            "backup --data ./data /backup/2026-11-25", "backup --config production.json --without-matching /backup/2026-11-25")
        {
            folder, withoutMatching, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(folder)));
            await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
            var writer = new BackupWriter(stores, TimeProvider.System, step => Console.Error.WriteLine($"backup: {step}"));
            var manifest = await writer.WriteAsync(path, !parsed.GetValue(withoutMatching), cancellationToken);
            Console.WriteLine($"""
                {path} holds ledger {manifest.Ledger} ({manifest.Name}) up to height {manifest.Height}
                head {manifest.Head}
                It was read back and is as it was written. It is personal data: closed parts{(manifest.HasMatching ? " and hashes of identifiers are" : "")} in it. The keys are not: back them up apart.
                """);
            return ExitCode.Ok;
        });
        return command;
    }
}
