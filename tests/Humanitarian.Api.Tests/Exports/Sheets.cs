using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using ExcelDataReader;

namespace Humanitarian.Api.Tests.Exports;

/// <summary>Reads files back with readers that are not the writers' own.</summary>
internal static class Sheets
{
    /// <summary>Records of RFC 4180, by the grammar.</summary>
    public static List<string[]> Csv(byte[] bytes)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        var (records, fields, field, quoted) = (new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var at = 0; at < text.Length; at++)
        {
            if (quoted)
            {
                if (text[at] != '"')
                {
                    field.Append(text[at]);
                }
                else if (at + 1 < text.Length && text[at + 1] == '"')
                {
                    field.Append(text[at++]);
                }
                else
                {
                    quoted = false;
                }
            }
            else if (text[at] == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (text[at] is ',' or '\r')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (text[at] == '\r')
                {
                    Assert.Equal('\n', text[++at]);
                    records.Add([.. fields]);
                    fields.Clear();
                }
            }
            else
            {
                Assert.NotEqual('"', text[at]);
                field.Append(text[at]);
            }
        }

        Assert.Empty(fields);
        Assert.Equal(0, field.Length);
        return records;
    }

    // ExcelDataReader asks for it even where it is not used.
    static Sheets() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Cells of the first sheet, by ExcelDataReader.</summary>
    public static List<object?[]> Xlsx(byte[] bytes)
    {
        using var reader = ExcelReaderFactory.CreateOpenXmlReader(new MemoryStream(bytes));
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)]);
        }

        Assert.False(reader.NextResult());
        return rows;
    }

    /// <summary>The sheet's own XML.</summary>
    public static XDocument SheetXml(byte[] bytes)
    {
        using var archive = new ZipArchive(new MemoryStream(bytes));
        using var sheet = archive.Entries.Single(entry => entry.FullName.StartsWith("xl/worksheets/sheet", StringComparison.Ordinal)).Open();
        return XDocument.Load(sheet);
    }

    /// <summary>A spreadsheet's cell as a CSV writes it.</summary>
    public static string Text(object? cell) => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "";
}
