using System.Text.Json;

namespace Humanitarian.Host.Demo;

/// <summary>What the demo did, as <c>--json</c> prints it. Amounts are cumulative flows in minor units.</summary>
/// <param name="Beneficiaries">Good rows of the list.</param>
/// <param name="HeldMinor">What beneficiaries still hold.</param>
/// <param name="UnspentMinor">What the grants still have.</param>
/// <param name="Verified">True when the chain and the projections were verified and every identity held.</param>
internal sealed record DemoFigures(
    long Beneficiaries, long RowsRefused, string Currency, int Exponent, long DonatedMinor, long DisbursedMinor, long RedeemedMinor, long SettledMinor,
    long ExpiredMinor, long HeldMinor, long UnspentMinor, long CostsMinor, long ReturnedMinor, ulong Blocks, long Transactions, bool Verified,
    double Seconds, string DataFolder, string GenesisHash)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The identities that do not hold, in words.</summary>
    public IReadOnlyList<string> Broken(long listedMinor)
    {
        var broken = new List<string>();
        void Require(bool holds, string identity)
        {
            if (!holds)
            {
                broken.Add(identity);
            }
        }

        Require(DisbursedMinor == checked(RedeemedMinor + ExpiredMinor + HeldMinor), "disbursed = redeemed + expired + held");
        Require(DonatedMinor == checked(UnspentMinor + DisbursedMinor - ExpiredMinor + CostsMinor + ReturnedMinor), "donated = unspent + disbursed - expired + costs + returned");
        Require(SettledMinor <= RedeemedMinor, "settled is at most redeemed");
        Require(DisbursedMinor == listedMinor, "every good row is disbursed exactly once");
        Require(new[] { DisbursedMinor, RedeemedMinor, SettledMinor, ExpiredMinor, HeldMinor, UnspentMinor, CostsMinor, ReturnedMinor }.All(amount => amount >= 0), "no amount is negative");
        return broken;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Options);
}
