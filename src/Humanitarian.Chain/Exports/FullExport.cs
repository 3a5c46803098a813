using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Humanitarian.Chain.Exports;

/// <summary>
/// A whole chain in one file: a first line that names the format, then every block as it was sealed, with its length before it, then
/// a zero length, the number of blocks and the SHA-256 of all bytes before, so that a file cut short or damaged shows.
/// </summary>
public static class FullExport
{
    /// <summary>Most bytes of one block, so that a damaged length asks for no memory.</summary>
    public const int MaximumBlockBytes = 512 * 1024 * 1024;

    /// <summary>The first line.</summary>
    public static ReadOnlySpan<byte> Magic => "humanitarian-export 1\n"u8;

    /// <summary>Writes encoded blocks; returns how many.</summary>
    public static async Task<ulong> WriteAsync(
        Stream destination, IAsyncEnumerable<ReadOnlyMemory<byte>> blocks, CancellationToken cancellationToken = default)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await PutAsync(Magic.ToArray());
        var length = new byte[sizeof(uint)];
        ulong count = 0;
        await foreach (var block in blocks.WithCancellation(cancellationToken))
        {
            BinaryPrimitives.WriteInt32BigEndian(length, block.Length);
            await PutAsync(length);
            await PutAsync(block);
            count++;
        }

        length.AsSpan().Clear();
        await PutAsync(length);
        var number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, count);
        await PutAsync(number);
        await destination.WriteAsync(digest.GetHashAndReset(), cancellationToken);
        await destination.FlushAsync(cancellationToken);
        return count;

        ValueTask PutAsync(ReadOnlyMemory<byte> bytes)
        {
            digest.AppendData(bytes.Span);
            return destination.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>True when the bytes begin a full export.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Reads a file's blocks; each enumeration opens the file anew.</summary>
    /// <exception cref="ExportException">The file is no full export, is cut short or damaged.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await foreach (var block in ReadAsync(file, cancellationToken))
        {
            yield return block;
        }
    }

    /// <summary>Reads a stream's blocks, once.</summary>
    /// <exception cref="ExportException">The stream is no full export, is cut short or damaged.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ulong count = 0;
        if (!IsOne((await TakeAsync(Magic.Length)).Span))
        {
            throw new ExportException("The file is no full export of version 1.");
        }

        while (BinaryPrimitives.ReadUInt32BigEndian((await TakeAsync(sizeof(uint))).Span) is var length and > 0)
        {
            if (length > MaximumBlockBytes)
            {
                throw new ExportException($"The export is damaged: block {count} claims {length} bytes.");
            }

            yield return await TakeAsync((int)length);
            count++;
        }

        var number = BinaryPrimitives.ReadUInt64BigEndian((await TakeAsync(sizeof(ulong))).Span);
        var expected = digest.GetHashAndReset();
        var recorded = await TakeAsync(SHA256.HashSizeInBytes);
        if (number != count || !recorded.Span.SequenceEqual(expected) || await source.ReadAsync(new byte[1], cancellationToken) != 0)
        {
            throw new ExportException("The export is damaged: its end does not match what stands before it.");
        }

        async ValueTask<ReadOnlyMemory<byte>> TakeAsync(int bytes)
        {
            // Grows with what is really there, so that a damaged length in a short file asks for little.
            var buffer = new byte[Math.Min(bytes, 1 << 20)];
            var filled = 0;
            while (filled < bytes)
            {
                if (filled == buffer.Length)
                {
                    Array.Resize(ref buffer, (int)Math.Min(bytes, 2L * buffer.Length));
                }

                var read = await source.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                if (read == 0)
                {
                    throw new ExportException($"The export is cut short after {count} whole blocks.");
                }

                filled += read;
            }

            digest.AppendData(buffer);
            return buffer;
        }
    }
}
