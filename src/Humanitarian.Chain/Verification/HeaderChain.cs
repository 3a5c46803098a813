using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// What headers, signatures and leaves alone show: one unbroken chain under the right seals. Full and public verification share it.
/// </summary>
internal sealed class HeaderChain(VerificationOptions options)
{
    private readonly LogTree log = new();
    private BlockHeader? last;

    /// <summary>Set from the genesis transaction before the first block is appended.</summary>
    public LedgerDomain? Domain { get; private set; }

    public Id Ledger { get; private set; }

    /// <summary>Whose signature the next block needs.</summary>
    public Address Sealer { get; set; }

    public ulong Blocks { get; private set; }

    public Hash32 GenesisHash { get; private set; }

    public Hash32 HeadHash { get; private set; }

    public ulong Height => last?.Height ?? 0;

    /// <summary>Names the ledger and its first sealer.</summary>
    public void Begin(Id ledger, Address sealer)
    {
        Ledger = ledger;
        Domain = new LedgerDomain(ledger);
        Sealer = sealer;
    }

    /// <summary>Checks a header as the next one; remembers it when it is good.</summary>
    /// <param name="root">Over the leaves of its transactions.</param>
    public VerificationFailure? Append(BlockHeader header, Signature signature, int count, Hash32 root)
    {
        if (Fault(header, signature, count, root) is { } fault)
        {
            return Invariants.Fail(fault.Invariant, Blocks, null, fault.Message);
        }

        var hash = header.Hash(Domain!);
        if (Blocks == 0)
        {
            GenesisHash = hash;
        }

        if (Remembered(header, hash) is { } other)
        {
            return Invariants.Fail(Invariants.Seals, Blocks, null, other);
        }

        log.Append(hash);
        (last, HeadHash, Blocks) = (header, hash, Blocks + 1);
        return null;
    }

    /// <summary>What only the end shows: that the chain reaches the remembered head.</summary>
    public VerificationFailure? Finish() =>
        Blocks == 0 ? Invariants.Fail(Invariants.Structure, 0, null, "There is no block.")
        : options.Head is { } head && head.Header.Height >= Blocks
            ? Invariants.Fail(Invariants.Durability, Height, null, $"The chain is truncated: the remembered head has height {head.Header.Height}.")
        : null;

    private (int Invariant, string Message)? Fault(BlockHeader header, Signature signature, int count, Hash32 root)
    {
        if (header.Height != Blocks)
        {
            return (Invariants.Numbers, $"Height {header.Height} stands where {Blocks} is due.");
        }

        return header.Previous != HeadHash ? (Invariants.Seals, "The block does not name the hash of the block before it.")
            : header.Count != (ulong)count ? (Invariants.Seals, "The block does not have the number of transactions its header names.")
            : header.LogSize != log.Size || header.LogRoot != log.Root ? (Invariants.Seals, "The header's log is not that of the blocks before it.")
            : header.Root != root ? (Invariants.Seals, "The header's root is not that of the block's transactions.")
            : header.Sealer != Sealer ? (Invariants.Seals, "The block is not sealed by the ledger's sealer at this height.")
            : !Secp256k1.Verify(header.Hash(Domain!), signature, header.Sealer) ? (Invariants.Seals, "The signature is not the sealer's over this header.")
            : last is not null && header.Time < last.Time ? (Invariants.Structure, "Time goes back.")
            : last is not null && header.Epoch != last.Epoch && count > 0
                ? (Invariants.Structure, "A sequencer's first block carries no transactions; this one changes the epoch and does.")
            : null;
    }

    private string? Remembered(BlockHeader header, Hash32 hash) =>
        header.Height == 0 && options.GenesisHash is { } genesis && genesis != hash ? "This is not the ledger of the given genesis hash."
        : options.Head is not { } head ? null
        : head.Ledger != Ledger ? "The remembered head is of another ledger."
        : head.Header.Height == header.Height && head.Hash() != hash ? "The block at the remembered head's height is another one: the past was changed."
        : null;
}
