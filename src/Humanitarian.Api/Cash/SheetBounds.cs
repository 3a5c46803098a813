using System.Globalization;
using System.IO.Compression;
using System.Xml;

namespace Humanitarian.Api.Cash;

/// <summary>
/// How far out the rows and columns of a sheet lie, looked at before it is read: the reader makes up every row that is left out, each as
/// wide as the widest.
/// </summary>
internal static class SheetBounds
{
    /// <summary>Most columns of a sheet. A report has some dozens.</summary>
    public const int ColumnsMax = 256;

    /// <summary>Most rows of a sheet, those of spreadsheets.</summary>
    public const int RowsMax = 1_048_576;

    // Cells that are made up for a small sheet; a large one has fewer than bytes.
    private const long AlwaysCells = 1024 * 1024;

    private static readonly XmlReaderSettings Settings = new() { Async = true, IgnoreComments = true, IgnoreWhitespace = true, XmlResolver = null };

    /// <summary>Looks at a part that may be a sheet.</summary>
    /// <param name="bytes">What it unpacks to.</param>
    /// <exception cref="InvalidDataException">It reaches further than a report does.</exception>
    public static async Task CheckAsync(ZipArchiveEntry part, long bytes, CancellationToken cancellationToken)
    {
        await using var unpacked = await part.OpenAsync(cancellationToken);
        using var xml = XmlReader.Create(unpacked, Settings);
        try
        {
            if (await xml.MoveToContentAsync() != XmlNodeType.Element || xml.LocalName != "worksheet")
            {
                return;
            }

            var (width, rows, row, cells) = (1, 0L, 0, 0);
            while (await xml.ReadAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (xml.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                switch (xml.LocalName)
                {
                    case "dimension":
                        width = Math.Max(width, (xml.GetAttribute("ref") ?? "").Split(':').Max(Column));
                        break;
                    case "row":
                        var next = xml.GetAttribute("r") is { } number ? Row(number) : row + 1;
                        (rows, row, cells) = (rows + Math.Max(next - row, 1), next, 0);
                        break;
                    case "c":
                        width = Math.Max(width, Math.Max(++cells, Column(xml.GetAttribute("r") ?? "")));
                        break;
                }

                if (width > ColumnsMax || row > RowsMax || rows * width > Math.Max(AlwaysCells, bytes))
                {
                    throw new InvalidDataException("The sheet reaches further than that of a report.");
                }
            }
        }
        catch (XmlException)
        {
            // No sheet, or one that is not read beyond this either.
        }
    }

    private static int Row(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row > 0 ? row : throw new InvalidDataException("A row has no number.");

    /// <summary>The column of a cell, from 1, or one more than there may be; 0 where none is named.</summary>
    private static int Column(string cell)
    {
        var column = 0;
        foreach (var letter in cell.ToUpperInvariant().TakeWhile(char.IsAsciiLetterUpper))
        {
            column = Math.Min((column * 26) + letter - 'A' + 1, ColumnsMax + 1);
        }

        return column;
    }
}
