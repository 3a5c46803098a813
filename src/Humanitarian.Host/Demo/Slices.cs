namespace Humanitarian.Host.Demo;

/// <summary>A good row of the list, as the importing organisation is told it.</summary>
internal readonly record struct Beneficiary(string AccountId, long AmountMinor);

/// <summary>How the demo shares a list out: most rows in bulk, a few that will expire unused, the last in person.</summary>
internal sealed record Slices(int Bulk, int Expiring, int InPerson)
{
    private const int SharedFrom = 3;
    private const int ExpiringMax = 20;
    private const int InPersonMax = 200;

    public static Slices Of(int rows) => rows < SharedFrom
        ? new Slices(rows, 0, 0)
        : new Slices(rows - Math.Clamp(rows / 100, 1, ExpiringMax) - Math.Clamp(rows / 20, 1, InPersonMax), Math.Clamp(rows / 100, 1, ExpiringMax), Math.Clamp(rows / 20, 1, InPersonMax));

    /// <summary>What the first of two grants bears of an amount: three fifths.</summary>
    public static long FirstShare(long amountMinor) => (amountMinor / 5 * 3) + (amountMinor % 5 * 3 / 5);
}
