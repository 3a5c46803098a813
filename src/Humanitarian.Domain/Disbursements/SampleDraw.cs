using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// Draws lines of a list, the same for everybody who knows the frozen list's root and nonce and the secret. <c>docs/disbursements.md</c> specifies it with a
/// vector.
/// </summary>
public static class SampleDraw
{
    /// <summary>SHA-256 of <c>sample seed</c>, the frozen list's root, the approval's nonce and the secret.</summary>
    public static Hash32 SeedOf(Hash32 listRoot, Id nonce, Hash32 secret) =>
        Hash32.FromSpan(SHA256.HashData([.. "sample seed"u8, .. listRoot.ToArray(), .. nonce.ToBytes(), .. secret.ToArray()]));

    /// <summary>The places of the drawn lines, from 0, in rising order: all of them where so many are asked for.</summary>
    /// <param name="lines">How many lines the list has.</param>
    /// <param name="count">How many are drawn.</param>
    public static long[] Draw(Hash32 seed, long lines, int count)
    {
        // The first places of a shuffle by Fisher and Yates; only those that moved are kept.
        var moved = new Dictionary<long, long>();
        var drawn = new long[Math.Min(lines, count)];
        ulong number = 0;
        for (var place = 0; place < drawn.Length; place++)
        {
            var other = place + (long)Below((ulong)(lines - place), seed, ref number);
            drawn[place] = moved.GetValueOrDefault(other, other);
            moved[other] = moved.GetValueOrDefault(place, place);
        }

        Array.Sort(drawn);
        return drawn;
    }

    // Numbers beyond the last whole multiple are passed over, so that none is likelier than another.
    private static ulong Below(ulong bound, Hash32 seed, ref ulong number)
    {
        var beyond = (ulong.MaxValue % bound + 1) % bound;
        while (true)
        {
            var next = Next(seed, number++);
            if (next <= ulong.MaxValue - beyond)
            {
                return next % bound;
            }
        }
    }

    private static ulong Next(Hash32 seed, ulong number)
    {
        var counter = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(counter, number);
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. seed.ToArray(), .. counter]));
    }
}
