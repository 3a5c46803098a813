using System.Buffers;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Canonical;

/// <summary>
/// Writes the canonical encoding: every value has exactly one form. Whole numbers are LEB128 (signed ones zigzag first), texts and
/// lists carry their length before them, ids and hashes are their raw bytes. <c>docs/chain.md</c> is its specification.
/// </summary>
public sealed class CanonicalWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new(256);

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public int Length => buffer.WrittenCount;

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    public void Clear() => buffer.ResetWrittenCount();

    public void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Number(ulong value)
    {
        var span = buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)((value & 0x7F) | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    public void Number(long nonNegative) => Number(checked((ulong)nonNegative));

    public void Signed(long value) => Number(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(buffer.GetSpan(value.Length));
        buffer.Advance(value.Length);
    }

    public void Blob(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Bytes(value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    public void Id(Id value)
    {
        value.CopyTo(buffer.GetSpan(Domain.Id.Size));
        buffer.Advance(Domain.Id.Size);
    }

    public void Claim(Claim value)
    {
        value.CopyTo(buffer.GetSpan(Domain.Claim.Size));
        buffer.Advance(Domain.Claim.Size);
    }

    public void Hash(Hash32 value)
    {
        value.CopyTo(buffer.GetSpan(Hash32.Size));
        buffer.Advance(Hash32.Size);
    }

    public void Address(Address value)
    {
        value.CopyTo(buffer.GetSpan(Domain.Address.Size));
        buffer.Advance(Domain.Address.Size);
    }

    public void Signature(Signature value)
    {
        value.CopyTo(buffer.GetSpan(Domain.Signature.Size));
        buffer.Advance(Domain.Signature.Size);
    }

    public void List<T>(IReadOnlyList<T> items, Action<CanonicalWriter, T> write)
    {
        Number(items.Count);
        foreach (var item in items)
        {
            write(this, item);
        }
    }
}
