using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Humanitarian.Api.Cash;
using MiniExcelLibs;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>Workbooks that are made to break who reads them.</summary>
public sealed class HostileSheetTests
{
    private const string Sheet = "xl/worksheets/sheet1.xml";

    [Fact]
    public async Task Sound_report_is_read() => Assert.Equal((null, "r1"), await ReadAsync(await ReportAsync("r1")));

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>")]
    [InlineData("<!DOCTYPE x SYSTEM \"http://192.0.2.1/x.dtd\">")]
    public async Task Document_type_is_refused(string type)
    {
        var report = await ChangedAsync(Sheet, xml => xml.Insert(xml.IndexOf("?>", StringComparison.Ordinal) + 2, type).Replace("r1", type.Contains("ENTITY", StringComparison.Ordinal) ? "&a;" : "r1", StringComparison.Ordinal));
        Assert.Equal((CashCodes.FileUnreadable, null), await ReadAsync(report));
    }

    [Fact]
    public async Task Workbook_that_unpacks_to_two_hundred_times_its_size_is_refused_before_it_is_read()
    {
        var bomb = await WithAsync(new string(' ', 64 * 1024 * 1024), "xl/media/blank.txt");
        Assert.InRange(bomb.Length, 1, 64 * 1024 * 1024 / PackedSheet.RatioMax);
        Assert.Equal((CashCodes.FileUnreadable, null), await ReadAsync(bomb));
        await Assert.ThrowsAsync<InvalidDataException>(() => PackedSheet.CheckAsync(new MemoryStream(bomb), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Part_that_is_larger_than_the_workbook_says_lets_no_more_out()
    {
        var bomb = await WithAsync(new string(' ', 64 * 1024 * 1024), "xl/media/blank.txt");
        var name = Encoding.ASCII.GetBytes("xl/media/blank.txt");
        var place = bomb.AsSpan().LastIndexOf(name) - 46;
        Assert.Equal("PK\u0001\u0002", Encoding.ASCII.GetString(bomb, place, 4));
        BitConverter.TryWriteBytes(bomb.AsSpan(place + 24), 1);
        Assert.InRange(await PackedSheet.CheckAsync(new MemoryStream(bomb), TestContext.Current.CancellationToken), 1, 1024 * 1024);
        Assert.Equal((null, "r1"), await ReadAsync(bomb));
    }

    [Fact]
    public async Task Workbook_of_very_many_parts_is_refused() =>
        Assert.Equal((CashCodes.FileUnreadable, null), await ReadAsync(await WithAsync("x", [.. Enumerable.Range(0, PackedSheet.EntriesMax + 1).Select(number => $"xl/media/{number}.txt")])));

    [Fact]
    public async Task Part_that_points_out_of_the_workbook_is_nothing_to_it() =>
        Assert.Equal((null, "r1"), await ReadAsync(await WithAsync("x", "../../../../tmp/humanitarian-out.txt", "/etc/humanitarian-out.txt")));

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task Workbook_that_ends_early_is_refused(int missing)
    {
        var report = await ReportAsync("r1");
        Assert.Equal(CashCodes.FileUnreadable, (await ReadAsync(report[..^Math.Min(missing, report.Length - 10)])).Refusal);
    }

    [Theory]
    [InlineData("A1:XFD1048576", "<row r=\"2147483647\"/>")]
    [InlineData("A1:C2", "<row r=\"2147483647\"/>")]
    [InlineData("A1:C2", "<row r=\"-2147483648\"/>")]
    [InlineData("A1:XFD2", "<row r=\"3\"><c r=\"XFD1\"/></row>")]
    [InlineData("A1:C2", "<row r=\"3\"><c r=\"XFD1\"/></row>")]
    [InlineData("A1:ZZZZZZ2", "")]
    [InlineData("A1:IV2", "<row r=\"1048576\"/>")]
    public async Task Row_or_column_that_lies_far_out_is_refused_and_not_waited_for(string dimension, string row)
    {
        var report = await ChangedAsync(Sheet, xml => Regex.Replace(xml, "<([a-z]+:)?dimension[^>]*>", $"<$1dimension ref=\"{dimension}\"/>")
            .Replace("</x:sheetData>", row.Replace("<row", "<x:row", StringComparison.Ordinal).Replace("</row", "</x:row", StringComparison.Ordinal).Replace("<c", "<x:c", StringComparison.Ordinal) + "</x:sheetData>", StringComparison.Ordinal));
        Assert.Equal((CashCodes.FileUnreadable, null), await QuicklyAsync(report));
    }

    [Theory]
    [InlineData("<x:row/>")]
    [InlineData("<x:row r=\"1000\"/><x:row r=\"1\"/>")]
    [InlineData("<x:row><x:c/></x:row>")]
    public async Task Very_many_rows_with_nothing_in_them_are_refused(string rows)
    {
        var report = await ChangedAsync(Sheet, xml => Regex.Replace(xml, "<([a-z]+:)?dimension[^>]*>", "<$1dimension ref=\"A1:IV2\"/>")
            .Replace("</x:sheetData>", string.Concat(Enumerable.Repeat(rows, 400_000)) + "</x:sheetData>", StringComparison.Ordinal));
        Assert.InRange(report.Length, 1, 200_000);
        Assert.Equal((CashCodes.FileUnreadable, null), await QuicklyAsync(report));
    }

    [Fact]
    public async Task Some_rows_with_nothing_in_them_are_passed_over() =>
        Assert.Equal((null, "r1"), await ReadAsync(await ChangedAsync(
            Sheet, xml => xml.Replace("</x:sheetData>", "<x:row r=\"1000\"/><x:row/></x:sheetData>", StringComparison.Ordinal))));

    [Fact]
    public async Task Formula_and_controls_in_a_reference_are_text_that_matches_nothing()
    {
        foreach (var text in new[] { "=1+1", "=HYPERLINK(\"http://192.0.2.1\")", "[red]x[/]", "\u202egnp" })
        {
            Assert.Equal((null, text), await ReadAsync(await ReportAsync(text)));
        }
    }

    private static async Task<(string? Refusal, string? Reference)> ReadAsync(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var reader = new ReportReader(stream, null);
        string? reference = null;
        await foreach (var row in reader.RowsAsync(TestContext.Current.CancellationToken))
        {
            reference ??= row.Reference;
        }

        return (reader.Refusal?.Code, reader.Refusal is null ? reference : null);
    }

    private static Task<(string? Refusal, string? Reference)> QuicklyAsync(byte[] file) =>
        Task.Run(() => ReadAsync(file)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private static async Task<byte[]> ReportAsync(string reference)
    {
        using var file = new MemoryStream();
        await MiniExcel.SaveAsAsync(file, new[] { new { payment_id = reference, delivered_quantity = 25, status = "Distribution Successful" } }, cancellationToken: TestContext.Current.CancellationToken);
        return file.ToArray();
    }

    /// <summary>A report with further parts.</summary>
    private static async Task<byte[]> WithAsync(string content, params string[] names)
    {
        using var file = new MemoryStream();
        await file.WriteAsync(await ReportAsync("r1"));
        using (var zip = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (var name in names)
            {
                await using var part = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
                await part.WriteAsync(Encoding.ASCII.GetBytes(content));
            }
        }

        return file.ToArray();
    }

    private static async Task<byte[]> ChangedAsync(string name, Func<string, string> change)
    {
        using var file = new MemoryStream();
        await file.WriteAsync(await ReportAsync("r1"));
        using (var zip = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = zip.GetEntry(name)!;
            string xml;
            using (var text = new StreamReader(entry.Open()))
            {
                xml = await text.ReadToEndAsync();
            }

            entry.Delete();
            await using var part = zip.CreateEntry(name).Open();
            await part.WriteAsync(Encoding.UTF8.GetBytes(change(xml)));
        }

        return file.ToArray();
    }
}
