using Humanitarian.Domain;

namespace Humanitarian.Chain.Canonical;

/// <summary>The bytes are no canonical encoding: cut short, over-long, or written in another form than the one allowed.</summary>
public sealed class EncodingException(string message) : Exception(message);

/// <summary>Reads what <see cref="CanonicalWriter"/> wrote and refuses everything else, so that equal values have equal bytes.</summary>
public ref struct CanonicalReader(ReadOnlySpan<byte> bytes)
{
    private const int FirstRoom = 1024;
    private ReadOnlySpan<byte> rest = bytes;

    public readonly bool AtEnd => rest.IsEmpty;

    public readonly int Remaining => rest.Length;

    /// <exception cref="EncodingException">Bytes are left.</exception>
    public readonly void End()
    {
        if (!rest.IsEmpty)
        {
            throw new EncodingException($"{rest.Length} bytes follow the end.");
        }
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)rest.Length)
        {
            throw new EncodingException("Cut short.");
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    public byte Byte() => Bytes(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw new EncodingException("A flag is 0 or 1."),
    };

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            if (shift == 63 && part > 1)
            {
                throw new EncodingException("A number exceeds 64 bits.");
            }

            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return part == 0 && shift > 0 ? throw new EncodingException("A number is padded.") : value;
            }
        }

        throw new EncodingException("A number exceeds 64 bits.");
    }

    public long Long() => Number() is var value and <= long.MaxValue ? (long)value : throw new EncodingException("A number exceeds 63 bits.");

    public int Int() => Number() is var value and <= int.MaxValue ? (int)value : throw new EncodingException("A number exceeds 31 bits.");

    public uint UInt() => Number() is var value and <= uint.MaxValue ? (uint)value : throw new EncodingException("A number exceeds 32 bits.");

    public long Signed()
    {
        var value = Number();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    public ReadOnlySpan<byte> Blob() => Bytes(Int());

    public string Text()
    {
        try
        {
            return Strict.GetString(Blob());
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new EncodingException("A text is not UTF-8.");
        }
    }

    public Id Id() => Domain.Id.FromBytes(Bytes(Domain.Id.Size));

    public Claim Claim() => Domain.Claim.FromBytes(Bytes(Domain.Claim.Size));

    public Hash32 Hash() => Hash32.FromSpan(Bytes(Hash32.Size));

    public Address Address() => Domain.Address.FromSpan(Bytes(Domain.Address.Size));

    public Signature Signature() => Domain.Signature.FromSpan(Bytes(Domain.Signature.Size));

    public delegate T ItemReader<out T>(ref CanonicalReader reader);

    public T[] List<T>(ItemReader<T> read)
    {
        var count = Count();
        if (count == 0)
        {
            return [];
        }

        // Room grows with what is read: a number that somebody claims is worth no memory by itself.
        var items = new T[Math.Min(count, FirstRoom)];
        for (var index = 0; index < count; index++)
        {
            if (index == items.Length)
            {
                Array.Resize(ref items, (int)Math.Min(count, 2L * items.Length));
            }

            items[index] = read(ref this);
        }

        return items;
    }

    /// <summary>A list's length; it cannot exceed the bytes that are left, so a damaged length asks for no memory.</summary>
    /// <param name="atLeast">Bytes of the shortest item.</param>
    public int Count(int atLeast = 1)
    {
        var count = Int();
        return count <= rest.Length / atLeast ? count : throw new EncodingException("A list is longer than its bytes.");
    }

    private static readonly System.Text.UTF8Encoding Strict = new(false, true);
}
