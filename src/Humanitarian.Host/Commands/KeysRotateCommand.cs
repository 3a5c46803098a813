using System.CommandLine;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Humanitarian.Storage.Projections;

using Microsoft.Extensions.Logging.Abstractions;

namespace Humanitarian.Host.Commands;

/// <summary>A new sealer, ordered on the ledger with the recovery group's signatures, while the server is stopped.</summary>
internal static class KeysRotateCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var keys = SharedOptions.Keys();
        var recovery = new Option<string[]>("--recovery") { HelpName = "FILE", Description = "A recovery key's file; repeat for m of n.", Required = true, AllowMultipleArgumentsPerToken = true };
        var password = new Option<string>("--recovery-password-file") { HelpName = "FILE", Description = "The password of the recovery key files.", Required = true };
        var compromised = new Option<bool>("--compromised") { Description = "The old sealer key is lost or stolen: do without its signature." };
        var json = SharedOptions.Json();
        var command = new ExampleCommand(
            "rotate", "Gives the ledger a new sealer key. The server must be stopped.",
            "keys rotate --data ./data --recovery keys/offline/recovery.json --recovery-password-file keys/offline/password")
        {
            recovery, password, compromised, data, keys, json, config,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data), ("Keys:Folder", keys));
            return RotateAsync(
                settings, parsed.GetRequiredValue(recovery), parsed.GetRequiredValue(password), parsed.GetValue(compromised), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RotateAsync(
        Settings settings, string[] recoveryFiles, string passwordFile, bool compromised, bool json, CancellationToken cancellationToken)
    {
        var random = new SystemRandomSource();
        var folder = new KeyFolder(settings.Keys, random);
        var keys = await folder.ReadAsync(cancellationToken);
        var recovery = await ReadRecoveryAsync(recoveryFiles, passwordFile, cancellationToken);
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Alone, cancellationToken);
        await ProjectionReplay.AdvanceAsync(stores.Blocks, stores.Projections, ulong.MaxValue, cancellationToken);
        var id = LedgerSetup.LedgerOf((await stores.Blocks.FindAsync(0, cancellationToken))!).Id;
        if (await InterruptedAsync(folder, stores.Projections, id, cancellationToken) is { } interrupted)
        {
            folder.InstallPreparedSealer();
            Report(json, interrupted, "The ledger had named it already; its key file is in place now.");
            return ExitCode.Ok;
        }

        var ledger = await OfflineLedger.StartAsync(
            new LedgerIdentity(id, keys.Claim), new BlockSealer(keys.Sealer), stores.Blocks, stores.Projections,
            TimeProvider.System, random, NullLogger.Instance, cancellationToken);

        // The new key is on disk before the ledger names it, and takes the old one's place only afterwards.
        var next = await folder.PrepareSealerAsync(cancellationToken);
        var address = Secp256k1.AddressOf(next);
        var result = await ledger.ChangeKeysAsync(
            await ledger.RecordAsync() with { Sealer = address },
            compromised,
            digest => [.. (compromised ? recovery : recovery.Prepend(keys.Sealer)).Select(key => Secp256k1.Sign(key, digest))]);
        await ledger.StopAsync();
        if (result.Refusal is { } refusal)
        {
            throw new CommandFault($"{refusal.Code}: {refusal.Message} Nothing was changed.");
        }

        folder.InstallPreparedSealer();
        Report(json, address, $"It seals every block after height {result.Height}; the old key file is kept beside the new one.");
        return ExitCode.Ok;
    }

    /// <summary>The address of a prepared key that the ledger names already: an earlier rotation was interrupted after it was ordered.</summary>
    private static async Task<Address?> InterruptedAsync(KeyFolder folder, IProjectionStore projections, Id ledger, CancellationToken cancellationToken)
    {
        if (!folder.HasPreparedSealer)
        {
            return null;
        }

        var prepared = Secp256k1.AddressOf(await folder.PrepareSealerAsync(cancellationToken));
        var rows = await projections.RecordsAsync([((int)RecordKind.Ledger, ledger)], cancellationToken);
        return rows.Value is [var row] && RecordCodec.Decode(row.Content.Span) is LedgerRecord record && record.Sealer == prepared ? prepared : null;
    }

    private static void Report(bool json, Address sealer, string message) => Console.WriteLine(json
        ? new JsonObject { ["sealer"] = sealer.ToChecksumText() }.ToJsonString()
        : $"The ledger's sealer is {sealer.ToChecksumText()}. {message}");

    private static async Task<List<byte[]>> ReadRecoveryAsync(string[] files, string passwordFile, CancellationToken cancellationToken)
    {
        var password = await PrivateFiles.ReadAsync(Path.GetFullPath(passwordFile), "--recovery-password-file", cancellationToken);
        var keys = new List<byte[]>();
        foreach (var file in files)
        {
            var opened = Keystore.Decrypt(await PrivateFiles.ReadAsync(Path.GetFullPath(file), "--recovery", cancellationToken), password);
            keys.Add(opened.IsOpened ? opened.PrivateKey : throw new CommandFault($"{file}: {opened.Refusal.Message}"));
        }

        return keys;
    }
}
