using System.Security.Cryptography;
using Humanitarian.Chain.Exports;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Storage;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Host.Backups;

/// <summary>
/// Makes a backup beside running servers. The blocks come first and side state after them: whatever a block of the backup refers to
/// (a frozen list, a file of cash) was written before that block, so it is in the backup too. Projections follow from the blocks.
/// </summary>
internal sealed class BackupWriter(ILedgerStores stores, TimeProvider time, Action<string> progress)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    /// <summary>Writes a folder that appears under its name only when it is complete, on the disk and read back.</summary>
    /// <param name="path">The folder, which must not exist.</param>
    /// <param name="withMatching">Whether the keyed hashes of identifiers are to be in it.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <exception cref="StartupFault"><see cref="StartupCode.TargetNotEmpty"/>, or the disk will not do.</exception>
    public async Task<BackupManifest> WriteAsync(string path, bool withMatching, CancellationToken cancellationToken)
    {
        var partial = path + ".partial";
        foreach (var taken in new[] { path, partial }.Where(one => File.Exists(one) || Directory.Exists(one)))
        {
            throw new StartupFault(
                StartupCode.TargetNotEmpty, $"{taken} exists{(taken == partial ? ", left by a backup that was interrupted or still runs" : "")}. Nothing is overwritten: name another folder, or move it away.");
        }

        PrivateFiles.CreateFolder(partial, "FOLDER");
        try
        {
            var manifest = await FilesAsync(partial, withMatching, cancellationToken);
            await using (var stream = Commands.ExportCommand.Open(Path.Combine(partial, BackupManifest.FileName)))
            {
                await stream.WriteAsync(manifest.ToJson(), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            progress("reading it back");
            await (await BackupReader.OpenAsync(partial, cancellationToken)).CheckBlocksAsync(cancellationToken);
            Directory.Move(partial, path);
            return manifest;
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private async Task<BackupManifest> FilesAsync(string folder, bool withMatching, CancellationToken cancellationToken)
    {
        var made = time.GetUtcNow();
        var genesis = await stores.Blocks.FindAsync(0, cancellationToken) ?? throw new StartupFault(StartupCode.LedgerMissing, "The ledger has no blocks yet. Start the server once.");
        StoredBlock? head = null;
        async IAsyncEnumerable<ReadOnlyMemory<byte>> Blocks()
        {
            await foreach (var block in stores.Blocks.ReadAsync(0, cancellationToken))
            {
                head = block;
                yield return block.Bytes;
            }
        }

        progress("blocks");
        var files = new List<BackupFile> { await FileAsync(folder, BackupManifest.Blocks, stream => FullExport.WriteAsync(stream, Blocks(), cancellationToken), cancellationToken) };
        progress($"blocks up to height {head!.Height}; side state");
        files.Add(await FileAsync(folder, BackupManifest.Side, stream => LinesAsync(stream, stores.Side.AllAsync(cancellationToken), BackupLines.Of, cancellationToken), cancellationToken));
        if (withMatching)
        {
            progress("hashes of identifiers");
            files.Add(await FileAsync(folder, BackupManifest.Matching, stream => LinesAsync(stream, stores.Matching.AllAsync(cancellationToken), BackupLines.Of, cancellationToken), cancellationToken));
        }

        var ledger = LedgerSetup.LedgerOf(genesis);
        return new BackupManifest(
            BackupManifest.CurrentFormat, ledger.Id.ToString(), ledger.Name, genesis.Hash.ToString(), head.Height, head.Hash.ToString(), made, files);
    }

    private static async Task<ulong> LinesAsync<T>(Stream stream, IAsyncEnumerable<T> entries, Func<T, byte[]> line, CancellationToken cancellationToken)
    {
        ulong count = 0;
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            await stream.WriteAsync(line(entry), cancellationToken);
            await stream.WriteAsync(NewLine, cancellationToken);
            count++;
        }

        return count;
    }

    private static async Task<BackupFile> FileAsync(string folder, string name, Func<Stream, Task<ulong>> write, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        ulong entries;
        await using (var stream = Commands.ExportCommand.Open(path))
        {
            using var hashing = SHA256.Create();
            await using (var hashed = new CryptoStream(stream, hashing, CryptoStreamMode.Write, leaveOpen: true))
            {
                entries = await write(hashed);
                await hashed.FlushFinalBlockAsync(cancellationToken);
            }

            stream.Flush(flushToDisk: true);
            return new BackupFile(name, stream.Length, entries, Convert.ToHexStringLower(hashing.Hash!));
        }
    }
}
