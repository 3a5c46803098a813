using System.Text.RegularExpressions;
using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

public sealed class ListGeneratorTests
{
    /// <summary>What made samples/households-10000.csv.</summary>
    private static readonly ListGeneratorOptions Sample = new() { Seed = 10_000, Households = 9_977, Duplicates = 5, BadRows = 18 };

    [Fact]
    public async Task Shipped_sample_is_what_the_generator_makes()
    {
        string path = ListFiles.Above("samples", "households-10000.csv") ?? throw new FileNotFoundException("samples/households-10000.csv");
        Assert.Equal(await File.ReadAllBytesAsync(path), await ListFiles.GenerateAsync(Sample));
    }

    [Fact]
    public async Task Shipped_sample_has_9977_good_rows_and_23_bad_ones()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(await ListFiles.GenerateAsync(Sample));
        Assert.Null(summary.Refusal);
        Assert.Equal((9_977L, 23L, 23L), (summary.RowsGood, summary.RowsRefused, summary.ErrorsTotal));
        Assert.InRange(rows.Average(r => r.HouseholdSize!.Value), 4.8, 5.2);
        string shown = string.Join('\n', summary.Errors.Select(e => $"{e.Line} {e.Code}"));
        Assert.Equal(ExpectedRefusals, shown);
    }

    private const string ExpectedRefusals = """
        44 AMOUNT_NEGATIVE
        217 AMOUNT_DECIMAL_COMMA
        748 PHONE_SCIENTIFIC
        1592 FORMULA
        1710 PHONE_TRAILING_DECIMAL
        1751 SPREADSHEET_ERROR
        2233 ID_SCIENTIFIC
        2288 DATE_TURNED_ROUND
        2998 DUPLICATE_IN_LIST
        3259 DUPLICATE_IN_LIST
        3376 CURRENCY_MISMATCH
        4465 SIZE_INVALID
        4575 DUPLICATE_IN_LIST
        4793 DUPLICATE_IN_LIST
        5256 AMOUNT_TOO_PRECISE
        5768 PHONE_NATIONAL
        5917 AMOUNT_CURRENCY_SIGN
        6614 PHONE_LEADING_ZERO_LOST
        8011 AMOUNT_ZERO
        8933 ID_MISSING
        9207 AMOUNT_NEGATIVE
        9558 AMOUNT_DECIMAL_COMMA
        9627 DUPLICATE_IN_LIST
        """;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 3, 40)]
    [InlineData(5_000, 0, 0)]
    [InlineData(3_000, 100, 200)]
    public async Task Generated_list_has_exactly_the_rows_asked_for(int households, int duplicates, int bad)
    {
        foreach (char separator in ",;\t")
        {
            byte[] list = await ListFiles.GenerateAsync(new()
            {
                Seed = households,
                Households = households,
                Duplicates = duplicates,
                BadRows = bad,
                Separator = separator,
                ByteOrderMark = separator == ';',
                NewLine = separator == ';' ? "\r\n" : "\n",
            });
            (ListSummary summary, _) = await ListFiles.ReadAsync(list);
            Assert.Equal((households, duplicates + bad), ((int)summary.RowsGood, (int)summary.RowsRefused));
            Assert.Equal(duplicates, summary.Errors.Count(e => e.Code == ListCodes.DuplicateInList));
        }
    }

    [Fact]
    public void Every_code_is_documented()
    {
        string page = File.ReadAllText(ListFiles.Above("docs", "lists.md") ?? throw new FileNotFoundException("docs/lists.md"));
        string[] codes = [.. typeof(ListCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!)];
        string[] documented = [.. Regex.Matches(page, @"^\| `([A-Z0-9_]+)` \|", RegexOptions.Multiline).Select(m => m.Groups[1].Value)];
        Assert.Equal(codes.Order(), documented.Order());
    }

    [Theory]
    [InlineData("JPY", 0)]
    [InlineData("KWD", 3)]
    public async Task Amounts_fit_the_currency(string currency, int exponent)
    {
        byte[] list = await ListFiles.GenerateAsync(new() { Households = 200, BadRows = 32, Currency = currency, Exponent = exponent });
        (ListSummary summary, _) = await ListFiles.ReadAsync(list, ListFiles.Options with { Currency = currency, Exponent = exponent });
        Assert.Equal((200L, 32L), (summary.RowsGood, summary.RowsRefused));
    }

    [Fact]
    public async Task Other_seeds_make_other_lists()
    {
        byte[] one = await ListFiles.GenerateAsync(new() { Seed = 1, Households = 50 });
        Assert.Equal(one, await ListFiles.GenerateAsync(new() { Seed = 1, Households = 50 }));
        Assert.NotEqual(one, await ListFiles.GenerateAsync(new() { Seed = 2, Households = 50 }));
    }
}
