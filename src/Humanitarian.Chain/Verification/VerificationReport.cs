using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Chain.Verification;

/// <summary>What a verifier has beside the chain.</summary>
public sealed record VerificationOptions
{
    /// <summary>Recomputes every claim but those of clients' command keys.</summary>
    public ClaimKey? ClaimKey { get; init; }

    /// <summary>Hash of the first block, remembered.</summary>
    public Hash32? GenesisHash { get; init; }

    /// <summary>A head remembered from an earlier look at the ledger.</summary>
    public SignedHead? Head { get; init; }
}

/// <summary>What of a unit came onto the ledger and left it, in minor units. Their difference is what accounts hold.</summary>
public readonly record struct UnitTotals(Int128 IssuedMinor, Int128 RetiredMinor);

/// <summary>What a verification found.</summary>
/// <param name="Height">Height of the last good block.</param>
/// <param name="Transactions">Ordered transactions.</param>
/// <param name="Transfers">Movements: a transaction with postings is one, a chunk as many as it has paid lines.</param>
/// <param name="NotShown">What this verification could not show, in sentences.</param>
/// <param name="Failure">The first broken invariant, or null.</param>
/// <param name="State">The replayed ledger up to the failure; without closed parts, persons' accounts are not in it.</param>
/// <param name="Units">Issued and retired by unit.</param>
public sealed record VerificationReport(
    ulong Height, long Transactions, long Transfers, Hash32 GenesisHash, Hash32 HeadHash, IReadOnlyList<string> NotShown,
    VerificationFailure? Failure, LedgerState State, IReadOnlyDictionary<string, UnitTotals> Units)
{
    /// <summary>True when nothing was found broken; see <see cref="NotShown"/> for what was not looked at.</summary>
    public bool Ok => Failure is null;
}
