using System.Text;
using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>Files that are no lists, and lists that are damaged as a whole.</summary>
public sealed class BadFileTests
{
    private const string Header = "household_id,size,amount,collector_name\n";

    [Theory]
    [InlineData("", ListCodes.ListEmpty)]
    [InlineData("\r\n\r\n", ListCodes.ListEmpty)]
    [InlineData(Header, ListCodes.ListEmpty)]
    [InlineData(Header + "\n,,,\n", ListCodes.ListEmpty)]
    [InlineData("PK\u0003\u0004xl/workbook.xml", ListCodes.ListXlsx)]
    [InlineData("%PDF-1.7", ListCodes.ListPdf)]
    [InlineData("BZh91", ListCodes.ListCompressed)]
    [InlineData("household_id\0,size", ListCodes.ListBinary)]
    [InlineData("<html><body>", ListCodes.HeaderUnknown)]
    public async Task File_that_is_no_list_is_refused_by_what_it_is(string text, string code)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(text);
        Assert.Equal(code, summary.Refusal?.Code);
        Assert.Empty(rows);
        Assert.Null(summary.ContentSha256);
    }

    [Theory]
    [InlineData(new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1 }, ListCodes.ListXls)]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, ListCodes.ListCompressed)]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x68, 0 }, ListCodes.ListNotUtf8)]
    [InlineData(new byte[] { 0xFE, 0xFF, 0, 0x68 }, ListCodes.ListNotUtf8)]
    [InlineData(new byte[] { 0x68, 0xE9, 0x2C, 0x0A }, ListCodes.ListNotUtf8)]
    public async Task File_with_foreign_first_bytes_is_refused(byte[] bytes, string code)
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync(bytes);
        Assert.Equal(code, summary.Refusal?.Code);
    }

    [Theory]
    [InlineData(0x00, ListCodes.ListBinary)]
    [InlineData(0xE9, ListCodes.ListNotUtf8)]
    public async Task Bad_byte_deep_in_a_list_refuses_it_and_names_the_line(byte bad, string code)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(1, 2_000).Select(i => $"H{i},5,1,Name of {i}\n")));
        int place = Encoding.UTF8.GetString(bytes).IndexOf("H1500,", StringComparison.Ordinal);
        bytes[place + 12] = bad;
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(bytes);
        Assert.Equal((code, 1501L), (summary.Refusal!.Code, summary.Refusal.Line));
        Assert.Equal(1499, rows.Count);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(Header, 2)]
    [InlineData(Header + "H1,5,1,\"", 2)]
    public async Task Line_of_100_MB_is_refused_after_a_few_KB(string start, long line)
    {
        byte[] head = Encoding.UTF8.GetBytes(start);
        using var stream = new TrickleStream(at => at < head.Length ? head[at] : at < 100_000_000 ? (byte)'x' : null);
        (ListSummary summary, _) = await ListFiles.ReadAsync(stream);
        Assert.Equal((ListCodes.LineTooLong, line), (summary.Refusal!.Code, summary.Refusal.Line));
        Assert.InRange(stream.BytesRead, 1, 300_000);
    }

    [Fact]
    public async Task Row_of_many_quoted_lines_is_bounded_as_well()
    {
        byte[] cell = "\"a\nb\","u8.ToArray();
        byte[] head = Encoding.UTF8.GetBytes(Header);
        using var stream = new TrickleStream(at => at < head.Length ? head[at] : at < 100_000_000 ? cell[(at - head.Length) % cell.Length] : null);
        (ListSummary summary, _) = await ListFiles.ReadAsync(stream);
        Assert.Equal((ListCodes.LineTooLong, 2L), (summary.Refusal!.Code, summary.Refusal.Line));
        Assert.InRange(stream.BytesRead, 1, 300_000);
    }

    [Fact]
    public async Task Row_of_64_KiB_is_read_and_a_longer_one_refused()
    {
        string Row(int length) => "H1,5,1," + new string('n', length - 7) + "\n";
        (ListSummary fits, _) = await ListFiles.ReadAsync(Header + Row(ListOptions.RecordBytesMax));
        (ListSummary tooLong, _) = await ListFiles.ReadAsync(Header + Row(ListOptions.RecordBytesMax + 1));
        Assert.Null(fits.Refusal);
        Assert.Equal(ListCodes.LineTooLong, tooLong.Refusal?.Code);
    }

    [Theory]
    [InlineData("H1,5,1\n", ListCodes.TooFewColumns)]
    [InlineData("H1,5,1,Doe, J\n", ListCodes.TooManyColumns)]
    [InlineData("H1,5,1,5\" pipe\n", ListCodes.QuoteBroken)]
    [InlineData("H1,5,1,\"J\"oe\n", ListCodes.QuoteBroken)]
    public async Task Row_of_another_shape_is_refused_and_the_next_is_read(string row, string code)
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(Header + row + "H2,5,1,Good\n");
        Assert.Equal((2L, code), (Assert.Single(summary.Errors).Line, summary.Errors[0].Code));
        Assert.Equal(3L, Assert.Single(rows).Line);
    }

    [Theory]
    [InlineData("H1,5,\u001b[31m9,n\n")]
    [InlineData("H1,5,\u202e9.1,n\n")]
    [InlineData("H1,5,\u00079,n\n")]
    [InlineData("H1,\u001b]0;title\u0007,1,n\n")]
    public async Task Controls_in_a_bad_cell_never_reach_who_reads_its_error(string row)
    {
        (ListSummary summary, _) = await ListFiles.ReadAsync(Header + row);
        Assert.NotEmpty(summary.Errors);
        Assert.All(summary.Errors, error => Assert.DoesNotContain(error.MaskedValue + error.Column + error.Reason, character => char.IsControl(character) || character == '\u202e'));
    }

    [Fact]
    public async Task Quote_that_is_never_closed_is_said()
    {
        (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(Header + "H1,5,1,A\nH2,5,1,\"B\nH3,5,1,C\n");
        Assert.Equal((3L, ListCodes.QuoteBroken), (Assert.Single(summary.Errors).Line, summary.Errors[0].Code));
        Assert.Contains("lines after it", summary.Errors[0].Reason, StringComparison.Ordinal);
        Assert.Single(rows);
    }

    [Fact]
    public async Task Errors_beyond_ten_thousand_go_to_the_file()
    {
        string list = Header + string.Concat(Enumerable.Range(1, 10_003).Select(i => $"H{i},5,=x,n\n"));
        using var rest = new StringWriter();
        int opened = 0;
        (ListSummary summary, _) = await ListFiles.ReadAsync(list, ListFiles.Options with
        {
            OverflowErrors = () =>
            {
                opened++;
                return rest;
            },
        });
        Assert.Equal((ListOptions.ErrorsKept, 10_003L, 10_003L), (summary.Errors.Count, summary.ErrorsTotal, summary.RowsRefused));
        string[] lines = rest.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal((1, 4, "line,column,value,code,reason"), (opened, lines.Length, lines[0]));
        Assert.StartsWith("10002,amount,", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(",=x,", rest.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_bytes_have_the_same_content_hash_which_is_their_SHA_256()
    {
        const string list = Header + "H1,5,1,A\n";
        (ListSummary one, _) = await ListFiles.ReadAsync(list);
        (ListSummary other, _) = await ListFiles.ReadAsync(list + "H2,5,1,A\n");
        byte[] bytes = Encoding.UTF8.GetBytes(list);
        using var stream = new TrickleStream(at => at < bytes.Length ? bytes[at] : null, bytesPerRead: 3);
        (ListSummary trickled, _) = await ListFiles.ReadAsync(stream);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), one.ContentSha256);
        Assert.Equal(one.ContentSha256, trickled.ContentSha256);
        Assert.NotEqual(one.ContentSha256, other.ContentSha256);
    }

    [Fact]
    public async Task Cancelled_reading_stops()
    {
        using var cancel = new CancellationTokenSource();
        byte[] head = Encoding.UTF8.GetBytes(Header);
        byte[] row = "H1,5,x,A\n"u8.ToArray();
        using var endless = new TrickleStream(at =>
        {
            if (at == 1_000_000)
                cancel.Cancel();
            return at < head.Length ? head[at] : row[(at - head.Length) % row.Length];
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ListReader.ReadAsync(endless, ListFiles.Options, _ => ValueTask.CompletedTask, cancel.Token));
    }
}
