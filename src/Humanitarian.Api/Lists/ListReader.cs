using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Unicode;
using CsvHelper;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Reads beneficiary lists as a stream. Memory does not grow with the file except by 12 to 30 bytes for each identifier, which
/// repeats are found by. Nothing is guessed: a value that can be read in two ways is refused.
/// </summary>
public static class ListReader
{
    private const int HeadBytes = 16 * 1024;

    /// <summary>
    /// Reads a list to its end, or to the point from which it cannot be a list.
    /// </summary>
    /// <param name="stream">UTF-8 text; read once, forward only, left open.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="onRow">
    /// Called with each good row in the order of the file, and awaited before the next is read. Rows are provisional
    /// until the summary shows no refusal.
    /// </param>
    /// <param name="cancellationToken">Ends the reading with an exception.</param>
    /// <returns>The summary; whatever is wrong with the content is in it, never an exception.</returns>
    public static async Task<ListSummary> ReadAsync(
        Stream stream, ListOptions options, Func<ListRow, ValueTask> onRow, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Exponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Exponent, 7);
        using var sha256 = SHA256.Create();
        await using var hashing = new CryptoStream(stream, sha256, CryptoStreamMode.Read, leaveOpen: true);
        PipeReader pipe = PipeReader.Create(hashing, new StreamPipeReaderOptions(bufferSize: HeadBytes, leaveOpen: true));
        await using var errors = new ErrorLog(options.OverflowErrors);
        try
        {
            ReadResult head = await pipe.ReadAtLeastAsync(HeadBytes, cancellationToken);
            if (ListFileKind.Refuse(head.Buffer) is { } wrongKind)
                return await RefuseAsync(new(), errors, 0, wrongKind, cancellationToken);
            char separator = ListFileKind.Separator(head.Buffer);
            pipe.AdvanceTo(head.Buffer.Start);

            ListSummary summary = await ReadTextAsync(pipe.AsStream(leaveOpen: true), separator, options, onRow, errors, cancellationToken);
            return summary.Refusal is null ? summary with { ContentSha256 = Convert.ToHexStringLower(sha256.Hash!) } : summary;
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static async Task<ListSummary> ReadTextAsync(
        Stream text, char separator, ListOptions options, Func<ListRow, ValueTask> onRow, ErrorLog errors, CancellationToken cancellationToken)
    {
        var quote = new MalformedQuote();
        await using CsvReader csv = CsvReader.Create(text, new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
            MaxRecordSize = ListOptions.RecordBytesMax,
            OnMalformedRecord = record => quote.Fault = Malformed(record.Reason),
        });

        (CellFault? noHeader, long headerLine) = await ReadRecordAsync(csv, cancellationToken);
        if (noHeader is not null)
            return await RefuseAsync(new(), errors, headerLine, noHeader, cancellationToken);
        string[] header = [.. Enumerable.Range(0, csv.FieldCount).Select(i => csv.GetString(i).Trim())];
        ListFormat? format = options.Format ?? ListColumns.Recognise(header);
        if (RefuseHeader(format, header, options) is { } wrongHeader)
            return await RefuseAsync(new() { Format = format }, errors, headerLine, wrongHeader, cancellationToken);

        Column[] columns = ListColumns.Bind(format!.Value, header);
        using var rows = new RowReader(format.Value, options, columns);
        (long good, (CellFault Fault, long Line)? stopped) = await ReadRowsAsync(csv, rows, onRow, errors, quote, cancellationToken);
        var summary = new ListSummary
        {
            Format = format,
            RowsGood = good,
            RowsRefused = errors.Rows,
            Errors = errors.Kept,
            ErrorsTotal = errors.Total,
            TotalMinor = rows.TotalMinor,
            HashedColumns = [.. columns.Where(c => c.Rule.Kind is not null).Select(c => c.Name)],
            DroppedColumns = [.. columns.Where(c => c.Rule.Use is ColumnUse.Drop or ColumnUse.Date or ColumnUse.Verification).Select(c => c.Name)],
        };
        return stopped is { } refusal ? await RefuseAsync(summary, errors, refusal.Line, refusal.Fault, cancellationToken) : summary;
    }

