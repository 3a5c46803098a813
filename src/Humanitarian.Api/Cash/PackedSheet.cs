using System.IO.Compression;

namespace Humanitarian.Api.Cash;

/// <summary>
/// What a workbook may unpack to, looked at before it is read as one: everything is unpacked once and thrown away, whatever its directory says.
/// </summary>
internal static class PackedSheet
{
    /// <summary>Most files of a workbook. A report has a dozen.</summary>
    public const int EntriesMax = 1_000;

    /// <summary>Most bytes that a workbook unpacks to.</summary>
    public const long UnpackedBytesMax = 2L * 1024 * 1024 * 1024;

    /// <summary>How many times its own size a workbook may unpack to. Those of spreadsheets stay below thirty.</summary>
    public const int RatioMax = 200;

    // A small workbook may be repetitive.
    private const long AlwaysBytes = 16L * 1024 * 1024;

    /// <summary>Unpacks it once; returns the bytes that came out.</summary>
    /// <exception cref="InvalidDataException">It unpacks to too much, a sheet reaches too far out, or it is damaged.</exception>
    public static async Task<long> CheckAsync(Stream file, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        if (zip.Entries.Count > EntriesMax)
        {
            throw new InvalidDataException("The file has more parts than a report has.");
        }

        var most = Math.Min(UnpackedBytesMax, Math.Max(AlwaysBytes, file.Length * RatioMax));
        var left = most;
        var buffer = new byte[81_920];
        foreach (var entry in zip.Entries)
        {
            var before = left;
            await using (var unpacked = await entry.OpenAsync(cancellationToken))
            {
                for (int read; (read = await unpacked.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    left -= read;
                    if (left < 0)
                    {
                        throw new InvalidDataException("The file unpacks to more than a report has.");
                    }
                }
            }

            await SheetBounds.CheckAsync(entry, before - left, cancellationToken);
        }

        return most - left;
    }
}
