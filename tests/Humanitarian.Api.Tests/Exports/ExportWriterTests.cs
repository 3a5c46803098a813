using System.Globalization;
using CsCheck;
using Humanitarian.Api.Exports;

namespace Humanitarian.Api.Tests.Exports;

/// <summary>What hostile text becomes in the files.</summary>
public sealed class ExportWriterTests
{
    private static readonly string[] Hostile =
    [
        "=1+1", "=cmd|' /C calc'!A0", "+SUM(A1:A9)", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00A0=1+1", "\uFF1D1+1", "\uFF0B1", "\uFF0D1", "\uFF20A1",
        "=HYPERLINK(\"http://evil.example\",\"click\")", "\"=1+1\"", "a,b", "a\"b", "a\r\nb", "a;b", "\0", "\u0007bell", "\u001B[31m", "\u007F", "\u0085", "\u2028", "\u202Egnp.exe",
        "\uFEFFbom", "\uD800", "\uDC00x", "a\uD83D", "\uFFFE", "\uFFFF", "<b>&amp;</b>", "]]>", "_x0041_", "00123", "1e5", "12-11", "TRUE", "", " ", "سلام", "日本", "😀", "'quoted",
    ];

    [Fact]
    public async Task Hostile_text_is_no_formula_in_a_CSV_and_is_found_again()
    {
        var rows = Sheets.Csv(await CsvAsync([.. Hostile.Select(text => new object?[] { text })]));
        Assert.Equal(Hostile.Length + 1, rows.Count);
        Assert.Equal(["text"], rows[0]);
        foreach (var (text, row) in Hostile.Zip(rows.Skip(1)))
        {
            var cell = Assert.Single(row);
            Assert.DoesNotContain(cell, character => char.IsControl(character));
            Assert.False(cell.TrimStart() is ['=' or '+' or '-' or '@' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20', ..], cell);
            Assert.Equal(ExportText.Plain(text), cell.StartsWith('\'') && !text.StartsWith('\'') ? cell[1..] : cell);
        }
    }

    [Fact]
    public async Task Hostile_text_is_typed_as_text_in_an_XLSX_and_is_found_again()
    {
        var bytes = await XlsxAsync([.. Hostile.Select(text => new object?[] { text })]);
        var sheet = Sheets.SheetXml(bytes);
        Assert.DoesNotContain(sheet.Descendants(), element => element.Name.LocalName == "f");
        Assert.All(
            sheet.Descendants().Where(element => element.Name.LocalName == "c" && element.Value.Length > 0),
            cell => Assert.Contains((string?)cell.Attribute("t"), (string[])["str", "inlineStr", "s"]));
        var cells = Sheets.Xlsx(bytes).Skip(1).Select(row => Sheets.Text(row[0])).ToArray();
        Assert.Equal(Hostile.Select(ExportText.Plain), cells);
    }

    [Fact]
    public void Any_text_becomes_one_line_without_hidden_characters() => Gen.String[Gen.Char['\0', '\uFFFF'], 0, 30].Sample(
        text =>
        {
            var plain = ExportText.Plain(text);
            Assert.DoesNotContain(plain, character => char.IsControl(character) || character is '\u2028' or '\u202E' or '\uFEFF');
            for (var at = 0; at < plain.Length; at++)
            {
                Assert.True(!char.IsSurrogate(plain[at]) || char.IsSurrogatePair(plain, at++));
            }
        },
        iter: 2_000);

    [Fact]
    public async Task Numbers_stay_numbers_in_both()
    {
        object?[][] rows = [[-25.50m], [0m], [7L], [999_999_999_999_999L], [0.000_000_001m]];
        Assert.Equal(["-25.50", "0", "7", "999999999999999", "0.000000001"], Sheets.Csv(await CsvAsync(rows)).Skip(1).Select(row => row[0]));
        var bytes = await XlsxAsync(rows);
        Assert.Equal([-25.5, 0.0, 7.0, 999_999_999_999_999.0, 1e-9], Sheets.Xlsx(bytes).Skip(1).Select(row => Convert.ToDouble(row[0], CultureInfo.InvariantCulture)));
        Assert.All(Sheets.SheetXml(bytes).Descendants().Where(element => element.Name.LocalName == "c").Skip(1), cell => Assert.Contains((string?)cell.Attribute("t"), (string?[])[null, "n"]));
    }

    [Fact]
    public async Task A_number_that_a_spreadsheet_would_round_is_text_in_an_XLSX()
    {
        object?[][] rows = [[ulong.MaxValue], [long.MinValue], [9_999_999_999_999_999L], [92_233_720_368_547_758.07m]];
        string[] texts = ["18446744073709551615", "-9223372036854775808", "9999999999999999", "92233720368547758.07"];
        Assert.Equal(texts, Sheets.Xlsx(await XlsxAsync(rows)).Skip(1).Select(row => Assert.IsType<string>(row[0])));
        Assert.Equal(texts, Sheets.Csv(await CsvAsync(rows)).Skip(1).Select(row => row[0]));
    }

    [Fact]
    public async Task A_table_without_rows_has_its_header_in_both()
    {
        Assert.Equal("text", Assert.Single(Sheets.Csv(await CsvAsync([])))[0]);
        Assert.Equal("text", Assert.Single(Sheets.Xlsx(await XlsxAsync([])))[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_are_written_while_they_are_read(bool isXlsx)
    {
        using var file = new MemoryStream();
        var lengths = new List<long>();
        var table = new ExportTable("many", "many", ["number", "text"], RowsAsync(), null);
        await (isXlsx ? ExportWriter.WriteXlsxAsync(file, table, TestContext.Current.CancellationToken) : ExportWriter.WriteCsvAsync(file, table, TestContext.Current.CancellationToken));
        Assert.Equal(lengths.Distinct(), lengths);
        Assert.True(lengths[0] > 0);

        async IAsyncEnumerable<object?[]> RowsAsync()
        {
            for (long number = 1; number <= 60_000; number++)
            {
                yield return [number, $"row {number * 7919 % 104_729}"];
                if (number % 20_000 == 0)
                {
                    await Task.Yield();
                    lengths.Add(file.Length);
                }
            }
        }
    }

    [Theory]
    [InlineData(0, 2, "0.00")]
    [InlineData(-5, 2, "-0.05")]
    [InlineData(long.MaxValue, 9, "9223372036.854775807")]
    [InlineData(long.MinValue, 0, "-9223372036854775808")]
    public void Amounts_are_exact(long amountMinor, int exponent, string text) =>
        Assert.Equal(text, ExportAmount.Of(amountMinor, exponent).ToString(CultureInfo.InvariantCulture));

    private static async Task<byte[]> CsvAsync(object?[][] rows)
    {
        using var file = new MemoryStream();
        await ExportWriter.WriteCsvAsync(file, Table(rows), TestContext.Current.CancellationToken);
        return file.ToArray();
    }

    private static async Task<byte[]> XlsxAsync(object?[][] rows)
    {
        using var file = new MemoryStream();
        await ExportWriter.WriteXlsxAsync(file, Table(rows), TestContext.Current.CancellationToken);
        return file.ToArray();
    }

    private static ExportTable Table(object?[][] rows) => new("hostile", "hostile", ["text"], rows.ToAsyncEnumerable(), null);
}
