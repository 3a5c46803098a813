using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>Keccak-256 as Ethereum uses it: the original padding, so not NIST's SHA3-256.</summary>
public static class Keccak
{
    public static Hash32 Hash(ReadOnlySpan<byte> data)
    {
        var hasher = new KeccakHasher();
        hasher.Append(data);
        return hasher.Finish();
    }

    /// <summary>The digest of both parts joined.</summary>
    public static Hash32 Hash(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var hasher = new KeccakHasher();
        hasher.Append(a);
        hasher.Append(b);
        return hasher.Finish();
    }

    /// <summary>The digests of many messages, in their order.</summary>
    public static Hash32[] HashAll(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        var digests = new Hash32[messages.Length];
        Span<Hash32> four = stackalloc Hash32[KeccakFour.Width];
        for (var at = 0; at < messages.Length; at += KeccakFour.Width)
        {
            var group = messages[at..];
            KeccakFour.Hash(group[0].Span, At(group, 1), At(group, 2), At(group, 3), four);
            four[..Math.Min(KeccakFour.Width, group.Length)].CopyTo(digests.AsSpan(at));
        }

        return digests;

        static ReadOnlySpan<byte> At(ReadOnlySpan<ReadOnlyMemory<byte>> group, int index) => index < group.Length ? group[index].Span : [];
    }

    /// <summary>
    /// Writes the digest to the destination's first 32 bytes. The destination must be a Span: an array passed here counts as
    /// the second part of <see cref="Hash(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.
    /// </summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> destination) => Hash(data).CopyTo(destination);
}

/// <summary>
/// Keccak-256 of parts appended one after another. Written here rather than taken from BouncyCastle because it runs several
/// times for every transaction, and theirs allocates. Formulas: The Keccak reference 3.0, section 1.2.
/// A value: a copy continues from where its original stood. Finish ends it.
/// </summary>
public ref struct KeccakHasher
{
    internal const int RateBytes = 136;

    internal static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    private Lanes lanes;
    private int position;

    public void Append(scoped ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (position % 8 == 0 && data.Length >= 8)
            {
                lanes[position / 8] ^= BinaryPrimitives.ReadUInt64LittleEndian(data);
                data = data[8..];
                position += 8;
            }
            else
            {
                AbsorbByte(position, data[0]);
                data = data[1..];
                position++;
            }

            if (position < RateBytes) continue;
            Permute(lanes);
            position = 0;
        }
    }

    /// <summary>Pads and squeezes. The hasher cannot be used again.</summary>
    public Hash32 Finish()
    {
        AbsorbByte(position, 0x01);
        AbsorbByte(RateBytes - 1, 0x80);
        Permute(lanes);

        Span<byte> digest = stackalloc byte[Hash32.Size];
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(digest[(i * 8)..], lanes[i]);
        return Hash32.FromSpan(digest);
    }

    private void AbsorbByte(int at, byte value) => lanes[at / 8] ^= (ulong)value << (at % 8 * 8);

    private static void Permute(Span<ulong> state)
    {
        Span<ulong> other = stackalloc ulong[25];
        for (var round = 0; round < RoundConstants.Length; round += 2)
        {
            Round(state, other, RoundConstants[round]);
            Round(other, state, RoundConstants[round + 1]);
        }
    }

    // Theta gives d0 to d4; each row of e then takes the five lanes that rho and pi bring there, and mixes them with chi.
    private static void Round(ReadOnlySpan<ulong> a, Span<ulong> e, ulong constant)
    {
        var c4 = a[24] ^ a[19] ^ a[14] ^ a[9] ^ a[4];
        var c3 = a[23] ^ a[18] ^ a[13] ^ a[8] ^ a[3];
        var c2 = a[22] ^ a[17] ^ a[12] ^ a[7] ^ a[2];
        var c1 = a[21] ^ a[16] ^ a[11] ^ a[6] ^ a[1];
        var c0 = a[20] ^ a[15] ^ a[10] ^ a[5] ^ a[0];
        var d0 = c4 ^ Rotate(c1, 1);
        var d1 = c0 ^ Rotate(c2, 1);
        var d2 = c1 ^ Rotate(c3, 1);
        var d3 = c2 ^ Rotate(c4, 1);
        var d4 = c3 ^ Rotate(c0, 1);

        Row(e[20..], Rotate(a[2] ^ d2, 62), Rotate(a[8] ^ d3, 55), Rotate(a[14] ^ d4, 39), Rotate(a[15] ^ d0, 41), Rotate(a[21] ^ d1, 2));
        Row(e[15..], Rotate(a[4] ^ d4, 27), Rotate(a[5] ^ d0, 36), Rotate(a[11] ^ d1, 10), Rotate(a[17] ^ d2, 15), Rotate(a[23] ^ d3, 56));
        Row(e[10..], Rotate(a[1] ^ d1, 1), Rotate(a[7] ^ d2, 6), Rotate(a[13] ^ d3, 25), Rotate(a[19] ^ d4, 8), Rotate(a[20] ^ d0, 18));
        Row(e[5..], Rotate(a[3] ^ d3, 28), Rotate(a[9] ^ d4, 20), Rotate(a[10] ^ d0, 3), Rotate(a[16] ^ d1, 45), Rotate(a[22] ^ d2, 61));
        Row(e, a[0] ^ d0, Rotate(a[6] ^ d1, 44), Rotate(a[12] ^ d2, 43), Rotate(a[18] ^ d3, 21), Rotate(a[24] ^ d4, 14));
        e[0] ^= constant;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(Span<ulong> e, ulong b0, ulong b1, ulong b2, ulong b3, ulong b4)
    {
        e[4] = b4 ^ (~b0 & b1);
        e[3] = b3 ^ (~b4 & b0);
        e[2] = b2 ^ (~b3 & b4);
        e[1] = b1 ^ (~b2 & b3);
        e[0] = b0 ^ (~b1 & b2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rotate(ulong lane, int bits) => BitOperations.RotateLeft(lane, bits);

    [InlineArray(25)]
    private struct Lanes
    {
        private ulong lane;
    }
}
