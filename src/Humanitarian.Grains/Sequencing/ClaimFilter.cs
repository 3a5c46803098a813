using Humanitarian.Domain;

namespace Humanitarian.Grains.Sequencing;

/// <summary>
/// A Bloom filter over every claim ever taken: a claim seen for the first time costs no database read. Claims are keyed hashes
/// already, so their bits serve as the hash functions (Kirsch and Mitzenmacher, 2006: two hashes simulate k). It grows by stacking
/// filters, each twice as large as the one before.
/// </summary>
internal sealed class ClaimFilter
{
    private const int BitsPerClaim = 12;
    private const int Hashes = 8;
    private const int FirstCapacity = 1 << 20;
    private readonly List<(ulong[] Bits, int Capacity)> layers = [];
    private int used;

    public void Add(Claim claim)
    {
        if (layers.Count == 0 || used >= layers[^1].Capacity)
        {
            var capacity = layers.Count == 0 ? FirstCapacity : checked(layers[^1].Capacity * 2);
            layers.Add((new ulong[(long)capacity * BitsPerClaim / 64], capacity));
            used = 0;
        }

        used++;
        var bits = layers[^1].Bits;
        for (var index = 0; index < Hashes; index++)
        {
            var bit = Bit(claim, index, bits);
            bits[bit >> 6] |= 1UL << (int)(bit & 63);
        }
    }

    /// <summary>False when the claim was certainly never taken.</summary>
    public bool MayContain(Claim claim)
    {
        foreach (var (bits, _) in layers)
        {
            var all = true;
            for (var index = 0; all && index < Hashes; index++)
            {
                var bit = Bit(claim, index, bits);
                all = (bits[bit >> 6] & (1UL << (int)(bit & 63))) != 0;
            }

            if (all)
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Bit(Claim claim, int index, ulong[] bits) =>
        unchecked(claim.High + ((ulong)index * (claim.Low | 1))) % ((ulong)bits.Length * 64);
}
