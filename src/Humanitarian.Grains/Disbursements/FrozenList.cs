using System.Buffers.Binary;
using System.Security.Cryptography;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Disbursements;

/// <summary>
/// The lines of a disbursement as its approval freezes them: rows of an imported list in fixed chunks. A line's salt follows from the
/// claim key, so that the same lines come again after a restart and an auditor with the key can make them too.
/// </summary>
internal sealed class FrozenList(ISideStore side, ClaimKey key, Id disbursement, Id list, long firstRow, long rows)
{
    /// <summary>Lines of a chunk: large enough that its transaction's fixed cost vanishes, small enough for tills to wait little.</summary>
    public const int ChunkLines = 500;

    private readonly byte[] saltKey = HMACSHA256.HashData(key.Export(), (byte[])[.. "line salt"u8, .. disbursement.ToBytes()]);

    public int Chunks => checked((int)((rows + ChunkLines - 1) / ChunkLines));

    /// <summary>The list's rows of a chunk; fewer where they are gone.</summary>
    public Task<IReadOnlyList<ListRowEntry>> RowsAsync(int chunk) => side.RowsAsync(list, firstRow + FirstOf(chunk), CountOf(chunk));

    /// <summary>The lines of a chunk, or null when the list's rows are gone.</summary>
    public async Task<Line[]?> LinesAsync(int chunk) => LinesOf(chunk, await RowsAsync(chunk));

    /// <summary>Root, number and total of every chunk; null when the list has fewer rows than drafted.</summary>
    /// <param name="seen">Given the lines of every chunk as they are read.</param>
    public async Task<IReadOnlyList<ChunkHead>?> HeadsAsync(Action<Line[]>? seen = null)
    {
        var heads = new ChunkHead[Chunks];
        var chunk = 0;
        await foreach (var stored in ReadAhead.AllAsync(heads.Length, RowsAsync))
        {
            if (LinesOf(chunk, stored) is not { } lines)
            {
                return null;
            }

            seen?.Invoke(lines);
            heads[chunk++] = new ChunkHead(AuthorityChecks.RootOf(lines), lines.Length, lines.Sum(line => line.AmountMinor));
        }

        return heads;
    }

    private static long FirstOf(int chunk) => (long)chunk * ChunkLines;

    private int CountOf(int chunk) => (int)Math.Min(ChunkLines, rows - FirstOf(chunk));

    private Line[]? LinesOf(int chunk, IReadOnlyList<ListRowEntry> stored)
    {
        if (stored.Count != CountOf(chunk))
        {
            return null;
        }

        // One digest that keeps its key for all lines: setting it up costs more than a line's hash.
        using var digest = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, saltKey);
        var lines = new Line[stored.Count];
        for (var index = 0; index < lines.Length; index++)
        {
            var row = stored[index];
            lines[index] = new Line(row.Account, row.Household, row.AmountMinor, Salt(digest, FirstOf(chunk) + index));
        }

        return lines;
    }

    private static Id Salt(IncrementalHash digest, long row)
    {
        Span<byte> number = stackalloc byte[8];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(number, row);
        digest.AppendData(number);
        digest.GetHashAndReset(hash);
        return Id.FromBytes(hash);
    }
}
