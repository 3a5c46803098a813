using System.Globalization;
using System.IO.Compression;
using CsvHelper;
using Humanitarian.Api.Lists;
using MiniExcelLibs;

namespace Humanitarian.Api.Cash;

/// <summary>A row of a report as it stands in the file.</summary>
/// <param name="Line">Number of the row; the header's is 1.</param>
internal sealed record ReportRow(long Line, string Reference, string Amount, string Currency, string Status, string Reason);

/// <summary>What a file says before it is compared with the ledger.</summary>
internal sealed record ReportFile(CashFormat Format, IReadOnlyList<ReportRow> Rows, IReadOnlyList<ListError> Errors);

/// <summary>Reads a provider's report: CSV in any of the layouts, recognised by its header, or HOPE's XLSX.</summary>
internal static class ReportReader
{
    /// <summary>Most bytes of a report.</summary>
    public const int FileBytesMax = 64 * 1024 * 1024;

    private const long UnpackedBytesMax = 512L * 1024 * 1024;

    private static readonly Layout[] Layouts =
    [
        new(CashFormat.Own, "reference", "amount", "currency", "status", "reason"),
        new(CashFormat.Sdp, "externalpaymentid", "amount", "asset.code", "status", "statusmessage"),
        new(CashFormat.OneTwoOne, "referenceid", "amount", "", "status", "errormessage"),
        new(CashFormat.Hope, "payment_id", "delivered_quantity", "currency", "status", "reason_for_unsuccessful_payment"),
    ];

    public static async Task<ReportFile> ReadAsync(byte[] file, CashFormat? format, CancellationToken cancellationToken)
    {
        try
        {
            return IsZip(file) ? OfSheet(file, format) : await OfTextAsync(file, format, cancellationToken);
        }
        catch (Exception fault) when (fault is InvalidDataException or CsvFormatException or NotSupportedException or FormatException or ArgumentException
            or KeyNotFoundException or System.Xml.XmlException or InvalidOperationException)
        {
            return Broken(CashCodes.FileUnreadable, "The file is damaged, or neither CSV in UTF-8 nor XLSX.");
        }
    }

    private static bool IsZip(byte[] file) => file.AsSpan().StartsWith("PK"u8);

    private static async Task<ReportFile> OfTextAsync(byte[] file, CashFormat? format, CancellationToken cancellationToken)
    {
        if (file.AsSpan().Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(file))
        {
            return Broken(CashCodes.FileUnreadable, "The file is not text in UTF-8.");
        }

        var text = file.AsSpan().StartsWith(System.Text.Encoding.UTF8.Preamble) ? file.AsMemory(System.Text.Encoding.UTF8.Preamble.Length) : file;
        var first = text.Span[..(text.Span.IndexOf((byte)'\n') is var end and >= 0 ? end : text.Length)];
        await using var csv = CsvReader.Create(new MemoryStream(text.ToArray()), new CsvReaderOptions
        {
            Separator = first.Contains((byte)';') && !first.Contains((byte)',') ? ';' : ',',
            HasHeader = false,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
            MaxRecordSize = ListOptions.RecordBytesMax,
        });
        IReadOnlyDictionary<string, int>? columns = null;
        Layout? layout = null;
        var rows = new List<ReportRow>();
        while (await csv.ReadAsync(cancellationToken))
        {
            string[] cells = [.. Enumerable.Range(0, csv.FieldCount).Select(field => csv.GetString(field).Trim())];
            if (layout is null || columns is null)
            {
                if (Recognise(cells, format, out columns) is not { } known)
                {
                    return Unknown();
                }

                layout = known;
            }
            else if (cells.Any(cell => cell.Length > 0))
            {
                rows.Add(layout.Row(csv.LineNumber, columns, cells));
            }
        }

        return layout is null ? Unknown() : new ReportFile(layout.Format, rows, []);
    }

    private static ReportFile OfSheet(byte[] file, CashFormat? format)
    {
        using (var zip = new ZipArchive(new MemoryStream(file)))
        {
            if (zip.Entries.Sum(entry => entry.Length) > UnpackedBytesMax)
            {
                return Broken(CashCodes.FileUnreadable, "The file unpacks to more than a report has.");
            }
        }

        IReadOnlyDictionary<string, int>? columns = null;
        Layout? layout = null;
        var rows = new List<ReportRow>();
        long number = 0;
        foreach (IDictionary<string, object?> row in MiniExcel.Query(new MemoryStream(file), excelType: ExcelType.XLSX))
        {
            number++;
            string[] cells = [.. row.Values.Select(value => (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Trim())];
            if (layout is null || columns is null)
            {
                if (Recognise(cells, format, out columns) is not { } known)
                {
                    return Unknown();
                }

                layout = known;
            }
            else if (cells.Any(cell => cell.Length > 0))
            {
                rows.Add(layout.Row(number, columns, cells));
            }
        }

        return layout is null ? Unknown() : new ReportFile(layout.Format, rows, []);
    }

    private static Layout? Recognise(string[] header, CashFormat? format, out IReadOnlyDictionary<string, int> columns)
    {
        var found = new Dictionary<string, int>();
        for (var place = 0; place < header.Length; place++)
        {
            found.TryAdd(header[place].ToLowerInvariant(), place);
        }

        columns = found;
        return Array.Find(Layouts, layout =>
            (format is null || layout.Format == format) && found.ContainsKey(layout.Reference) && found.ContainsKey("status"));
    }

    private static ReportFile Unknown() => Broken(
        CashCodes.HeaderUnknown,
        "The header is of no known report. Known are: reference,amount,currency,status,reason; SDP's export of payments (ExternalPaymentID, Amount, Status); "
        + "121 (referenceId, status); HOPE (payment_id, delivered_quantity, status).");

    private static ReportFile Broken(string code, string reason) => new(CashFormat.Own, [], [new ListError(0, "", "", code, reason)]);

    /// <summary>Which columns of a layout say what, in lower case.</summary>
    private sealed record Layout(CashFormat Format, string Reference, string Amount, string Currency, string Status, string Reason)
    {
        public ReportRow Row(long line, IReadOnlyDictionary<string, int> columns, string[] cells)
        {
            string Cell(string column) => columns.TryGetValue(column, out var place) && place < cells.Length ? cells[place] : "";
            return new ReportRow(line, Cell(Reference), Cell(Amount), Cell(Currency), Cell(Status), Cell(Reason));
        }
    }
}
