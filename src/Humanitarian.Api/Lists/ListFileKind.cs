using System.Buffers;

namespace Humanitarian.Api.Lists;

/// <summary>Tells by its first bytes what a file is when it is not a list.</summary>
internal static class ListFileKind
{
    private const string SaveAs = "save the sheet as \"CSV UTF-8\" and import that.";

    /// <summary>Why the file cannot be a list, or null.</summary>
    public static CellFault? Refuse(ReadOnlySequence<byte> head)
    {
        ReadOnlySpan<byte> start = head.IsSingleSegment ? head.FirstSpan : head.ToArray();
        return start switch
        {
            [] => new(ListCodes.ListEmpty, "The file is empty."),
            [(byte)'P', (byte)'K', 3 or 5 or 7, ..] => new(ListCodes.ListXlsx,
                "This is an XLSX or ODS workbook, or a ZIP archive: " + SaveAs),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => new(ListCodes.ListXls,
                "This is an old XLS workbook, or an encrypted one: remove its password, " + SaveAs),
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => new(ListCodes.ListPdf,
                "This is a PDF document: ask for the list it was made from, " + SaveAs),
            [0x1F, 0x8B, ..] or [(byte)'B', (byte)'Z', (byte)'h', ..] or [0xFD, (byte)'7', (byte)'z', ..]
                or [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] or [0x28, 0xB5, 0x2F, 0xFD, ..] => new(ListCodes.ListCompressed,
                "This is a compressed file: unpack it first."),
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => new(ListCodes.ListNotUtf8,
                "This is \"Unicode text\" (UTF-16): " + SaveAs),
            _ => start.Contains((byte)0)
                ? new(ListCodes.ListBinary, "This is a binary file, not a list: " + SaveAs)
                : null,
        };
    }

    /// <summary>The separator that is most frequent in the header line outside quotes; a comma when there is none.</summary>
    public static char Separator(ReadOnlySequence<byte> head)
    {
        Span<int> counts = stackalloc int[128];
        bool quoted = false;
        foreach (byte b in head.ToArray())
        {
            if (b == '"')
                quoted = !quoted;
            else if (!quoted && b is (byte)'\n' or (byte)'\r')
                break;
            else if (!quoted && b < 128)
                counts[b]++;
        }

        char best = ',';
        foreach (char candidate in ";\t")
        {
            if (counts[candidate] > counts[best])
                best = candidate;
        }

        return best;
    }
}
