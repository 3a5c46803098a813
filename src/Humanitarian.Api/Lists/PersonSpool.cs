using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Keyed hashes of people not known before, in a file until the list is taken: a refused list leaves nothing in the matching store. The
/// file never holds a clear identifier and goes when it is closed.
/// </summary>
internal sealed class PersonSpool(string path) : IAsyncDisposable
{
    private const int RecordBytes = 64;
    private const int BatchMax = 20_000;

    // The data folder is its owner's alone, and so is what lies in it.
    private readonly FileStream file = new(
        path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    public async ValueTask AddAsync(Hash32 name, KnownPerson person, CancellationToken cancellationToken)
    {
        var record = new byte[RecordBytes];
        name.CopyTo(record);
        person.Account.CopyTo(record.AsSpan(32));
        person.Household.CopyTo(record.AsSpan(48));
        await file.WriteAsync(record, cancellationToken);
    }

    /// <summary>Hands everything to the matching store.</summary>
    public async Task CommitAsync(IMatchingStore matching, Id organisation, CancellationToken cancellationToken)
    {
        await file.FlushAsync(cancellationToken);
        file.Position = 0;
        var buffer = new byte[RecordBytes * BatchMax];
        while (await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and var read)
        {
            var entries = new (Hash32 Identifier, KnownPerson Person)[read / RecordBytes];
            for (var index = 0; index < entries.Length; index++)
            {
                entries[index] = Read(buffer.AsSpan(index * RecordBytes, RecordBytes));
            }

            await matching.AddAsync(organisation, entries, cancellationToken);
        }
    }

    /// <summary>The matching store's name of an identifier: the 128 bits of its keyed hash, then its kind as a number of 128.</summary>
    public static Hash32 NameOf(Identifier identifier) =>
        new((ulong)(identifier.KeyedHash >> 64), (ulong)(identifier.KeyedHash & ulong.MaxValue), 0, (ulong)identifier.Kind);

    /// <summary>The kind of what has this name.</summary>
    public static IdentifierKind KindOf(Hash32 name) => (IdentifierKind)name.ToArray()[^1];

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private static (Hash32 Identifier, KnownPerson Person) Read(ReadOnlySpan<byte> record) =>
        (Hash32.FromSpan(record[..Hash32.Size]), new KnownPerson(Id.FromBytes(record[32..]), Id.FromBytes(record[48..])));
}