    /// <summary>Reads to the end; answers how many rows were good and, when the list must be refused, why and where.</summary>
    private static async ValueTask<(long Good, (CellFault Fault, long Line)? Stopped)> ReadRowsAsync(
        CsvReader csv, RowReader rows, Func<ListRow, ValueTask> onRow, ErrorLog errors, MalformedQuote quote, CancellationToken cancellationToken)
    {
        long good = 0;
        while (true)
        {
            quote.Fault = null;
            (CellFault? fault, long line) = await ReadRecordAsync(csv, cancellationToken);
            if (fault == End && good + errors.Rows > 0)
                return (good, null);
            if (fault is not null)
                return (good, (fault, line));
            if (IsBlank(csv))
                continue;
            if (good + errors.Rows == ListOptions.RowsMax)
                return (good, (TooManyRows, line));
            if (rows.Read(csv, quote.Fault) is { } row)
            {
                good++;
                await onRow(row);
            }
            else
            {
                await errors.AddRowAsync(rows.Errors, cancellationToken);
            }
        }
    }

    /// <summary>What the CSV reader's callback said about the record it moved to.</summary>
    private sealed class MalformedQuote
    {
        public CellFault? Fault { get; set; }
    }

    private static readonly CellFault End = new(ListCodes.ListEmpty, "The list has no rows.");
    private static readonly CellFault TooManyRows = new(ListCodes.ListTooLong,
        "The list has more than 5,000,000 rows: split it.");
    private static readonly CellFault LineTooLong = new(ListCodes.LineTooLong,
        "A row is longer than 64 KiB: a quote is not closed, or the file has no line breaks and is not a list.");
    private static readonly CellFault Binary = new(ListCodes.ListBinary,
        "The file contains bytes that no text has: it is damaged or not a list; save the sheet as \"CSV UTF-8\" again.");
    private static readonly CellFault NotUtf8 = new(ListCodes.ListNotUtf8,
        "The file is not in UTF-8: save the sheet as \"CSV UTF-8\".");

    /// <summary>Moves to the next record; answers on which line it is, and why it cannot be read: at the end, <see cref="End"/>.</summary>
    private static async ValueTask<(CellFault? Fault, long Line)> ReadRecordAsync(CsvReader csv, CancellationToken cancellationToken)
    {
        try
        {
            if (!await csv.ReadAsync(cancellationToken))
                return (End, 0);
        }
        catch (CsvFormatException tooLong)
        {
            // The only problem that the options let it throw for.
            return (LineTooLong, tooLong.LineNumber);
        }

        return (RefuseBytes(csv.RawRecord), csv.LineNumber);
    }

    private static CellFault? RefuseBytes(ReadOnlySpan<byte> record) =>
        record.Length > ListOptions.RecordBytesMax ? LineTooLong
        : record.Contains((byte)0) ? Binary
        : !Utf8.IsValid(record) ? NotUtf8
        : null;

    private static bool IsBlank(CsvReader csv) => !csv.RawRecord.ContainsAnyExcept(" \t,;\""u8);

    private static CellFault? RefuseHeader(ListFormat? format, string[] header, ListOptions options)
    {
        if (header.Length > ListOptions.ColumnsMax)
            return new(ListCodes.HeaderTooWide, "The list has more than 256 columns.");
        if (format is null)
            return new(ListCodes.HeaderUnknown,
                "The header is of no known layout. Known are: household_id,size,amount,... ; SDP (phone,id,amount,verification); "
                + "121 (programFspConfigurationName,phoneNumber,...); HOPE (payment_id,household_id,entitlement_quantity,...).");
        if (header.Where(name => name.Length > 0).GroupBy(ListColumns.Key).FirstOrDefault(x => x.Count() > 1) is { } twice)
            return new(ListCodes.HeaderDuplicate, $"Two columns have the name {Cell.Mask(twice.First())}.");
        string[] missing = ListColumns.Missing(format.Value, header);
        if (missing.Length > 0)
            return new(ListCodes.MissingColumn, $"The header lacks: {string.Join(", ", missing)}.");
        bool hasAmounts = ListColumns.Bind(format.Value, header).Any(c => c.Rule.Use is ColumnUse.Amount);
        return hasAmounts || options.DefaultAmountMinor is > 0
            ? null
            : new(ListCodes.DefaultAmountMissing, "The list has no amounts: say how much each row receives, more than zero.");
    }

    private static async ValueTask<ListSummary> RefuseAsync(
        ListSummary summary, ErrorLog errors, long line, CellFault fault, CancellationToken cancellationToken)
    {
        var refusal = new ListError(line, "", "", fault.Code, fault.Reason);
        await errors.AddAsync(refusal, cancellationToken);
        return summary with { Refusal = refusal, Errors = errors.Kept, ErrorsTotal = errors.Total };
    }

    private static CellFault Malformed(CsvMalformedReason reason) => new(ListCodes.QuoteBroken, reason switch
    {
        CsvMalformedReason.UnterminatedQuote =>
            "A quote is opened and not closed, so that the lines after it were read as part of this row: close it or remove it.",
        _ => "A quote stands inside a cell: put the whole cell in quotes and double the ones inside.",
    });
}
