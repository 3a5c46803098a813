using System.Globalization;
using System.Numerics;

namespace Humanitarian.Domain.LocalCurrency;

/// <summary>
/// What is left of one unit: a number above zero and at most one, in fixed point with 30 decimal places. Every product is rounded down,
/// so what melts is never charged too little, and everybody who replays finds the same digits.
/// </summary>
public readonly record struct MeltFactor
{
    /// <summary>Most decimal places of a factor in terms.</summary>
    public const int MaximumPlaces = 20;

    private static readonly BigInteger Scale = BigInteger.Pow(10, 30);
    private readonly BigInteger value;

    private MeltFactor(BigInteger value) => this.value = value;

    /// <summary>Nothing melts.</summary>
    public static MeltFactor One => new(Scale);

    /// <summary>Reads a factor such as 0.99980133200859895743 or 1; null for anything else.</summary>
    public static MeltFactor? Parse(string text)
    {
        if (text == "1")
        {
            return One;
        }

        var digits = text.StartsWith("0.", StringComparison.Ordinal) ? text[2..] : "";
        return digits.Length is > 0 and <= MaximumPlaces && digits.All(char.IsAsciiDigit) && digits.Any(digit => digit != '0')
            ? new MeltFactor(BigInteger.Parse(digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, 30 - digits.Length))
            : null;
    }

    /// <summary>What is left after both.</summary>
    public MeltFactor Times(MeltFactor other) => new(value * other.value / Scale);

    /// <summary>What is left after so many times.</summary>
    public MeltFactor Power(long times)
    {
        var (result, square) = (One, this);
        for (; times > 0; times >>= 1)
        {
            result = (times & 1) == 0 ? result : result.Times(square);
            square = times == 1 ? square : square.Times(square);
        }

        return result;
    }

    /// <summary>What is left of a balance, in whole minor units, rounded down; zero and debts do not melt.</summary>
    public long Of(long amountMinor) => amountMinor <= 0 ? amountMinor : (long)(amountMinor * value / Scale);

    /// <summary>The factor to 30 decimal places.</summary>
    public override string ToString() => $"{value / Scale}.{(value % Scale).ToString("D30", CultureInfo.InvariantCulture)}";
}
