using System.Runtime.InteropServices;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Sequencing;

/// <summary>A lease on an account: the right to debit it, void as soon as a newer one is asked for or the epoch ends.</summary>
[GenerateSerializer, Immutable, Alias("Lease")]
public readonly record struct Lease([property: Orleans.Id(0)] Id Account, [property: Orleans.Id(1)] Id Epoch, [property: Orleans.Id(2)] ulong Number);

/// <summary>A lease with the state it starts from.</summary>
/// <param name="Entries">Number of the account's last entry.</param>
/// <param name="Height">Durable height at which that is so: everything ordered under older leases is in it or dropped.</param>
[GenerateSerializer, Immutable, Alias("LeaseGrant")]
public sealed record LeaseGrant(
    [property: Orleans.Id(0)] Lease Lease, [property: Orleans.Id(1)] ulong Entries, [property: Orleans.Id(2)] ulong Height, [property: Orleans.Id(3)] Refusal? Refusal);

/// <summary>A condition of a decision that judged an account's whole history: the number of its last entry.</summary>
[GenerateSerializer, Immutable, Alias("ExpectedEntries")]
public readonly record struct ExpectedEntries([property: Orleans.Id(0)] Id Account, [property: Orleans.Id(1)] ulong Entries);

/// <summary>An account as the projections had it when a decision read it.</summary>
/// <param name="Entries">Number of its last entry.</param>
[GenerateSerializer, Immutable, Alias("SeenAccount")]
public readonly record struct SeenAccount(
    [property: Orleans.Id(0)] Id Account, [property: Orleans.Id(1)] ulong Entries, [property: Orleans.Id(2)] bool Exists, [property: Orleans.Id(3)] bool Closed,
    [property: Orleans.Id(4)] bool MustBeAsked)
{
    internal AccountHead Head => new(Entries, Exists, Closed, MustBeAsked);

    internal static SeenAccount Of(Id account, AccountHead head) => new(account, head.Entries, head.Exists, head.Closed, head.MustBeAsked);
}

/// <summary>
/// What the deciding silo has read already, so that the sequencer need not: the versions that the transaction reads and writes on, and
/// accounts that it may credit. What was written from the height on, the sequencer has in memory, and that counts.
/// </summary>
/// <param name="Height">Everything was read with the blocks below this height.</param>
[GenerateSerializer, Immutable, Alias("DecisionBasis")]
public sealed record DecisionBasis([property: Orleans.Id(0)] ulong Height, [property: Orleans.Id(1)] SeenAccount[] Accounts);

/// <summary>A decided transaction on its way to the sequencer.</summary>
/// <param name="leases">A lease for every account that is debited, the world's excepted, or that was asked.</param>
/// <param name="expected">Set where the decision falls if the account got another entry, as when it is closed.</param>
/// <param name="bulk">True for chunks and sweeps, which take at most half of a block.</param>
/// <param name="basis">Null where the sequencer looks up everything itself.</param>
[GenerateSerializer, Immutable, Alias("Submission")]
public sealed class Submission(byte[] open, byte[] closed, Hash32 closedHash, Lease[] leases, ExpectedEntries? expected, bool bulk, DecisionBasis? basis)
{
    [Orleans.Id(0)]
    private readonly byte[] open = open;

    [Orleans.Id(1)]
    private readonly byte[] closed = closed;

    [Orleans.Id(2)]
    private readonly Hash32 closedHash = closedHash;

    [Orleans.Id(3)]
    public Lease[] Leases { get; } = leases;

    [Orleans.Id(4)]
    public bool Bulk { get; } = bulk;

    [Orleans.Id(5)]
    public ExpectedEntries? Expected { get; } = expected;

    [Orleans.Id(6)]
    public DecisionBasis? Basis { get; } = basis;

    // Within one silo the object itself arrives, and with it the decoded form; across silos it is decoded again.
    [NonSerialized]
    private Transaction? decoded;

    [NonSerialized]
    private EncodedTransaction? encoded;

    public EncodedTransaction Encoded => encoded ??= new EncodedTransaction(open, closed, closedHash);

    public int Bytes => open.Length + closed.Length;

    public Transaction Transaction => decoded ??= TransactionCodec.Decode(Encoded);

    public static Submission Of(Transaction transaction, EncodedTransaction encoded, Lease[] leases, ExpectedEntries? expected, bool bulk, DecisionBasis? basis = null) =>
        new(ArrayOf(encoded.Open), ArrayOf(encoded.Closed!.Value), encoded.ClosedHash, leases, expected, bulk, basis) { decoded = transaction, encoded = encoded };

    /// <summary>The bytes as an array, copied only where they are a part of a larger one.</summary>
    internal static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : bytes.ToArray();
}

/// <summary>How a submission ended.</summary>
/// <param name="Refusal">Null when it is durable.</param>
/// <param name="First">With CLAIM_TAKEN: where the claim was taken.</param>
/// <param name="Claims">With CLAIM_TAKEN: which claims; with ACCOUNT_CLOSED and ACCOUNT_UNKNOWN they are empty.</param>
/// <param name="Accounts">Accounts that may not be credited.</param>
[GenerateSerializer, Immutable, Alias("SubmitResult")]
public sealed record SubmitResult(
    [property: Orleans.Id(0)] Refusal? Refusal,
    [property: Orleans.Id(1)] ulong Height,
    [property: Orleans.Id(2)] int Position,
    [property: Orleans.Id(3)] PlaceOf? First,
    [property: Orleans.Id(4)] Claim[] Claims,
    [property: Orleans.Id(5)] Id[] Accounts)
{
    public static SubmitResult Refused(Refusal refusal) => new(refusal, 0, 0, null, [], []);

    public static SubmitResult Durable(ulong height, int position) => new(null, height, position, null, [], []);
}

/// <summary>A place in the log, as it travels.</summary>
[GenerateSerializer, Immutable, Alias("PlaceOf")]
public sealed record PlaceOf([property: Orleans.Id(0)] ulong Height, [property: Orleans.Id(1)] int Position)
{
    public static PlaceOf Of(Place place) => new(place.Height, place.Position);
}

/// <summary>The durable end of the log as the sequencer knows it.</summary>
/// <param name="Time">Unix milliseconds: nothing whose validity ended before is ordered after this head.</param>
[GenerateSerializer, Immutable, Alias("DurableHead")]
public sealed record DurableHead(
    [property: Orleans.Id(0)] ulong Height, [property: Orleans.Id(1)] Hash32 Hash, [property: Orleans.Id(2)] long Time, [property: Orleans.Id(3)] Id Epoch);

/// <summary>The way to a ledger's sequencer: a grain in production, the logic itself in the simulation.</summary>
public interface ISequencerGateway
{
    /// <exception cref="Exception">The outcome is unknown.</exception>
    Task<SubmitResult> SubmitAsync(Submission submission);

    /// <summary>Submits several of which all are ordered, one after the other in one block, or none.</summary>
    /// <exception cref="Exception">The outcome is unknown, of all of them.</exception>
    Task<SubmitResult[]> SubmitUnitAsync(Submission[] unit);

    Task<LeaseGrant> LeaseAsync(Id account);

    /// <summary>The durable head at some moment after the call.</summary>
    Task<DurableHead> HeadAsync();
}
