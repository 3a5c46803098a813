using System.Globalization;
using System.Runtime.CompilerServices;
using CsvHelper;
using MiniExcelLibs;
using MiniExcelLibs.OpenXml;

namespace Humanitarian.Api.Exports;

/// <summary>Writes tables as CSV (RFC 4180, UTF-8) and XLSX, row by row.</summary>
internal static class ExportWriter
{
    public const string Csv = "text/csv; charset=utf-8";
    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    // What a spreadsheet keeps of a number: it has no more digits.
    private const decimal ExactMax = 999_999_999_999_999m;

    /// <summary>Numbers as numbers, text so that no spreadsheet runs it.</summary>
    public static async Task WriteCsvAsync(Stream file, ExportTable table, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(file, new CsvWriterOptions { Injection = CsvInjection.Escape }, leaveOpen: true);
        csv.WriteHeader([.. table.Columns]);
        await foreach (var row in table.Rows.WithCancellation(cancellationToken))
        {
            foreach (var cell in row)
            {
                switch (cell)
                {
                    case null: csv.WriteField(""); break;
                    case long number: csv.WriteField(number); break;
                    case ulong number: csv.WriteField(number); break;
                    case decimal number: csv.WriteField(number); break;
                    default: csv.WriteField(ExportText.Untyped(TextOf(cell))); break;
                }
            }

            await csv.EndRecordAsync(cancellationToken);
        }
    }

    /// <summary>Text is typed as text; numbers of more than 15 digits, which a spreadsheet would round, are too.</summary>
    public static Task WriteXlsxAsync(Stream file, ExportTable table, CancellationToken cancellationToken) => MiniExcel.SaveAsAsync(
        file, CellsAsync(table, cancellationToken), printHeader: false, table.Kind, configuration: new OpenXmlConfiguration { AutoFilter = false, TableStyles = TableStyles.None },
        cancellationToken: cancellationToken);

    private static async IAsyncEnumerable<IDictionary<string, object?>> CellsAsync(ExportTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<string, object?> Row(IEnumerable<object?> cells) =>
            table.Columns.Zip(cells).ToDictionary(cell => cell.First, cell => Typed(cell.Second));
        yield return Row(table.Columns);
        await foreach (var row in table.Rows.WithCancellation(cancellationToken))
        {
            yield return Row(row);
        }
    }

    private static object? Typed(object? cell) => cell switch
    {
        null => null,
        long and (> (long)ExactMax or < -(long)ExactMax) or ulong and > (ulong)ExactMax => Convert.ToString(cell, CultureInfo.InvariantCulture),
        decimal number when Digits(number) > ExactMax => number.ToString(CultureInfo.InvariantCulture),
        long or ulong or decimal => cell,
        _ => ExportText.Plain(TextOf(cell)),
    };

    private static decimal Digits(decimal number)
    {
        var bits = decimal.GetBits(number);
        return new decimal(bits[0], bits[1], bits[2], false, 0);
    }

    private static string TextOf(object cell) =>
        cell is DateTimeOffset moment ? moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : (string)cell;
}
