using System.Buffers;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Canonical;

/// <summary>
/// Writes the canonical encoding: every value has exactly one form. Whole numbers are LEB128 (signed ones zigzag first), texts and
/// lists carry their length before them, ids and hashes are their raw bytes. <c>docs/chain.md</c> is its specification.
/// </summary>
public sealed class CanonicalWriter : IDisposable
{
    private byte[] buffer;
    private int length;

    /// <param name="capacity">Bytes expected; it grows as needed.</param>
    public CanonicalWriter(int capacity = 512) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public int Length => length;

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => length = 0;

    /// <summary>Gives the buffer back; a writer that is left to the collector only costs its buffer.</summary>
    public void Dispose()
    {
        var rented = buffer;
        (buffer, length) = ([], 0);
        if (rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Byte(byte value) => Next(1)[0] = value;

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    public void Number(long nonNegative) => Number(checked((ulong)nonNegative));

    public void Signed(long value) => Number(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Next(value.Length));

    public void Blob(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Bytes(value);
    }

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Number(bytes);
        Encoding.UTF8.GetBytes(value, Next(bytes));
    }

    public void Id(Id value) => value.CopyTo(Next(Domain.Id.Size));

    public void Claim(Claim value) => value.CopyTo(Next(Domain.Claim.Size));

    public void Hash(Hash32 value) => value.CopyTo(Next(Hash32.Size));

    public void Address(Address value) => value.CopyTo(Next(Domain.Address.Size));

    public void Signature(Signature value) => value.CopyTo(Next(Domain.Signature.Size));

    public void List<T>(IReadOnlyList<T> items, Action<CanonicalWriter, T> write)
    {
        Number(items.Count);
        foreach (var item in items)
        {
            write(this, item);
        }
    }

    private Span<byte> Next(int count)
    {
        if (buffer.Length - length < count)
        {
            Grow(count);
        }

        var span = buffer.AsSpan(length, count);
        length += count;
        return span;
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(2 * buffer.Length, length + count)));
        Written.CopyTo(larger);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        buffer = larger;
    }
}
