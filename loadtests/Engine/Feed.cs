namespace Humanitarian.LoadTests.Engine;

/// <summary>Which item of so many each request uses: a pure function of the request's number, so that a seed replays a run.</summary>
internal delegate int Feed(long request);

/// <summary>The usual feeds.</summary>
internal static class Feeds
{
    /// <summary>One after the other, from the beginning again at the end.</summary>
    public static Feed Circular(int count) => request => (int)(request % count);

    /// <summary>Each as likely as any other.</summary>
    public static Feed Uniform(int count, ulong seed) => request => (int)(UInt128.CreateTruncating(Mix(seed, request)) * (uint)count >> 64);

    /// <summary>The item of rank k as likely as 1/k to the exponent: few are used much, many rarely.</summary>
    public static Feed Zipf(int count, double exponent, ulong seed)
    {
        var cumulative = new double[count];
        var sum = 0d;
        for (var rank = 0; rank < count; rank++)
        {
            cumulative[rank] = sum += Math.Pow(rank + 1, -exponent);
        }

        return request =>
        {
            var found = Array.BinarySearch(cumulative, (Mix(seed, request) >> 11) * (1.0 / (1UL << 53)) * sum);
            return Math.Min(found < 0 ? ~found : found, count - 1);
        };
    }

    /// <summary>SplitMix64 of a seed and a number.</summary>
    public static ulong Mix(ulong seed, long number)
    {
        unchecked
        {
            var z = seed + (((ulong)number + 1) * 0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
