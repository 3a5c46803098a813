using System.Buffers.Binary;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>SQLite's write-ahead log, read as its recovery reads it (file format, section 4): frames up to the first whose checksum is wrong.</summary>
/// <param name="Commits">Where each commit ends in the file, in order.</param>
/// <param name="Pages">Pages of the database that the frames of each commit hold.</param>
internal sealed record WriteAheadLog(int PageBytes, IReadOnlyList<long> Commits, IReadOnlyList<IReadOnlyList<uint>> Pages)
{
    public const int HeaderBytes = 32;

    private const int FrameHeaderBytes = 24;
    private const int SaltsAt = 16;
    private const uint BigEndianMagic = 0x377f0683;

    public static WriteAheadLog Read(ReadOnlySpan<byte> file)
    {
        var (commits, pages, open) = (new List<long>(), new List<IReadOnlyList<uint>>(), new List<uint>());
        if (file.Length < HeaderBytes)
        {
            return new WriteAheadLog(0, commits, pages);
        }

        var bigEndian = Number(file) == BigEndianMagic;
        var pageBytes = (int)Number(file[8..]);
        var sum = Sum((0, 0), file[..24], bigEndian);
        for (var at = HeaderBytes; at + FrameHeaderBytes + pageBytes <= file.Length; at += FrameHeaderBytes + pageBytes)
        {
            var frame = file[at..];
            sum = Sum(Sum(sum, frame[..8], bigEndian), frame.Slice(FrameHeaderBytes, pageBytes), bigEndian);
            if (!frame.Slice(8, 8).SequenceEqual(file.Slice(SaltsAt, 8)) || (Number(frame[16..]), Number(frame[20..])) != sum)
            {
                break;
            }

            open.Add(Number(frame));
            if (Number(frame[4..]) != 0)
            {
                commits.Add(at + FrameHeaderBytes + pageBytes);
                pages.Add([.. open]);
                open.Clear();
            }
        }

        return new WriteAheadLog(pageBytes, commits, pages);
    }

    private static (uint, uint) Sum((uint First, uint Second) sum, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        for (; bytes.Length > 0; bytes = bytes[8..])
        {
            unchecked
            {
                sum.First += Word(bytes, bigEndian) + sum.Second;
                sum.Second += Word(bytes[4..], bigEndian) + sum.First;
            }
        }

        return sum;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) => bigEndian ? Number(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
