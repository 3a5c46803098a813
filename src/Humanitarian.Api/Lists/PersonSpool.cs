using System.Buffers.Binary;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Keyed hashes of people not known before, in a file until the list is taken: a refused list leaves nothing in the matching store. The
/// file never holds a clear identifier and goes when it is closed.
/// </summary>
internal sealed class PersonSpool(string path) : IAsyncDisposable
{
    private const int RecordBytes = 48;
    private const int BatchMax = 20_000;

    // The data folder is its owner's alone, and so is what lies in it.
    private readonly FileStream file = new(
        path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    public async ValueTask AddAsync(UInt128 keyedHash, KnownPerson person, CancellationToken cancellationToken)
    {
        var record = new byte[RecordBytes];
        BinaryPrimitives.WriteUInt128BigEndian(record, keyedHash);
        person.Account.CopyTo(record.AsSpan(16));
        person.Household.CopyTo(record.AsSpan(32));
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

    /// <summary>The matching store's name of a keyed hash: its 128 bits, then zeros.</summary>
    public static Hash32 NameOf(UInt128 keyedHash) => new((ulong)(keyedHash >> 64), (ulong)(keyedHash & ulong.MaxValue), 0, 0);

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private static (Hash32 Identifier, KnownPerson Person) Read(ReadOnlySpan<byte> record) =>
        (NameOf(BinaryPrimitives.ReadUInt128BigEndian(record)), new KnownPerson(Id.FromBytes(record[16..]), Id.FromBytes(record[32..])));
}
