using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Blocks;

/// <summary>Canonical encoding of blocks, version 1.</summary>
public static class BlockCodec
{
    /// <summary>First byte of every block.</summary>
    public const byte Version = 1;

    private const byte WithClosedPart = 1;
    private const byte ClosedPartDeleted = 0;

    private static readonly Hash32 EmptyClosedPart = Keccak.Hash([]);

    public static byte[] Encode(Block block)
    {
        using var w = new CanonicalWriter(SizeOf(block));
        w.Byte(Version);
        WriteHeader(w, block.Header);
        w.Signature(block.Signature);
        w.List(block.Transactions, WriteTransaction);
        return w.ToArray();
    }

    private static int SizeOf(Block block)
    {
        const int Frame = 64;
        var size = 4L * Frame;
        foreach (var ordered in block.Transactions)
        {
            size += Frame + ordered.Transaction.Open.Length + (ordered.Transaction.Closed?.Length ?? 0) + (2 * ordered.Entries.Count);
        }

        return (int)Math.Min(size, int.MaxValue / 2);
    }

    /// <exception cref="EncodingException">The bytes are no canonical encoding.</exception>
    public static Block Decode(ReadOnlySpan<byte> bytes)
    {
        var r = new CanonicalReader(bytes);
        if (r.Byte() != Version)
        {
            throw new EncodingException("Unknown version of the block encoding.");
        }

        var (header, signature, parts) = (ReadHeader(ref r), r.Signature(), r.List(static (ref CanonicalReader r) => ReadTransaction(ref r)));
        r.End();
        return new Block(header, signature, Hashed(parts));
    }

    internal static void WriteHeader(CanonicalWriter w, BlockHeader header)
    {
        w.Number(header.Height);
        w.Hash(header.Previous);
        w.Hash(header.Root);
        w.Number(header.Count);
        w.Number(header.Time);
        w.Id(header.Epoch);
        w.Number(header.LogSize);
        w.Hash(header.LogRoot);
        w.Address(header.Sealer);
    }

    internal static BlockHeader ReadHeader(ref CanonicalReader r) =>
        new(r.Number(), r.Hash(), r.Hash(), r.Number(), r.Long(), r.Id(), r.Number(), r.Hash(), r.Address());

    private static void WriteTransaction(CanonicalWriter w, OrderedTransaction ordered)
    {
        w.Blob(ordered.Transaction.Open.Span);
        if (ordered.Transaction.Closed is { } closed)
        {
            w.Byte(WithClosedPart);
            w.Blob(closed.Span);
        }
        else
        {
            w.Byte(ClosedPartDeleted);
            w.Hash(ordered.Transaction.ClosedHash);
        }

        w.Id(ordered.EntrySalt);
        w.List(ordered.Entries, static (w, number) => w.Number(number));
    }

    private static Parts ReadTransaction(ref CanonicalReader r)
    {
        var open = r.Blob();
        var hashed = new byte[open.Length + Hash32.Size];
        open.CopyTo(hashed);
        var form = r.Byte();
        if (form > WithClosedPart)
        {
            throw new EncodingException("Unknown form of a closed part.");
        }

        var closed = form == WithClosedPart ? r.Blob().ToArray() : null;
        var closedHash = closed is null ? r.Hash() : default;
        return closed is null && closedHash == EmptyClosedPart
            ? throw new EncodingException("An empty closed part is never deleted.")
            : new Parts(hashed, closed, closedHash, r.Id(), r.List(static (ref CanonicalReader r) => r.Number()));
    }

    // All of a block's hashes together, which is faster than each with its transaction.
    private static OrderedTransaction[] Hashed(Parts[] parts)
    {
        var closedHashes = Keccak.HashAll(Array.ConvertAll(parts, part => (ReadOnlyMemory<byte>)part.Closed));
        for (var position = 0; position < parts.Length; position++)
        {
            ref var part = ref parts[position];
            part = part with { ClosedHash = part.Closed is null ? part.ClosedHash : closedHashes[position] };
            part.ClosedHash.CopyTo(part.OpenAndHash.AsSpan(part.OpenLength));
        }

        var hashes = Keccak.HashAll(Array.ConvertAll(parts, part => (ReadOnlyMemory<byte>)part.OpenAndHash));
        var ordered = new OrderedTransaction[parts.Length];
        for (var position = 0; position < parts.Length; position++)
        {
            var (open, closed, closedHash, salt, entries) = parts[position];
            ordered[position] = new OrderedTransaction(
                new EncodedTransaction(open.AsMemory(0, parts[position].OpenLength), closed is null ? null : (ReadOnlyMemory<byte>?)closed, closedHash, hashes[position]), salt, entries);
        }

        return ordered;
    }

    /// <summary>A transaction as it was read.</summary>
    /// <param name="OpenAndHash">The open part, and room for the closed part's hash: what its own hash is taken of.</param>
    /// <param name="ClosedHash">As it was written where the closed part is deleted.</param>
    private readonly record struct Parts(byte[] OpenAndHash, byte[]? Closed, Hash32 ClosedHash, Id EntrySalt, ulong[] Entries)
    {
        public int OpenLength => OpenAndHash.Length - Hash32.Size;
    }
}
