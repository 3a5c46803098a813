using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Cash;

/// <summary>A file kept beside the ledger: an instruction file before it leaves, or a report as it came.</summary>
/// <param name="Sha256">Of its bytes, in lower-case hex; the ledger records it.</param>
/// <param name="Parts">Documents that hold it.</param>
internal sealed record CashFile(string Sha256, string Disbursement, CashFormat Format, int Parts);

/// <summary>Files of cash in the side store, each its organisation's alone, by their hash and disbursement. None is ever in memory whole.</summary>
public sealed class CashFiles(ISideStore store, IRandomSource random, HumanitarianApiOptions options) : IDisposable
{
    /// <summary>Most reports and workbooks that are worked on at once, and most files of commands.</summary>
    internal const int UploadsMax = 4;

    private const string HeadKind = "cash-file";
    private const string PartKind = "cash-file-part";
    private const int PartBytes = 512 * 1024;

    private readonly SemaphoreSlim uploads = new(UploadsMax);
    private readonly SemaphoreSlim bulks = new(UploadsMax);

    /// <summary>A place for a file of commands until it is answered, which may take long: so these have places of their own.</summary>
    internal IDisposable? BeginBulk() => bulks.Wait(0) ? new Place(bulks) : null;

    /// <summary>A place for a workbook until it is disposed of; null when none is free.</summary>
    internal IDisposable? BeginUpload() => uploads.Wait(0) ? new Place(uploads) : null;

    /// <summary>The same for a report, once one is free.</summary>
    internal async Task<IDisposable> UploadTurnAsync(CancellationToken cancellationToken = default)
    {
        await uploads.WaitAsync(cancellationToken);
        return new Place(uploads);
    }

    public void Dispose()
    {
        uploads.Dispose();
        bulks.Dispose();
    }

    /// <summary>An empty file for what is on its way; it goes when it is closed. The data folder is its owner's alone.</summary>
    internal FileStream Spool()
    {
        Directory.CreateDirectory(options.DataFolder);
        Span<byte> name = stackalloc byte[Id.Size];
        random.Fill(name);
        return new FileStream(
            Path.Combine(options.DataFolder, $"cash-{Convert.ToHexStringLower(name)}.tmp"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
    }

    /// <summary>Keeps a file: its parts first, its head last, so that a file that is found is whole.</summary>
    internal async Task AddAsync(Id file, Id organisation, CashFile head, Stream bytes, CancellationToken cancellationToken = default)
    {
        bytes.Position = 0;
        var buffer = new byte[PartBytes];
        var parts = 0;
        for (int read; (read = await bytes.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellationToken)) > 0; parts++)
        {
            await store.PutAsync(
                new SideDocument(PartKind, PartKey(file, parts), organisation.ToString(), 0, Convert.ToBase64String(buffer, 0, read)), cancellationToken);
        }

        var known = await store.FindAsync(HeadKind, file.ToString(), cancellationToken);
        await store.PutAsync(
            new SideDocument(HeadKind, file.ToString(), organisation.ToString(), known?.Version ?? 0, JsonSerializer.Serialize(head with { Parts = parts })),
            cancellationToken);
    }

    /// <summary>What is known of a file of the organisation, or null.</summary>
    internal async Task<CashFile?> HeadAsync(Id file, Id organisation, CancellationToken cancellationToken = default) =>
        await store.FindAsync(HeadKind, file.ToString(), cancellationToken) is { } document && document.Owner == organisation.ToString()
            ? JsonSerializer.Deserialize<CashFile>(document.Json)
            : null;

    /// <summary>The file's bytes, at their beginning, or null when they are not those of its hash. Close it.</summary>
    internal async Task<FileStream?> OpenAsync(Id file, CashFile head, CancellationToken cancellationToken = default)
    {
        var spool = Spool();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var part = 0; part < head.Parts && await store.FindAsync(PartKind, PartKey(file, part), cancellationToken) is { } stored; part++)
            {
                var bytes = Convert.FromBase64String(stored.Json);
                hash.AppendData(bytes);
                await spool.WriteAsync(bytes, cancellationToken);
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) == head.Sha256)
            {
                spool.Position = 0;
                return spool;
            }
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }

        await spool.DisposeAsync();
        return null;
    }

    private static string PartKey(Id file, int part) => string.Create(CultureInfo.InvariantCulture, $"{file}:{part:D6}");

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
