using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Keyed hashes of people not known before, in files until the list is taken: a refused list leaves nothing in the matching store. The
/// files never hold a clear identifier and go when they are closed. They are split by the hashes' first bits, so that each can be sorted
/// in memory: written in their order, neighbours share a page of the store, where random ones would each rewrite a page of their own.
/// </summary>
internal sealed class PersonSpool(string path) : IAsyncDisposable
{
    private const int PartBits = 6;
    private const int RecordBytes = 64;
    private const int BatchMax = 20_000;
    private readonly FileStream?[] parts = new FileStream?[1 << PartBits];
    private readonly byte[] record = new byte[RecordBytes];

    public async ValueTask AddAsync(Hash32 name, KnownPerson person, CancellationToken cancellationToken)
    {
        name.CopyTo(record);
        person.Account.CopyTo(record.AsSpan(32));
        person.Household.CopyTo(record.AsSpan(48));
        await PartOf(record[0]).WriteAsync(record, cancellationToken);
    }

    /// <summary>Hands everything to the matching store, in the order of the hashes; the next part is sorted while one is written.</summary>
    public async Task CommitAsync(IMatchingStore matching, Id organisation, CancellationToken cancellationToken)
    {
        var writing = Task.CompletedTask;
        try
        {
            foreach (var part in parts.OfType<FileStream>())
            {
                var entries = await SortedAsync(part, cancellationToken);
                await writing;
                writing = WriteAsync(entries);
            }
        }
        finally
        {
            await writing;
        }

        async Task WriteAsync((Hash32 Identifier, KnownPerson Person)[] entries)
        {
            foreach (var batch in entries.Chunk(BatchMax))
            {
                await matching.AddAsync(organisation, batch, cancellationToken);
            }
        }
    }

    /// <summary>The matching store's name of an identifier: the 128 bits of its keyed hash, then its kind as a number of 128.</summary>
    public static Hash32 NameOf(Identifier identifier) =>
        new((ulong)(identifier.KeyedHash >> 64), (ulong)(identifier.KeyedHash & ulong.MaxValue), 0, (ulong)identifier.Kind);

    /// <summary>The kind of what has this name.</summary>
    public static IdentifierKind KindOf(Hash32 name) => (IdentifierKind)name.ToArray()[^1];

    public async ValueTask DisposeAsync()
    {
        foreach (var part in parts.OfType<FileStream>())
        {
            await part.DisposeAsync();
        }
    }

    // The data folder is its owner's alone, and so is what lies in it.
    private FileStream PartOf(byte first)
    {
        var part = first >> (8 - PartBits);
        return parts[part] ??= new FileStream(
            $"{path}.{part}", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 16 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
    }

    /// <summary>The records of a part by their hashes; of two with one hash the first comes first.</summary>
    private static async Task<(Hash32 Identifier, KnownPerson Person)[]> SortedAsync(FileStream part, CancellationToken cancellationToken)
    {
        await part.FlushAsync(cancellationToken);
        part.Position = 0;
        var bytes = new byte[part.Length];
        await part.ReadExactlyAsync(bytes, cancellationToken);
        var entries = new (Hash32 Identifier, KnownPerson Person)[bytes.Length / RecordBytes];
        for (var index = 0; index < entries.Length; index++)
        {
            entries[index] = Read(bytes.AsSpan(index * RecordBytes, RecordBytes));
        }

        return [.. entries.OrderBy(entry => entry.Identifier)];
    }

    private static (Hash32 Identifier, KnownPerson Person) Read(ReadOnlySpan<byte> record) =>
        (Hash32.FromSpan(record[..Hash32.Size]), new KnownPerson(Id.FromBytes(record[32..]), Id.FromBytes(record[48..])));
}
