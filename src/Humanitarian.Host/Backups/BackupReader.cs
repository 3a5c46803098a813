using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Exports;
using Humanitarian.Domain;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Side;

namespace Humanitarian.Host.Backups;

/// <summary>A backup whose files are those that its manifest names.</summary>
internal sealed class BackupReader
{
    private readonly string folder;

    private BackupReader(string folder, BackupManifest manifest)
    {
        this.folder = folder;
        Manifest = manifest;
    }

    public BackupManifest Manifest { get; }

    /// <summary>Reads the manifest and compares every file with it.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.BackupDamaged"/>.</exception>
    public static async Task<BackupReader> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, BackupManifest.FileName);
        var manifest = (File.Exists(path) ? BackupManifest.FromJson(await File.ReadAllBytesAsync(path, cancellationToken)) : null)
            ?? throw Damaged($"{path} is missing, damaged or of another version: this program reads '{BackupManifest.CurrentFormat}'.");
        foreach (var name in new[] { BackupManifest.Blocks, BackupManifest.Side }.Where(name => manifest.Files.All(file => file.Name != name)))
        {
            throw Damaged($"{path} does not name {name}.");
        }

        foreach (var file in manifest.Files)
        {
            await CheckAsync(folder, file, cancellationToken);
        }

        return new BackupReader(folder, manifest);
    }

    /// <summary>The blocks, each following the one before, the last being the manifest's head.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.BackupDamaged"/>.</exception>
    public async IAsyncEnumerable<StoredBlock> BlocksAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var domain = new LedgerDomain(Id.Parse(Manifest.Ledger));
        StoredBlock? last = null;
        await foreach (var bytes in FullExport.ReadAsync(Path.Combine(folder, BackupManifest.Blocks), cancellationToken))
        {
            var block = Decode(bytes, domain);
            if (block.Height != (last is null ? 0 : last.Height + 1) || block.Previous != (last?.Hash ?? Hash32.Zero))
            {
                throw Damaged($"The block at height {block.Height} does not follow the one before.");
            }

            last = block;
            yield return block;
        }

        if (last?.Height != Manifest.Height || last.Hash.ToString() != Manifest.Head)
        {
            throw Damaged($"Its last block is not the head that its manifest names (height {Manifest.Height}, {Manifest.Head}).");
        }
    }

    /// <summary>Reads every block once.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.BackupDamaged"/>.</exception>
    public async Task CheckBlocksAsync(CancellationToken cancellationToken)
    {
        await foreach (var block in BlocksAsync(cancellationToken))
        {
            if (block.Height == 0 && block.Hash.ToString() != Manifest.Genesis)
            {
                throw Damaged("Its first block is not the one that its manifest names.");
            }
        }
    }

    public IAsyncEnumerable<SideEntry> SideAsync(CancellationToken cancellationToken) => BackupLines.SideAsync(Path.Combine(folder, BackupManifest.Side), cancellationToken);

    /// <summary>Nothing when the backup was made without.</summary>
    public IAsyncEnumerable<MatchingEntry> MatchingAsync(CancellationToken cancellationToken) => Manifest.HasMatching
        ? BackupLines.MatchingAsync(Path.Combine(folder, BackupManifest.Matching), cancellationToken)
        : AsyncEnumerable.Empty<MatchingEntry>();

    private static StoredBlock Decode(ReadOnlyMemory<byte> bytes, LedgerDomain domain)
    {
        try
        {
            var header = BlockCodec.Decode(bytes.Span).Header;
            return new StoredBlock(header.Height, header.Hash(domain), header.Previous, bytes);
        }
        catch (EncodingException fault)
        {
            throw Damaged($"A block is damaged: {fault.Message}", fault);
        }
    }

    private static async Task CheckAsync(string folder, BackupFile file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, file.Name);
        if (file.Name != Path.GetFileName(file.Name) || !File.Exists(path))
        {
            throw Damaged($"{path} is missing.");
        }

        await using var stream = File.OpenRead(path);
        if (stream.Length != file.Bytes || Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) != file.Sha256)
        {
            throw Damaged($"{path} is not as it was written: its SHA-256 is not the manifest's.");
        }
    }

    private static StartupFault Damaged(string what, Exception? inner = null) =>
        new(StartupCode.BackupDamaged, $"The backup cannot be used: {what} Take another copy of it, or an older backup.", inner);
}
