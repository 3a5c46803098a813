using System.Diagnostics;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Storage;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Verification;

/// <summary>What a verification found, with the time it took.</summary>
/// <param name="Transaction">Hash of the transaction that breaks an invariant, where it can be read.</param>
/// <param name="Projections">The first difference between stored projections and those of the blocks; null when equal or not compared.</param>
internal sealed record LedgerVerificationResult(VerificationReport Report, Hash32? Transaction, string? Projections, IReadOnlyList<string> NotShown, TimeSpan Elapsed)
{
    public bool Ok => Report.Ok && Projections is null;

    public double TransactionsPerSecond => Report.Transactions / Math.Max(Elapsed.TotalSeconds, 0.001);
}

/// <summary>Verifies stores or an export from genesis, without a silo.</summary>
internal static class LedgerVerification
{
    private const int ComparisonsMax = 5;
    private const int StartBytes = 128;

    /// <summary>The chain in stores and, beside it, the projections. Works beside a running server.</summary>
    /// <exception cref="StorageFault">They cannot be read.</exception>
    public static async Task<LedgerVerificationResult> OfStoresAsync(
        ILedgerStores stores, VerificationOptions options, IProgress<ulong>? progress, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var report = await Verifier.VerifyAsync(StoredBlocks.BytesAsync(stores.Blocks, cancellationToken), options, progress, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (!report.Ok)
        {
            var failed = await stores.Blocks.FindAsync(report.Failure!.Height, cancellationToken);
            return new LedgerVerificationResult(report, TransactionAt(failed?.Bytes, report.Failure.Position), null, report.NotShown, elapsed);
        }

        var (difference, compared) = await CompareAsync(stores.Blocks, stores.Projections, cancellationToken);
        IReadOnlyList<string> notShown = compared ? report.NotShown : [.. report.NotShown, "The projections moved on while they were compared: they are not judged."];
        return new LedgerVerificationResult(report, null, difference, notShown, elapsed);
    }

    /// <summary>A file that <c>export</c> wrote.</summary>
    public static async Task<LedgerVerificationResult> OfExportAsync(
        string path, VerificationOptions options, IProgress<ulong>? progress, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (await IsPublicAsync(path, cancellationToken))
        {
            await using var file = File.OpenRead(path);
            var found = await PublicVerifier.VerifyAsync(file, options, cancellationToken);
            return new LedgerVerificationResult(found, null, null, found.NotShown, Stopwatch.GetElapsedTime(started));
        }

        var report = await Verifier.VerifyAsync(FullExport.ReadAsync(path, cancellationToken), options, progress, cancellationToken);
        return new LedgerVerificationResult(report, await FailedAsync(path, report.Failure, cancellationToken), null, report.NotShown, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<bool> IsPublicAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var start = new byte[StartBytes];
        var read = await file.ReadAtLeastAsync(start, StartBytes, throwOnEndOfStream: false, cancellationToken);
        return PublicExport.IsOne(start.AsSpan(0, read));
    }

    /// <summary>
    /// Builds the projections anew in a temporary folder and compares every row. A running server moves its own on; then the new ones
    /// follow and are compared again.
    /// </summary>
    private static async Task<(string? Difference, bool Compared)> CompareAsync(IBlockStore blocks, IProjectionStore stored, CancellationToken cancellationToken)
    {
        if (await stored.HeightAsync(cancellationToken) is null)
        {
            return (null, true);
        }

        var folder = Directory.CreateTempSubdirectory("humanitarian-verify-").FullName;
        try
        {
            await using var replayed = await SqliteStorage.OpenAsync(folder, cancellationToken: cancellationToken);
            for (var attempt = 0; attempt < ComparisonsMax; attempt++)
            {
                var height = await stored.HeightAsync(cancellationToken);
                await ProjectionReplay.AdvanceAsync(blocks, replayed.Projections, height!.Value, cancellationToken);
                var difference = await ProjectionReplay.DifferenceAsync(stored, replayed.Projections, cancellationToken);
                if (difference is null || await stored.HeightAsync(cancellationToken) == height)
                {
                    return (difference, true);
                }
            }

            return (null, false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Hash32?> FailedAsync(string path, VerificationFailure? failure, CancellationToken cancellationToken)
    {
        if (failure?.Position is null)
        {
            return null;
        }

        ulong height = 0;
        await foreach (var block in FullExport.ReadAsync(path, cancellationToken))
        {
            if (height++ == failure.Height)
            {
                return TransactionAt(block, failure.Position);
            }
        }

        return null;
    }

    private static Hash32? TransactionAt(ReadOnlyMemory<byte>? block, int? position)
    {
        if (block is null || position is not { } place)
        {
            return null;
        }

        try
        {
            return BlockCodec.Decode(block.Value.Span).Transactions[place].Transaction.Hash();
        }
        catch (Exception fault) when (fault is Chain.Canonical.EncodingException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
