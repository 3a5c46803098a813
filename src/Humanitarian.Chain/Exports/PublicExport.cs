using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;

namespace Humanitarian.Chain.Exports;

/// <summary>
/// A chain for everybody, as JSON Lines: <see cref="PublicStart"/>, each <see cref="PublicBlock"/>, <see cref="PublicSums"/>,
/// <see cref="PublicEnd"/>. Hashes, seals and roots verify as in the full chain; what touches persons is bare hashes and sums of many.
/// </summary>
public static class PublicExport
{
    public const int Version = 1;

    /// <summary>Fewest movements and persons' accounts of which a sum is told.</summary>
    public const int K = 10;

    private const int MaximumLineBytes = 512 * 1024 * 1024;

    /// <summary>Writes encoded blocks.</summary>
    public static async Task WriteAsync(Stream destination, IAsyncEnumerable<ReadOnlyMemory<byte>> blocks, CancellationToken cancellationToken = default)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var cells = new PublicCells(K);
        ulong count = 0;
        long transactions = 0;
        await PutAsync(new PublicStart(PublicStart.FormatName, Version, K));
        await foreach (var encoded in blocks.WithCancellation(cancellationToken))
        {
            var block = BlockCodec.Decode(encoded.Span);
            await PutAsync(Strip(block, cells));
            transactions += block.Transactions.Count;
            count++;
        }

        await PutAsync(cells.Sums());
        await PutAsync(new PublicEnd(count, transactions, Convert.ToHexStringLower(digest.GetHashAndReset())));
        await destination.FlushAsync(cancellationToken);

        async ValueTask PutAsync<T>(T line)
        {
            var bytes = LineOf(line);
            digest.AppendData(bytes);
            await destination.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>True when the bytes begin a public export.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith("{\"format\":\"humanitarian-public-export\""u8);

    /// <summary>Reads a stream's blocks, once, and checks its first and last lines.</summary>
    /// <exception cref="ExportException">The stream is no public export, is cut short or damaged.</exception>
    public static async IAsyncEnumerable<PublicBlock> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = PipeReader.Create(source, new StreamPipeReaderOptions(leaveOpen: true));
        ulong blocks = 0;
        long transactions = 0;
        if (Parse<PublicStart>(await LineAsync()) is not { Format: PublicStart.FormatName, Version: Version })
        {
            throw new ExportException("The file is no public export of version 1.");
        }

        var line = await LineAsync();
        while (line.AsSpan().StartsWith("{\"header\":"u8))
        {
            var block = Parse<PublicBlock>(line);
            (blocks, transactions) = (blocks + 1, transactions + block.Transactions.Count);
            yield return block;
            line = await LineAsync();
        }

        Parse<PublicSums>(line);
        var expected = Convert.ToHexStringLower(digest.GetCurrentHash());
        if (!(await LineAsync()).AsSpan().SequenceEqual(LineOf(new PublicEnd(blocks, transactions, expected))) || (await reader.ReadAsync(cancellationToken)).Buffer.Length > 0)
        {
            throw new ExportException("The export is damaged: its last line does not match what stands before it.");
        }

        await reader.CompleteAsync();

        async ValueTask<byte[]> LineAsync()
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                if (read.Buffer.PositionOf((byte)'\n') is { } end)
                {
                    var bytes = read.Buffer.Slice(0, read.Buffer.GetPosition(1, end)).ToArray();
                    reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                    digest.AppendData(bytes);
                    return bytes;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted || read.Buffer.Length > MaximumLineBytes)
                {
                    throw new ExportException($"The export is cut short after {blocks} whole blocks.");
                }
            }
        }
    }

    private static PublicBlock Strip(Block block, PublicCells cells)
    {
        var transactions = new PublicTransaction[block.Transactions.Count];
        for (var position = 0; position < transactions.Length; position++)
        {
            var ordered = block.Transactions[position];
            var entries = ordered.EntriesHash().ToString();
            if (ordered.Transaction.Closed is { IsEmpty: true })
            {
                transactions[position] = new PublicTransaction(entries, Open: "0x" + Convert.ToHexStringLower(ordered.Transaction.Open.Span));
            }
            else
            {
                transactions[position] = new PublicTransaction(entries, Hash: ordered.Transaction.Hash().ToString());
                cells.Add(TransactionCodec.Decode(ordered.Transaction), block.Header.Time);
            }
        }

        return new PublicBlock(HeaderJson.Of(block.Header), block.Signature.ToString(), transactions);
    }

    private static byte[] LineOf<T>(T line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, PublicJson.Options), (byte)'\n'];

    private static T Parse<T>(byte[] line)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, PublicJson.Options) ?? throw new ExportException("A line of the export is empty.");
        }
        catch (JsonException)
        {
            throw new ExportException($"A line of the export is no {typeof(T).Name}.");
        }
    }
}
