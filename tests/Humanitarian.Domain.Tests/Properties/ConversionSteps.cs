using System.Globalization;
using System.Numerics;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Conversions of the grant in dollars, and of others, in random lives.</summary>
internal static class ConversionSteps
{
    private static readonly string[] Rates = ["0.92", "1", "1.5", "0.01", "129.35", "0.33333333333333333"];

    public static Outcome<Transaction> Convert(Step step, World world, int number) =>
        Conversions.Decide(CommandOf(step, world.Now), World.IdOf($"conversion {number}"), world.Scope(World.Finance, $"conversion {number}"), world.State);

    // The bank pays what the rate says, a little less or more, or something else altogether.
    public static ConvertCommand CommandOf(Step step, long now)
    {
        var rate = Rates[step.B % Rates.Length];
        var exact = (BigInteger)step.AmountMinor * Digits(rate) / Scale(rate);
        var paid = step.C switch { < 4 => exact, 4 => exact + 1, 5 => exact - (exact / 10), 6 => exact + (exact / 7), _ => 37 };
        return new ConvertCommand(
            World.GrantId(step.A == 7 ? 0 : World.Foreign), step.AmountMinor, (long)BigInteger.Max(long.MinValue, BigInteger.Min(long.MaxValue, paid)), rate,
            now / (24 * 60 * World.Minute), World.HashOf("bank"));
    }

    public static bool? Expected(Step step, Model model)
    {
        // What is at the edge of the numbers is not said here, nor which amounts a rate makes worthless.
        var command = CommandOf(step, World.Start);
        if (Int128.Abs(command.FromMinor) > 1_000_000 || command.ToMinor is > 0 and < 200)
        {
            return null;
        }

        return command.FromMinor > 0 && command.ToMinor > 0 && command.Grant == World.GrantId(World.Foreign)
            && model.Find<GrantRecord>(RecordKind.Grant, command.Grant) is { Active: true }
            && model.Available(World.PoolOf(World.Voucher), lot => model.Find<LotRecord>(RecordKind.Lot, lot) is { Parts: [], Unit: "USD" }) >= command.FromMinor;
    }

    public static BigInteger Digits(string rate) => BigInteger.Parse(rate.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    public static BigInteger Scale(string rate) => BigInteger.Pow(10, rate.Contains('.', StringComparison.Ordinal) ? rate.Length - rate.IndexOf('.', StringComparison.Ordinal) - 1 : 0);
}

internal sealed partial class Model
{
    // Both currencies of the tests have two decimals, so that the rate is one of minor units too.
    private void Converted(Transaction transaction)
    {
        var record = (ConversionRecord)transaction.Writes[0].Record;
        var grant = Find<GrantRecord>(RecordKind.Grant, transaction.Subject)!;
        Int128 left = 0, entered = 0;
        foreach (var posting in transaction.Postings.Where(posting => posting.Account == World.PoolOf(grant.Program)))
        {
            if (posting.Unit == grant.Unit)
            {
                left -= posting.AmountMinor;
                Flows[(posting.Lot, "converted")] = Flow(posting.Lot, "converted") - posting.AmountMinor;
            }
            else
            {
                entered += posting.AmountMinor;
            }
        }

        Sum(Retired, grant.Unit, left);
        Sum(Issued, World.Unit, entered);
        Must(left == record.FromMinor && entered == record.ToMinor, "a conversion's record is not what moved");
        var (digits, scale) = (ConversionSteps.Digits(record.Rate), ConversionSteps.Scale(record.Rate));
        var worth = Nearest((BigInteger)left * digits, scale) == (BigInteger)entered ? (BigInteger)left : Nearest((BigInteger)entered * scale, digits);
        var difference = (Int128)(worth - (BigInteger)left);
        if (difference != 0)
        {
            Flows[(record.Id, difference < 0 ? "exchangeloss" : "exchangegain")] = Int128.Abs(difference);
        }
    }

    private static BigInteger Nearest(BigInteger numerator, BigInteger denominator) => BigInteger.Divide((2 * numerator) + denominator, 2 * denominator);
}

/// <summary>Invariant 9 where a donation was converted: its parts in the donor's currency sum to it, and none that only grows shrinks.</summary>
internal static class ConversionChecks
{
    public static void Hold(Model model, Dictionary<(Id Receipt, string Part), Int128> before, Dictionary<(Id Receipt, string Part), Int128> parts)
    {
        foreach (var conversion in model.All<ConversionRecord>())
        {
            var value = (Int128)conversion.FromMinor - model.Flow(conversion.Id, "exchangeloss") + model.Flow(conversion.Id, "exchangegain");
            Assert.Equal(value, conversion.ValueMinor);
            Assert.Equal(conversion.ValueMinor, conversion.ValueOf(conversion.ToMinor));
            Assert.Equal(conversion.ToMinor, model.Find<LotRecord>(RecordKind.Lot, conversion.Id)!.SizeMinor);
            Int128 shown = 0;
            foreach (var part in new[] { "unspent", "held", "redeemed", "cost", "returned" })
            {
                var amount = parts.GetValueOrDefault((conversion.Id, part));
                shown += conversion.ValueOf((long)amount);
                if (part is "returned")
                {
                    Assert.True(conversion.ValueOf((long)amount) >= conversion.ValueOf((long)before.GetValueOrDefault((conversion.Id, part))), $"{part} shrank in the donor's currency");
                }
            }

            Assert.InRange(value - shown, 0, 4);
        }

        foreach (var grant in model.All<GrantRecord>())
        {
            var converted = model.All<ConversionRecord>().Where(conversion => conversion.Grant == grant.Id).Aggregate((Int128)0, (sum, conversion) => sum + conversion.FromMinor);
            Assert.Equal(converted, model.All<LotRecord>().Where(lot => lot.Origin == grant.Id).Aggregate((Int128)0, (sum, lot) => sum + model.Flow(lot.Id, "converted")));
        }
    }
}
