using System.Text;
using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>What the tests of lists share.</summary>
internal static class ListFiles
{
    public static readonly ListOptions Options = new()
    {
        Currency = "KES",
        Exponent = 2,
        DefaultAmountMinor = 5_000,
        IdentifierKey = Encoding.UTF8.GetBytes("a secret of the organisation"),
        Today = new DateOnly(2026, 11, 23),
    };

    public static Task<(ListSummary Summary, List<ListRow> Rows)> ReadAsync(string text, ListOptions? options = null) =>
        ReadAsync(Encoding.UTF8.GetBytes(text), options);

    public static async Task<(ListSummary Summary, List<ListRow> Rows)> ReadAsync(byte[] bytes, ListOptions? options = null)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        return await ReadAsync(stream, options);
    }

    public static async Task<(ListSummary Summary, List<ListRow> Rows)> ReadAsync(Stream stream, ListOptions? options = null)
    {
        var rows = new List<ListRow>();
        ListSummary summary = await ListReader.ReadAsync(stream, options ?? Options, row =>
        {
            rows.Add(row);
            return ValueTask.CompletedTask;
        });
        return (summary, rows);
    }

    public static async Task<byte[]> GenerateAsync(ListGeneratorOptions options)
    {
        using var stream = new MemoryStream();
        await ListGenerator.WriteAsync(stream, options);
        return stream.ToArray();
    }

    /// <summary>The first of the folders above the tests that has the path, or null.</summary>
    public static string? Above(params string[] path)
    {
        string relative = Path.Combine(path);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, relative);
            if (Path.Exists(candidate))
                return candidate;
        }

        return null;
    }
}

/// <summary>Never seekable, hands out few bytes at a time, and counts them.</summary>
internal sealed class TrickleStream(Func<long, byte?> byteAt, int bytesPerRead = 4096) : Stream
{
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Synchronous reads are refused, as a server does.");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = 0;
        while (count < Math.Min(buffer.Length, bytesPerRead) && byteAt(BytesRead) is { } b)
        {
            buffer.Span[count++] = b;
            BytesRead++;
        }

        return ValueTask.FromResult(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
