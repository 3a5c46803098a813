using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Telemetry;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Sequencing;

/// <summary>Something is wrong with the ledger or its keys that no caller can mend: the service must not start or go on.</summary>
[GenerateSerializer, Alias("LedgerFault")]
public sealed class LedgerFault(string code, string message) : Exception(message)
{
    [Orleans.Id(0)]
    public string Code { get; } = code;
}

/// <summary>Which ledger this is, and the key its claims are computed with.</summary>
public sealed class LedgerIdentity(Id ledger, ClaimKey claimKey)
{
    public Id Ledger { get; } = ledger;

    public ClaimKey ClaimKey { get; } = claimKey;

    public LedgerDomain Domain { get; } = new(ledger);
}

/// <summary>The key that seals blocks.</summary>
public sealed class BlockSealer(ReadOnlySpan<byte> privateKey)
{
    private readonly byte[] key = privateKey.ToArray();

    public Address Address { get; } = Secp256k1.AddressOf(privateKey);

    public Signature Sign(Hash32 digest) => Secp256k1.Sign(key, digest);
}

/// <summary>Bounds of the sequencer.</summary>
/// <param name="Queue">Most submissions that wait, in each class.</param>
/// <param name="BlockTransactions">Most transactions of a block.</param>
/// <param name="BlockBytes">Bytes of transactions after which a block is full.</param>
public sealed record SequencerLimits(int Queue, int BlockTransactions, int BlockBytes)
{
    public static SequencerLimits Default { get; } = new(50_000, 5_000, 8 * 1024 * 1024);
}

/// <summary>What a sequencer works with; the simulation replaces the store, the clock, the randomness and the scheduler.</summary>
/// <param name="Durable">Called for every durable block, in order, before its submitters are answered.</param>
/// <param name="IsBehind">True while the projections are so far behind that nothing more may be taken in.</param>
/// <param name="Offload">Runs hashing and signing off the sequencer's turn.</param>
public sealed record SequencerServices(
    IBlockStore Blocks, IProjectionStore Projections, BlockSealer Sealer, TimeProvider Time, IRandomSource Random, SequencerLimits Limits,
    Action<FollowedBlock> Durable, Func<bool> IsBehind, Func<Func<FollowedBlock>, Task<FollowedBlock>> Offload, ILogger Logger)
{
    public LedgerTelemetry Telemetry { get; init; } = new();

    /// <summary>The sequencer's queues, for whoever measures.</summary>
    public SequencerQueues Queues { get; } = new();
}

/// <summary>How many submissions and leases wait at this silo's sequencer; zero where it is elsewhere.</summary>
public sealed class SequencerQueues
{
    private Func<(int Normal, int Bulk, int Leases)> read = () => default;

    public (int Normal, int Bulk, int Leases) Waiting => read();

    public void ReadFrom(Func<(int Normal, int Bulk, int Leases)> source) => read = source;
}

/// <summary>Random ids.</summary>
public static class RandomIds
{
    public static Id NextId(this IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }
}
