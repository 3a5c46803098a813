using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

public sealed class FormatTests
{
    [Theory]
    [InlineData("household_id,size\n", ListFormat.Household)]
    [InlineData("Household ID;Size;Amount\n", ListFormat.Household)]
    [InlineData("phone,id,amount,verification\n", ListFormat.Sdp)]
    [InlineData("email\tid\tamount\tverification\n", ListFormat.Sdp)]
    [InlineData("referenceId;programFspConfigurationName;phoneNumber\n", ListFormat.OneTwoOne)]
    [InlineData("payment_id,household_id,household_size,currency,entitlement_quantity\n", ListFormat.Hope)]
    public async Task Layout_is_recognised_by_its_header(string header, ListFormat format)
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync(header);
        Assert.Equal(format, summary.Format);
        Assert.Equal(ListCodes.ListEmpty, summary.Refusal?.Code);
    }

    [Theory]
    [InlineData("name,surname\nA,B\n", null, ListCodes.HeaderUnknown)]
    [InlineData("household_id,size,size\n", null, ListCodes.HeaderDuplicate)]
    [InlineData("phone,id\n", null, ListCodes.MissingColumn)]
    [InlineData("phone,amount\n", ListFormat.Sdp, ListCodes.MissingColumn)]
    [InlineData("payment_id,entitlement_quantity\n", null, ListCodes.MissingColumn)]
    public async Task Header_that_does_not_fit_is_refused(string text, ListFormat? format, string code)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(text, ListFiles.Options with { Format = format });
        Assert.Equal(code, summary.Refusal?.Code);
        Assert.Equal(summary.Refusal, summary.Errors[^1]);
        Assert.Empty(rows);
    }

    [Fact]
    public async Task Header_of_more_than_256_columns_is_refused()
    {
        string header = "household_id,size," + string.Join(',', Enumerable.Range(0, 300).Select(i => $"c{i}"));
        (ListSummary summary, _) = await ListFiles.ReadAsync(header + "\n");
        Assert.Equal(ListCodes.HeaderTooWide, summary.Refusal?.Code);
    }

    [Fact]
    public async Task List_without_amounts_and_without_a_default_is_refused()
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync("household_id,size\nH1,5\n", ListFiles.Options with { DefaultAmountMinor = null });
        Assert.Equal(ListCodes.DefaultAmountMissing, summary.Refusal?.Code);
    }

    [Fact]
    public async Task Household_row_carries_everything_that_is_kept()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            "household_id,size,amount,currency,phone,national_id,collector_name,birth_date,site\r\n"
            + "HH-1,4,1250.50,kes,+254722000001, ab-12 3 ,\"Doe, J\",1990-01-02,Kaluwe\r\n");
        ListRow row = Assert.Single(rows);
        Assert.Equal(("HH-1", 125_050L, 4, "Kaluwe", "+254722000001", 2L),
            (row.ReferenceId, row.AmountMinor, row.HouseholdSize, row.Site, row.Phone, row.Line));
        Assert.Equal(
            [(IdentifierKind.HouseholdId, "HH-1"), (IdentifierKind.Phone, "+254722000001"), (IdentifierKind.NationalId, "AB123")],
            row.Identifiers.Select(x => (x.Kind, x.Value)));
        Assert.Equal(["household_id", "phone", "national_id"], summary.HashedColumns);
        Assert.Equal(["collector_name", "birth_date"], summary.DroppedColumns);
        Assert.Equal((1L, 0L, 125_050L), (summary.RowsGood, summary.RowsRefused, summary.TotalMinor));
    }

    [Fact]
    public async Task Sdp_rows_are_read_by_phone_or_email_and_refused_with_both()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            "phone,email,id,amount,verification,paymentID\n"
            + "+254722000001,,r1,10.5,1990-01-02,p1\n,A@Example.org,r2,7.0000000,1234,p2\n+254722000003,b@example.org,r3,1,1,p3\n"
            + "+254722000004,,r4,1,02/01/1990,p4\n+254722000005,,r5,1,1,p1\n,,r6,1,1,\n");
        Assert.Equal([("r1", 1050L), ("r2", 700L), ("r6", 100L)], rows.Select(r => (r.ReferenceId, r.AmountMinor)));
        Assert.Equal([(4L, ListCodes.PhoneAndEmail), (5L, ListCodes.DateAmbiguous), (6L, ListCodes.DuplicateInList)],
            summary.Errors.Select(e => (e.Line, e.Code)));
        Assert.DoesNotContain(rows[0].Identifiers, x => x.Kind == IdentifierKind.PaymentId);
    }

    [Theory]
    [InlineData(';')]
    [InlineData(',')]
    public async Task Registrations_of_121_receive_the_default_times_their_multiplier(char separator)
    {
        string list = ("programFspConfigurationName;phoneNumber;paymentAmountMultiplier;scope;totalHHSize;fullName\n"
            + "A;254722000001;1;kisumu;3;X\nA;254722000002;3;kisumu;4;Y\nA;254722000003;0;kisumu;4;Y\nA;;1;kisumu;4;Z\nA;722000001;1;k;1;Z\n")
            .Replace(';', separator);
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(list);
        Assert.Equal([(5_000L, 3), (15_000L, 4)], rows.Select(r => (r.AmountMinor, r.HouseholdSize!.Value)));
        Assert.Equal([ListCodes.MultiplierInvalid, ListCodes.IdentifierMissing, ListCodes.PhoneLeadingZeroLost], summary.Errors.Select(e => e.Code));
        Assert.Equal(["programFspConfigurationName", "fullName"], summary.DroppedColumns);
    }

    [Fact]
    public async Task Multiplied_amount_that_overflows_is_refused()
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync(
            "phoneNumber,paymentAmountMultiplier\n254722000001,2\n", ListFiles.Options with { DefaultAmountMinor = long.MaxValue / 2 + 1 });
        Assert.Equal(ListCodes.AmountOverflow, Assert.Single(summary.Errors).Code);
    }

    [Fact]
    public async Task Hope_collector_of_two_households_is_accepted_and_a_household_twice_is_not()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            "payment_id,household_id,individual_id,collector_id,household_size,admin_level_2,village,collector_name,currency,entitlement_quantity,national_id\n"
            + "RCPT-1,HH-1,IND-1,IND-9,4,Ghazni,Jangalak,X,KES,120.00,N1\n"
            + "RCPT-2,HH-2,IND-2,IND-9,2,Ghazni,Jangalak,X,KES,60.00,N1\n"
            + "RCPT-3,HH-2,IND-3,IND-9,2,Ghazni,Jangalak,X,USD,60.00,N1\n");
        Assert.Equal([("RCPT-1", 12_000L, "Jangalak"), ("RCPT-2", 6_000L, "Jangalak")], rows.Select(r => (r.ReferenceId, r.AmountMinor, r.Site!)));
        Assert.Equal([ListCodes.DuplicateInList, ListCodes.CurrencyMismatch], summary.Errors.Select(e => e.Code));
    }

    [Fact]
    public async Task Repeat_names_the_first_line_and_a_refused_row_is_no_first()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(
            "household_id,size,amount\nH1,5,\"1,5\"\nH1,5,1.5\nH2,5,1\nH1,5,1.5\n");
        Assert.Equal([3L, 4L], rows.Select(r => r.Line));
        Assert.Equal([(2L, ListCodes.AmountDecimalComma), (5L, ListCodes.DuplicateInList)], summary.Errors.Select(e => (e.Line, e.Code)));
        Assert.Contains("line 3", summary.Errors[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_identifier_has_the_same_hash_in_another_list_and_another_under_another_key()
    {
        const string list = "household_id,size,amount,phone\nH1,5,1,+254722000001\n";
        (ListSummary _, List<ListRow> one) = await ListFiles.ReadAsync(list);
        (ListSummary _, List<ListRow> two) = await ListFiles.ReadAsync("phone,id,amount,verification\n254722000001,r1,2,x\n");
        (ListSummary _, List<ListRow> foreign) = await ListFiles.ReadAsync(list, ListFiles.Options with { IdentifierKey = new byte[32] });
        UInt128 Phone(List<ListRow> rows) => rows[0].Identifiers.Single(x => x.Kind == IdentifierKind.Phone).KeyedHash;
        Assert.Equal(Phone(one), Phone(two));
        Assert.NotEqual(Phone(one), Phone(foreign));
        Assert.DoesNotContain("254722", $"{one[0]} {one[0].Identifiers[1]}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mobile-money-999.csv", 999, 997)]
    [InlineData("registrations-demo-1000.csv", 1000, 907)]
    public async Task Real_list_is_mostly_good(string name, int rowsTotal, int rowsGood)
    {
        string? path = ListFiles.Above("shared", "data", "lists", name);
        Assert.SkipWhen(path is null, "The list is not on this machine.");
        await using FileStream stream = File.OpenRead(path!);
        (ListSummary summary, _) = await ListFiles.ReadAsync(stream);
        Assert.Equal((ListFormat.OneTwoOne, rowsGood, rowsTotal - rowsGood),
            (summary.Format, (int)summary.RowsGood, (int)summary.RowsRefused));
        Assert.All(summary.Errors, e => Assert.Equal("phoneNumber", e.Column));
        Assert.All(summary.Errors, e => Assert.True(e.Code is ListCodes.DuplicateInList or ListCodes.PhoneNational, e.Code));
    }
}
