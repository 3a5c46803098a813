using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>Each value in a row of the project's own layout, and what becomes of it.</summary>
public sealed class CellTests
{
    [Theory]
    [InlineData("1", 100)]
    [InlineData("12.5", 1250)]
    [InlineData("12.50", 1250)]
    [InlineData("0012.50", 1250)]
    [InlineData("12.5000000", 1250)]
    [InlineData("0.01", 1)]
    [InlineData("92233720368547758.07", long.MaxValue)]
    public async Task Plain_amount_is_read_exactly(string amount, long minor)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync($"household_id,size,amount\nH1,5,{amount}\n");
        Assert.Empty(summary.Errors);
        Assert.Equal(minor, Assert.Single(rows).AmountMinor);
    }

    [Theory]
    [InlineData("", ListCodes.AmountMissing)]
    [InlineData("0", ListCodes.AmountZero)]
    [InlineData("0.00", ListCodes.AmountZero)]
    [InlineData("-5", ListCodes.AmountNegative)]
    [InlineData("\u22125", ListCodes.AmountNegative)]
    [InlineData("(5.00)", ListCodes.AmountNegative)]
    [InlineData("92233720368547758.08", ListCodes.AmountOverflow)]
    [InlineData("99999999999999999999999999", ListCodes.AmountOverflow)]
    [InlineData("12.505", ListCodes.AmountTooPrecise)]
    [InlineData("1.000", ListCodes.AmountTooPrecise)]
    [InlineData("12.50000000", ListCodes.AmountTooPrecise)]
    [InlineData("12,50", ListCodes.AmountDecimalComma)]
    [InlineData("12,5", ListCodes.AmountDecimalComma)]
    [InlineData("1.234,50", ListCodes.AmountDecimalComma)]
    [InlineData("1,234.50", ListCodes.AmountThousandsSeparator)]
    [InlineData("1,234", ListCodes.AmountThousandsSeparator)]
    [InlineData("1.234.567", ListCodes.AmountThousandsSeparator)]
    [InlineData("1 234.50", ListCodes.AmountThousandsSeparator)]
    [InlineData("1\u00A0234", ListCodes.AmountThousandsSeparator)]
    [InlineData("1'234", ListCodes.AmountThousandsSeparator)]
    [InlineData("$12", ListCodes.AmountCurrencySign)]
    [InlineData("12 €", ListCodes.AmountCurrencySign)]
    [InlineData("KES 12", ListCodes.AmountCurrencySign)]
    [InlineData("1E+05", ListCodes.AmountScientific)]
    [InlineData("1.5E+3", ListCodes.AmountScientific)]
    [InlineData("twelve", ListCodes.AmountInvalid)]
    [InlineData(".5", ListCodes.AmountInvalid)]
    [InlineData("5.", ListCodes.AmountInvalid)]
    [InlineData("+5", ListCodes.AmountInvalid)]
    [InlineData("1O5", ListCodes.AmountInvalid)]
    [InlineData("\u0661\u0662", ListCodes.AmountInvalid)]
    [InlineData("#REF!", ListCodes.SpreadsheetError)]
    [InlineData("=B2*2", ListCodes.Formula)]
    public Task Amount_that_is_not_plain_is_refused(string amount, string code) =>
        RefusedAsync($"household_id,size,amount\nH1,5,\"{amount}\"\n", "amount", code);

    [Fact]
    public async Task Amount_with_decimals_is_refused_when_the_unit_has_none()
    {
        ListOptions yen = ListFiles.Options with { Currency = "JPY", Exponent = 0 };
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync("household_id,size,amount\nH1,5,12.5\nH2,5,12.00\nH3,5,7\n", yen);
        Assert.Equal(ListCodes.AmountTooPrecise, Assert.Single(summary.Errors).Code);
        Assert.Equal([12L, 7L], rows.Select(r => r.AmountMinor));
    }

    [Fact]
    public async Task Row_with_which_the_total_overflows_is_refused()
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync(
            "household_id,size,amount\nH1,5,92233720368547758.00\nH2,5,1.00\nH3,5,0.07\n");
        Assert.Equal((3L, ListCodes.AmountOverflow), (Assert.Single(summary.Errors).Line, summary.Errors[0].Code));
        Assert.Equal(long.MaxValue, summary.TotalMinor);
    }

    [Theory]
    [InlineData("+254722000001", null, "+254722000001")]
    [InlineData("254722000001", null, "+254722000001")]
    [InlineData("+254 722-000 001", null, "+254722000001")]
    [InlineData("0722000001", "KE", "+254722000001")]
    [InlineData("254722000001", "KE", "+254722000001")]
    [InlineData("63772290692", null, "+63772290692")]
    public async Task Possible_phone_is_normalised(string phone, string? region, string e164)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            $"household_id,size,amount,phone\nH1,5,1,{phone}\n", ListFiles.Options with { DefaultRegion = region });
        Assert.Empty(summary.Errors);
        Assert.Equal(e164, Assert.Single(rows).Phone);
        Assert.Contains(rows[0].Identifiers, x => x.Kind == IdentifierKind.Phone && x.Value == e164);
    }

    [Theory]
    [InlineData("2.54708E+11", null, ListCodes.PhoneScientific)]
    [InlineData("2,54708E+11", null, ListCodes.PhoneScientific)]
    [InlineData("254708000000", null, ListCodes.PhoneRounded)]
    [InlineData("254722000001.0", null, ListCodes.PhoneTrailingDecimal)]
    [InlineData("722000001", null, ListCodes.PhoneLeadingZeroLost)]
    [InlineData("722000001", "KE", ListCodes.PhoneLeadingZeroLost)]
    [InlineData("0722000001", null, ListCodes.PhoneNational)]
    [InlineData("00254722000001", null, ListCodes.PhoneNational)]
    [InlineData("2012345678", "US", ListCodes.PhoneAmbiguous)]
    [InlineData("+25472", null, ListCodes.PhoneInvalid)]
    [InlineData("+254722000001234", null, ListCodes.PhoneInvalid)]
    [InlineData("+2101234567890", null, ListCodes.PhoneInvalid)]
    [InlineData("call me", null, ListCodes.PhoneInvalid)]
    [InlineData("'254722000001", null, ListCodes.PhoneInvalid)]
    [InlineData("+254722000001+254722000002", null, ListCodes.PhoneInvalid)]
    [InlineData("#N/A", null, ListCodes.SpreadsheetError)]
    [InlineData("+cmd|' /C calc'!A0", null, ListCodes.Formula)]
    public Task Damaged_phone_is_refused(string phone, string? region, string code) =>
        RefusedAsync($"household_id,size,amount,phone\nH1,5,1,\"{phone}\"\n", "phone", code, ListFiles.Options with { DefaultRegion = region });

    [Theory]
    [InlineData("", ListCodes.IdMissing)]
    [InlineData("1.2E+11", ListCodes.IdScientific)]
    [InlineData("1234.0", ListCodes.IdTrailingDecimal)]
    [InlineData("###", ListCodes.SpreadsheetError)]
    [InlineData("---", ListCodes.IdInvalid)]
    [InlineData("H\n1", ListCodes.IdInvalid)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", ListCodes.IdTooLong)]
    public Task Damaged_id_is_refused(string id, string code) =>
        RefusedAsync($"household_id,size,amount\n\"{id}\",5,1\n", "household_id", code);

    [Theory]
    [InlineData("size", "0", ListCodes.SizeInvalid)]
    [InlineData("size", "5.0", ListCodes.SizeInvalid)]
    [InlineData("size", "100", ListCodes.SizeInvalid)]
    [InlineData("size", "", ListCodes.SizeInvalid)]
    [InlineData("currency", "USD", ListCodes.CurrencyMismatch)]
    [InlineData("email", "nobody", ListCodes.EmailInvalid)]
    [InlineData("email", "a@b@c", ListCodes.EmailInvalid)]
    [InlineData("national_id", "2.9E+07", ListCodes.IdScientific)]
    [InlineData("collector_name", "=A1", ListCodes.Formula)]
    [InlineData("birth_date", "2001-02-30", ListCodes.DateInvalid)]
    [InlineData("birth_date", "2027-01-01", ListCodes.DateInvalid)]
    [InlineData("birth_date", "36860", ListCodes.DateInvalid)]
    [InlineData("birth_date", "2001-30-11", ListCodes.DateTurnedRound)]
    [InlineData("birth_date", "30/11/2001", ListCodes.DateTurnedRound)]
    [InlineData("birth_date", "03/04/2001", ListCodes.DateAmbiguous)]
    [InlineData("birth_date", "03/04/01", ListCodes.DateAmbiguous)]
    public Task Damaged_cell_is_refused(string column, string value, string code)
    {
        string[] header = ["household_id", "size", "amount", "currency", "email", "national_id", "collector_name", "birth_date"];
        string[] row = ["H1", "5", "1", "KES", "a@example.org", "X1", "A B", "2001-12-31"];
        row[Array.IndexOf(header, column)] = value;
        return RefusedAsync($"{string.Join(',', header)}\n{string.Join(',', row)}\n", column, code);
    }

    [Fact]
    public async Task Site_of_more_than_100_characters_is_refused() =>
        await RefusedAsync($"household_id,size,amount,site\nH1,5,1,{new string('s', 101)}\n", "site", ListCodes.SiteTooLong);

    [Fact]
    public async Task Day_and_month_turned_round_are_refused_against_the_date_that_settles_the_order()
    {
        const string list = "programFspConfigurationName;phoneNumber;birthdate\n"
            + "A;254722000001;03-04-1990\nA;254722000002;30-11-2000\nA;254722000003;11-30-2000\nA;254722000004;31-31-2000\n";
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(list);
        Assert.Equal([2L, 3L], rows.Select(r => r.Line));
        Assert.Equal([(4L, ListCodes.DateTurnedRound), (5L, ListCodes.DateInvalid)], summary.Errors.Select(e => (e.Line, e.Code)));
        Assert.Contains("line 3", summary.Errors[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_errors_of_a_row_are_reported_and_masked()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            "household_id,size,amount,phone,national_id\n12345678.0,x,\"12,50\",2547220000011111199,2.9E+07\n");
        Assert.Empty(rows);
        Assert.Equal(1, summary.RowsRefused);
        Assert.Equal(
            [
                new("household_id", "12••••••.0", ListCodes.IdTrailingDecimal),
                new("size", "x", ListCodes.SizeInvalid),
                new("amount", "12,50", ListCodes.AmountDecimalComma),
                new("phone", "25••••••99", ListCodes.PhoneInvalid),
                new("national_id", "••••••", ListCodes.IdScientific),
            ],
            summary.Errors.Select(e => new Shown(e.Column, e.MaskedValue, e.Code)));
    }

    private sealed record Shown(string Column, string Masked, string Code);

    private static async Task RefusedAsync(string list, string column, string code, ListOptions? options = null)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(list, options);
        Assert.Null(summary.Refusal);
        Assert.Empty(rows);
        ListError error = Assert.Single(summary.Errors);
        Assert.Equal((2L, column, code), (error.Line, error.Column, error.Code));
        Assert.Equal((0L, 1L), (summary.RowsGood, summary.RowsRefused));
    }
}
