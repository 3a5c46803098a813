using System.Globalization;
using System.Text;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>
/// The lists of three organisations that work in the same district: together so many households, some of which stand on two lists. Nobody
/// is in them: the telephone numbers have the length of Kenyan ones in a range that Kenya has not assigned (+254 9).
/// </summary>
/// <param name="Households">Different households on all three.</param>
internal sealed record DayLists(int Households)
{
    public const string Currency = "KES";
    public const int Exponent = 2;

    /// <summary>So many households for each one that stands on two lists.</summary>
    private const int HouseholdsPerOverlap = 25;

    /// <summary>One overlap in so many shares a telephone and nothing else.</summary>
    private const int PhoneOnlyEvery = 20;

    /// <summary>Coprime to 10^7, so that multiples of it modulo 10^7 never repeat and look shuffled.</summary>
    private const long Stride = 7_368_787;

    private int First => Households / 2;

    private int Second => Households * 38 / 100;

    /// <summary>Households that two organisations have on their lists.</summary>
    public int Overlaps => Households / HouseholdsPerOverlap;

    /// <summary>Of these, those that the first and the second organisation share; they stand first on both lists.</summary>
    public int OfFirstAndSecond => Overlaps * 3 / 5;

    private int OfFirstAndThird => Overlaps / 4;

    /// <summary>Overlaps that rest on a telephone number alone.</summary>
    public int PhoneOnly => Enumerable.Range(0, Households).Count(IsPhoneOnly);

    /// <summary>Rows at the head of each list that stand on another one too.</summary>
    public IReadOnlyList<int> Shared => [OfFirstAndSecond + OfFirstAndThird, Overlaps - OfFirstAndThird, Overlaps - OfFirstAndSecond];

    /// <summary>The three lists.</summary>
    public IReadOnlyList<DemoList> Make()
    {
        int[] shared = [.. Enumerable.Range(0, OfFirstAndSecond + OfFirstAndThird)];
        int[] ofSecondAndThird = [.. Enumerable.Range(First, Overlaps - OfFirstAndSecond - OfFirstAndThird)];
        return
        [
            List("NIN", Enumerable.Range(0, First)),
            List("WFA", [.. shared.Take(OfFirstAndSecond), .. Enumerable.Range(First, Second)]),
            List("RAC", [.. shared.Skip(OfFirstAndSecond), .. ofSecondAndThird, .. Enumerable.Range(First + Second, Households - First - Second)]),
        ];
    }

    private DemoList List(string register, IEnumerable<int> households)
    {
        var text = new StringBuilder("household_id,size,amount,currency,phone,national_id,site\n");
        foreach (var (household, row) in households.Select((household, row) => (household, row)))
        {
            var size = 1 + (household % 9);
            var shuffled = (household + 1) * Stride % 10_000_000L;

            // Of a few, each organisation holds another document: only the telephone is the same.
            var document = IsPhoneOnly(household) ? $"{register[..1]}X" : "XX";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{register}-{row + 1:D5},{size},{1_500 + (850 * size)}.00,{Currency},+2549{shuffled:D7}{(shuffled % 9) + 1},{document}{shuffled:D7},Kaluwe\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return new DemoList($"the list of {register}", Currency, Exponent, "household", 1, false, _ => Task.FromResult<Stream>(new MemoryStream(bytes)));
    }

    private bool IsPhoneOnly(int household) => IsShared(household) && household % PhoneOnlyEvery == PhoneOnlyEvery - 1;

    private bool IsShared(int household) =>
        household < OfFirstAndSecond + OfFirstAndThird || (household >= First && household < First + Overlaps - OfFirstAndSecond - OfFirstAndThird);
}
