using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Humanitarian.Domain;
using Four = System.Runtime.Intrinsics.Vector256<ulong>;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// Keccak-256 of four messages side by side, each in its own quarter of the vectors: with 256-bit vectors 2.6 times as fast as one
/// after another (440 and 170 ns for a block of 136 bytes). Trees and blocks have many to hash.
/// </summary>
internal static class KeccakFour
{
    /// <summary>Messages in one go.</summary>
    public const int Width = 4;

    private const int Words = 25;
    private const int WordBytes = sizeof(ulong);

    /// <summary>Hashes four messages of whatever lengths; where there are fewer, the others are empty.</summary>
    public static void Hash(
        scoped ReadOnlySpan<byte> a, scoped ReadOnlySpan<byte> b, scoped ReadOnlySpan<byte> c, scoped ReadOnlySpan<byte> d, scoped Span<Hash32> digests)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            (digests[0], digests[1], digests[2], digests[3]) = (Keccak.Hash(a), Keccak.Hash(b), Keccak.Hash(c), Keccak.Hash(d));
            return;
        }

        Span<Four> state = stackalloc Four[Words];
        Span<Four> other = stackalloc Four[Words];
        state.Clear();
        var words = MemoryMarshal.Cast<Four, ulong>(state);
        var last = Math.Max(Math.Max(a.Length, b.Length), Math.Max(c.Length, d.Length)) / KeccakHasher.RateBytes;
        for (var block = 0; block <= last; block++)
        {
            Absorb(words, a, block);
            Absorb(words[1..], b, block);
            Absorb(words[2..], c, block);
            Absorb(words[3..], d, block);
            Permute(state, other);
            Squeeze(words, a, block, ref digests[0]);
            Squeeze(words[1..], b, block, ref digests[1]);
            Squeeze(words[2..], c, block, ref digests[2]);
            Squeeze(words[3..], d, block, ref digests[3]);
        }
    }

    /// <param name="words">From this message's quarter on; its next word stands <see cref="Width"/> further.</param>
    /// <param name="message">The rest of one that has ended is not there; what its quarter goes on to hold is not looked at.</param>
    private static void Absorb(Span<ulong> words, ReadOnlySpan<byte> message, int block)
    {
        if (block > message.Length / KeccakHasher.RateBytes)
        {
            return;
        }

        var rest = message[(block * KeccakHasher.RateBytes)..];
        var whole = Math.Min(rest.Length, KeccakHasher.RateBytes) / WordBytes;
        for (var word = 0; word < whole; word++)
        {
            words[word * Width] ^= BinaryPrimitives.ReadUInt64LittleEndian(rest[(word * WordBytes)..]);
        }

        if (rest.Length < KeccakHasher.RateBytes)
        {
            var padded = 1UL;
            for (var at = rest.Length - 1; at >= whole * WordBytes; at--)
            {
                padded = (padded << 8) | rest[at];
            }

            words[whole * Width] ^= padded;
            words[((KeccakHasher.RateBytes / WordBytes) - 1) * Width] ^= 0x80UL << 56;
        }
    }

    private static void Squeeze(ReadOnlySpan<ulong> words, ReadOnlySpan<byte> message, int block, ref Hash32 digest)
    {
        if (block == message.Length / KeccakHasher.RateBytes)
        {
            digest = new Hash32(
                BinaryPrimitives.ReverseEndianness(words[0]),
                BinaryPrimitives.ReverseEndianness(words[Width]),
                BinaryPrimitives.ReverseEndianness(words[2 * Width]),
                BinaryPrimitives.ReverseEndianness(words[3 * Width]));
        }
    }

    private static void Permute(Span<Four> state, Span<Four> other)
    {
        var constants = KeccakHasher.RoundConstants;
        for (var round = 0; round < constants.Length; round += 2)
        {
            Round(state, other, constants[round]);
            Round(other, state, constants[round + 1]);
        }
    }

    // As in KeccakHasher, on vectors.
    private static void Round(ReadOnlySpan<Four> a, Span<Four> e, ulong constant)
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
        e[0] ^= Vector256.Create(constant);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(Span<Four> e, Four b0, Four b1, Four b2, Four b3, Four b4)
    {
        e[4] = b4 ^ Vector256.AndNot(b1, b0);
        e[3] = b3 ^ Vector256.AndNot(b0, b4);
        e[2] = b2 ^ Vector256.AndNot(b4, b3);
        e[1] = b1 ^ Vector256.AndNot(b3, b2);
        e[0] = b0 ^ Vector256.AndNot(b2, b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Rotate(Four lane, int bits) => Vector256.ShiftLeft(lane, bits) | Vector256.ShiftRightLogical(lane, 64 - bits);
}
