using System.CommandLine;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Host.Backups;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Makes a ledger anew from a backup, in either store.</summary>
internal static class RestoreCommand
{
    public static ExampleCommand Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder that 'backup' made." };
        var head = new Option<string?>("--head") { HelpName = "FILE", Description = "A signed head, remembered: a backup that ends before it is refused." };
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "restore", "Makes the ledger anew from a backup, in an empty folder or a new, migrated database, and verifies it. Either store takes the other's backups.",
            "restore /backup/2026-11-25 --data ./restored --head head.json", "restore /backup/2026-11-25 --config production.json")
        {
            folder, head, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            var backup = await BackupReader.OpenAsync(Path.GetFullPath(parsed.GetRequiredValue(folder)), cancellationToken);
            await backup.CheckBlocksAsync(cancellationToken);
            var remembered = await RememberedAsync(parsed.GetValue(head), backup.Manifest, cancellationToken);
            return await RestoreAsync(settings.Storage, backup, remembered, cancellationToken) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<bool> RestoreAsync(StorageSettings storage, BackupReader backup, SignedHead? remembered, CancellationToken cancellationToken)
    {
        var place = LedgerStorage.PlaceOf(storage);
        await using var stores = await LedgerStorage.OpenToRestoreAsync(storage, StoreAccess.Alone, cancellationToken);
        void Say(string step) => Console.Error.WriteLine($"restore: {step}");
        await new Restoration(backup, stores, place, Say).RunAsync(cancellationToken);
        Say("verifying");
        var options = new VerificationOptions { GenesisHash = Hash32.Parse(backup.Manifest.Genesis), Head = remembered };
        var found = await LedgerVerification.OfStoresAsync(stores, options, null, cancellationToken);
        Console.WriteLine(VerifyCommand.Text(found));
        Console.WriteLine($"""
            {place} holds ledger {backup.Manifest.Ledger} ({backup.Manifest.Name}) up to height {backup.Manifest.Height}, as backed up {backup.Manifest.Made:u}
            head {backup.Manifest.Head}
            {Warning(remembered)}
            """);
        return found.Ok;
    }

    private static string Warning(SignedHead? remembered) => remembered is null
        ? "Whatever was acknowledged after this head is not in it, and a server that starts here goes on without it. Before you start one, compare with a head "
            + "remembered elsewhere ('verify --head'), with receipts, or with a copy of the lost disk; and make sure that no server of the old place runs."
        : $"The remembered head at height {remembered.Header.Height} is in it. Whatever was acknowledged after the backup's own head is not; make sure that no server of the old place runs.";

    /// <summary>Nothing is written for a backup that is known to end too early.</summary>
    private static async Task<SignedHead?> RememberedAsync(string? file, BackupManifest manifest, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return null;
        }

        var head = (File.Exists(file) ? SignedHead.FromJson(await File.ReadAllTextAsync(file, cancellationToken)) : null)
            ?? throw new StartupFault(StartupCode.Configuration, $"--head: {Path.GetFullPath(file)} is no signed head, or its signature is not its sealer's.");
        return head.Header.Height <= manifest.Height ? head : throw new StartupFault(
            StartupCode.BackupOlder,
            $"The backup ends at height {manifest.Height}, but height {head.Header.Height} is remembered: {head.Header.Height - manifest.Height} blocks that were acknowledged are missing. "
                + "Look for a newer backup. Without --head it can be restored all the same: the ledger then goes on without them.");
    }
}
