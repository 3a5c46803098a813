using System.Globalization;
using CsvHelper;

namespace Humanitarian.Api.Lists;

/// <summary>What list to make.</summary>
public sealed record ListGeneratorOptions
{
    /// <summary>The same seed and options make the same bytes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Rows that are good, exactly; up to 9,999,999.</summary>
    public required int Households { get; init; }

    /// <summary>Rows that repeat an earlier row's telephone number or household, in addition.</summary>
    public int Duplicates { get; init; }

    /// <summary>Rows with one fault each, in addition, of the kinds that spreadsheets and typing leave.</summary>
    public int BadRows { get; init; }

    /// <summary>ISO 4217 code written in each row.</summary>
    public string Currency { get; init; } = "KES";

    /// <summary>Decimals of the currency.</summary>
    public int Exponent { get; init; } = 2;

    /// <summary>Comma, semicolon or tab.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Whether the file begins with a byte order mark, as spreadsheets write it.</summary>
    public bool ByteOrderMark { get; init; }

    /// <summary>How lines end.</summary>
    public string NewLine { get; init; } = "\n";
}

/// <summary>
/// Makes lists of invented households in the project's own layout. Nobody is in them: names come from syllables, sites do
/// not exist, the telephone numbers have the length of Kenyan ones in a range that Kenya has not assigned (+254 9), and the
/// national ids begin with letters that no register uses.
/// </summary>
public static class ListGenerator
{
    private const int HouseholdsMax = 9_999_999;

    /// <summary>Coprime to 10^7, so that multiples of it modulo 10^7 never repeat and look shuffled.</summary>
    private const long Stride = 7_368_787;

    private static readonly string[] Header =
        ["household_id", "size", "amount", "currency", "phone", "national_id", "collector_name", "birth_date", "site"];

    private static readonly string[] Starts = ["Ka", "Mo", "Ti", "Nya", "Wa", "Lo", "Zu", "Ha", "Be", "Sa", "Ru", "Ji"];
    private static readonly string[] Middles = ["la", "me", "ri", "so", "tu", "ndi", "ka", "wo", "pi", "ba"];
    private static readonly string[] Ends = ["na", "ro", "si", "mu", "ti", "lo", "ya", "ke", "ndo", "ra"];
    private static readonly string[] Sites = ["Kaluwe North", "Kaluwe South", "Tirandi", "Mowasi", "Nyabero", "Lokume", "Zuriba", "Harandi"];

    /// <summary>How many households of a hundred have 1, 2, ... 12 members; the mean is 5.</summary>
    private static readonly int[] SizeWeights = [6, 9, 13, 17, 18, 14, 9, 6, 3, 2, 2, 1];

    /// <summary>Writes the list and leaves the stream open.</summary>
    public static async Task WriteAsync(Stream stream, ListGeneratorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Households);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)options.Households + options.Duplicates + options.BadRows, HouseholdsMax);
        await using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions
        {
            Separator = options.Separator,
            NewLine = options.NewLine,
            WriteByteOrderMark = options.ByteOrderMark,
        }, leaveOpen: true);
        csv.WriteHeader(Header);

        var random = new Random(options.Seed);
        int good = options.Households, duplicates = options.Duplicates, bad = options.BadRows;
        string[]? earlier = null;
        for (int number = 1; good + duplicates + bad > 0; number++)
        {
            string[] row = Row(number, random, options);
            int draw = random.Next(good + duplicates + bad);
            if (draw < good || (earlier is null && good > 0))
            {
                good--;
                earlier = row;
            }
            else if (earlier is not null && draw < good + duplicates)
            {
                int column = duplicates % 2 == 0 ? 0 : 4;
                row[column] = earlier[column];
                duplicates--;
            }
            else
            {
                (int column, string value) = Fault(bad, row, options);
                row[column] = value;
                _ = bad > 0 ? bad-- : duplicates--;
            }

            await csv.WriteRecordAsync(row, cancellationToken);
        }

        await csv.FlushAsync(cancellationToken);
    }

    private static string[] Row(int number, Random random, ListGeneratorOptions options)
    {
        int size = Size(random);
        long shuffled = ((number * Stride) + options.Seed % 10_000_000L + 10_000_000L) % 10_000_000L;
        // Seven shuffled digits and a last one that is not zero: no number looks rounded.
        string phone = string.Create(CultureInfo.InvariantCulture, $"+2549{shuffled:D7}{(shuffled % 9) + 1}");
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"HH-{number:D7}"),
            size.ToString(CultureInfo.InvariantCulture),
            Amount(size, options.Exponent),
            options.Currency,
            phone,
            string.Create(CultureInfo.InvariantCulture, $"XX{shuffled:D7}"),
            Name(random),
            new DateOnly(1945, 1, 1).AddDays(random.Next(21_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Sites[random.Next(Sites.Length)],
        ];
    }

    private static int Size(Random random)
    {
        int draw = random.Next(SizeWeights.Sum());
        int size = 0;
        while (draw >= SizeWeights[size])
            draw -= SizeWeights[size++];
        return size + 1;
    }

    /// <summary>1,500 for the household and 850 for each member, as a transfer value that covers part of a food basket.</summary>
    private static string Amount(int size, int exponent) =>
        ((decimal)(1_500 + (850 * size))).ToString($"F{exponent}", CultureInfo.InvariantCulture);

    /// <summary>One name in eight is written family name first, with a comma that the file must quote.</summary>
    private static string Name(Random random)
    {
        string given = Word(random), family = Word(random);
        return random.Next(8) == 0 ? $"{family}, {given}" : $"{given} {family}";
    }

    private static string Word(Random random) =>
        Starts[random.Next(Starts.Length)] + (random.Next(2) == 0 ? "" : Middles[random.Next(Middles.Length)]) + Ends[random.Next(Ends.Length)];

    /// <summary>The fault of the row that is <paramref name="left"/> from the last bad one.</summary>
    private static (int Column, string Value) Fault(int left, string[] row, ListGeneratorOptions options) => (left % 16) switch
    {
        0 => (4, "2.54908E+11"),
        1 => (2, row[2].Replace('.', ',') + (options.Exponent == 0 ? ",50" : "")),
        2 => (2, "-" + row[2]),
        3 => (0, ""),
        4 => (2, "0"),
        5 => (4, row[4][4..]),
        6 => (2, "KES " + row[2]),
        7 => (4, "0" + row[4][4..]),
        8 => (2, row[2] + (options.Exponent == 0 ? ".001" : "1")),
        9 => (1, "0"),
        10 => (3, options.Currency == "USD" ? "EUR" : "USD"),
        11 => (7, "31/12/1980"),
        12 => (5, "2.9114E+07"),
        13 => (2, "#REF!"),
        14 => (4, row[4] + ".0"),
        _ => (6, "=VLOOKUP(A2,Sheet2!A:C,3,0)"),
    };
}
