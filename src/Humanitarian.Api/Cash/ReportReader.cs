using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using Humanitarian.Api.Lists;
using MiniExcelLibs;

namespace Humanitarian.Api.Cash;

/// <summary>A row of a report as it stands in the file.</summary>
/// <param name="Line">Number of the row; the header's is 1.</param>
internal sealed record ReportRow(long Line, string Reference, string Amount, string Currency, string Status, string Reason);

/// <summary>
/// Reads a provider's report as a stream: CSV in any of the layouts, recognised by its header, or HOPE's XLSX. Memory does not grow
/// with the file.
/// </summary>
/// <param name="file">Can be sought; left open.</param>
/// <param name="asked">The only layout that is taken; null to recognise it.</param>
internal sealed class ReportReader(Stream file, CashFormat? asked)
{
    private const int HeadBytes = 16 * 1024;

    private static readonly Layout[] Layouts =
    [
        new(CashFormat.Own, "reference", "amount", "currency", "status", "reason"),
        new(CashFormat.Sdp, "externalpaymentid", "amount", "asset.code", "status", "statusmessage"),
        new(CashFormat.OneTwoOne, "referenceid", "amount", "", "status", "errormessage"),
        new(CashFormat.Hope, "payment_id", "delivered_quantity", "currency", "status", "reason_for_unsuccessful_payment"),
    ];

    /// <summary>The layout, once rows are read.</summary>
    public CashFormat Format { get; private set; }

    /// <summary>Why the file is refused whole, whatever rows came before; null while it is sound.</summary>
    public ListError? Refusal { get; private set; }

    /// <summary>The rows from the first on; they end early at what refuses the file.</summary>
    public async IAsyncEnumerable<ReportRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<string, int> columns = [];
        Layout? layout = null;
        long reached = 0;
        await using var records = Records(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(records, reached))
        {
            (reached, var cells) = records.Current;
            if (layout is null)
            {
                columns = Columns(cells);
                if ((layout = Recognise(columns)) is null)
                {
                    break;
                }

                Format = layout.Format;
            }
            else if (cells.Any(cell => cell.Length > 0))
            {
                yield return layout.Row(reached, columns, cells);
            }
        }

        Refusal ??= layout is null ? Unknown() : null;
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<(long Line, string[] Cells)> records, long reached)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (Exception fault) when (fault is InvalidDataException or CsvFormatException or NotSupportedException or FormatException or ArgumentException
            or KeyNotFoundException or System.Xml.XmlException or InvalidOperationException)
        {
            Refusal = new ListError(reached + 1, "", "", CashCodes.FileUnreadable, "From this line on the file is damaged, or it is neither CSV in UTF-8 nor XLSX.");
            return false;
        }
    }

    private IAsyncEnumerable<(long Line, string[] Cells)> Records(CancellationToken cancellationToken)
    {
        file.Position = 0;
        var head = new byte[HeadBytes];
        var read = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        file.Position = 0;
        return head.AsSpan().StartsWith("PK"u8) ? OfSheetAsync(cancellationToken) : OfTextAsync(head.AsMemory(0, read), cancellationToken);
    }

    private async IAsyncEnumerable<(long Line, string[] Cells)> OfTextAsync(ReadOnlyMemory<byte> head, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var preamble = Encoding.UTF8.Preamble.Length;
        file.Position = head.Span.StartsWith(Encoding.UTF8.Preamble) ? preamble : 0;
        await using var csv = CsvReader.Create(file, new CsvReaderOptions
        {
            Separator = Separator(head.Span),
            HasHeader = false,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
            MaxRecordSize = ListOptions.RecordBytesMax,
        }, leaveOpen: true);
        while (await csv.ReadAsync(cancellationToken))
        {
            if (csv.RawRecord.Contains((byte)0) || !Utf8.IsValid(csv.RawRecord))
            {
                throw new InvalidDataException("The file is not text in UTF-8.");
            }

            yield return (csv.LineNumber, [.. Enumerable.Range(0, csv.FieldCount).Select(field => csv.GetString(field).Trim())]);
        }
    }

    private async IAsyncEnumerable<(long Line, string[] Cells)> OfSheetAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await PackedSheet.CheckAsync(file, cancellationToken);
        file.Position = 0;
        long number = 0;
        foreach (IDictionary<string, object?> row in await file.QueryAsync(excelType: ExcelType.XLSX, cancellationToken: cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return (++number, [.. row.Values.Select(value => (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Trim())]);
        }
    }

    private static char Separator(ReadOnlySpan<byte> head)
    {
        var first = head[..(head.IndexOf((byte)'\n') is var end and >= 0 ? end : head.Length)];
        return first.Contains((byte)';') && !first.Contains((byte)',') ? ';' : ',';
    }

    private static Dictionary<string, int> Columns(string[] header)
    {
        var columns = new Dictionary<string, int>();
        for (var place = 0; place < header.Length; place++)
        {
            columns.TryAdd(header[place].ToLowerInvariant(), place);
        }

        return columns;
    }

    private Layout? Recognise(Dictionary<string, int> columns) => Array.Find(Layouts, layout =>
        (asked is null || layout.Format == asked) && columns.ContainsKey(layout.Reference) && columns.ContainsKey("status"));

    private static ListError Unknown() => new(
        0, "", "", CashCodes.HeaderUnknown,
        "The header is of no known report. Known are: reference,amount,currency,status,reason; SDP's export of payments (ExternalPaymentID, Amount, Status); "
        + "121 (referenceId, status); HOPE (payment_id, delivered_quantity, status).");

    /// <summary>Which columns of a layout say what, in lower case.</summary>
    private sealed record Layout(CashFormat Format, string Reference, string Amount, string Currency, string Status, string Reason)
    {
        public ReportRow Row(long line, Dictionary<string, int> columns, string[] cells)
        {
            string Cell(string column) => columns.TryGetValue(column, out var place) && place < cells.Length ? cells[place] : "";
            return new ReportRow(line, Cell(Reference), Cell(Amount), Cell(Currency), Cell(Status), Cell(Reason));
        }
    }
}
