using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// Replays a chain block by block on a ledger in memory and stops at the first thing that cannot be. With
/// <paramref name="openOnly"/> every closed part is left aside, because some were deleted.
/// </summary>
internal sealed class ChainReplay(VerificationOptions options, bool openOnly)
{
    /// <summary>Milliseconds by which a decision's clock may run ahead of the block that orders it.</summary>
    public const long MaximumDecidedAheadMilliseconds = 5 * 60 * 1000;

    private readonly HeaderChain headers = new(options);
    private readonly Dictionary<string, UnitTotals> units = [];
    private long transactions;
    private long transfers;
    private ulong? lastMissing;
    private ulong redactedUpTo;
    private bool redacted;
    private VerificationFailure? failure;
    private (ulong Height, Hash32 Hash) head;

    /// <summary>The ledger as replayed so far.</summary>
    public LedgerState State { get; } = new();

    /// <summary>True once a closed part was missing; a replay that is not open-only cannot go on from there.</summary>
    public bool NeedsOpenOnly { get; private set; }

    /// <summary>Replays the next block; false once something is broken or <see cref="NeedsOpenOnly"/>.</summary>
    public bool Append(PreparedBlock prepared)
    {
        if (prepared.Block is not { } block)
        {
            return Fail(Invariants.Structure, null, prepared.Fault!);
        }

        try
        {
            if (failure is not null || NeedsOpenOnly || !Begin(prepared, block))
            {
                return false;
            }
        }
        catch (EncodingException fault)
        {
            return Fail(Invariants.Structure, null, fault.Message);
        }

        failure = headers.Append(block.Header, block.Signature, prepared.Leaves.Length, prepared.Root);
        for (var position = 0; failure is null && !NeedsOpenOnly && position < prepared.Leaves.Length; position++)
        {
            Replay(prepared, block, position);
            prepared.Forget(position);
        }

        if (failure is not null || NeedsOpenOnly)
        {
            return false;
        }

        headers.Sealer = State.Peek<LedgerRecord>(RecordKind.Ledger, headers.Ledger).Record!.Sealer;
        head = (headers.Height, headers.HeadHash);
        return true;
    }

    /// <summary>The result; call it once, after the last block.</summary>
    public VerificationReport Finish()
    {
        failure ??= headers.Finish() ?? Redactions() ?? (openOnly ? null : LotChecks.Check(State, headers.Height) ?? ProgramChecks.Check(State, headers.Height));
        return new VerificationReport(
            head.Height, transactions, transfers, headers.GenesisHash, head.Hash,
            NotShownBy.Replay(options, openOnly, lastMissing), failure, State, units);
    }

    /// <summary>Breaks off with something that the source of the blocks found.</summary>
    internal bool Fail(int invariant, int? position, string message)
    {
        failure = Invariants.Fail(invariant, headers.Blocks, position, message);
        return false;
    }

    // The first block says which ledger this is and who seals it.
    private bool Begin(PreparedBlock prepared, Block block)
    {
        if (headers.Blocks > 0)
        {
            return true;
        }

        if (block.Transactions is not [var only] || Decode(prepared, 0, only) is not { Kind: TransactionKind.Genesis, Writes: [{ Record: LedgerRecord ledger }, ..] })
        {
            return Fail(Invariants.Structure, 0, "The first block holds the genesis transaction and nothing else.");
        }

        if (options.ClaimKey is { } key && Keccak.Hash(key.Export()) != ledger.ClaimKeyCommitment)
        {
            return Fail(Invariants.Structure, 0, "The given claim key is not the one that genesis commits to.");
        }

        headers.Begin(ledger.Id, ledger.Sealer);
        return true;
    }

    private void Replay(PreparedBlock prepared, Block block, int position)
    {
        var ordered = block.Transactions[position];
        var height = block.Header.Height;
        try
        {
            if (Missing(ordered.Transaction, height))
            {
                return;
            }

            var transaction = Decode(prepared, position, ordered);
            State.Height = height;
            failure = (Place(transaction, block.Header) ?? Rules(transaction) ?? Persons(transaction)) is { } broken
                ? Invariants.Fail(broken.Invariant, height, position, broken.Message)
                : null;
            if (failure is null)
            {
                Apply(transaction, ordered, height, position);
            }
        }
        catch (EncodingException fault)
        {
            failure = Invariants.Fail(Invariants.Structure, height, position, fault.Message);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Rules may take what decisions produce for granted; a forger's transaction may be anything, and is then no decision's.
            failure = Invariants.Fail(Invariants.Replay, height, position, $"No decision makes such a transaction ({fault.GetType().Name}).");
        }
    }

    private bool Missing(EncodedTransaction encoded, ulong height)
    {
        if (encoded.Closed is not null)
        {
            return false;
        }

        lastMissing = height;
        NeedsOpenOnly = !openOnly;
        return NeedsOpenOnly;
    }

    private Transaction Decode(PreparedBlock prepared, int position, OrderedTransaction ordered)
    {
        var whole = prepared.TransactionAt(position);
        return openOnly && ordered.Transaction.Closed is { IsEmpty: false } ? TransactionCodec.Decode(ordered.Transaction with { Closed = null }) : whole;
    }

    private (int Invariant, string Message)? Place(Transaction transaction, BlockHeader header) =>
        transaction.Ledger != headers.Ledger ? (Invariants.Structure, "The transaction is of another ledger.")
        : transaction.Kind == TransactionKind.Genesis && header.Height > 0 ? (Invariants.Structure, "Genesis is the first transaction only.")
        : transaction.ValidUntil < header.Time ? (Invariants.Replay, "The transaction was ordered after its validity.")
        : transaction.DecidedAt - header.Time > MaximumDecidedAheadMilliseconds ? (Invariants.Replay, "The transaction was decided long after its block.")
        : null;

    private (int Invariant, string Message)? Rules(Transaction transaction) =>
        (State.Check(transaction, openOnly ? null : options.ClaimKey) ?? AuthorityChecks.Check(transaction, State, headers.Domain!)) is { } refusal
            ? (Invariants.Of(refusal, transaction, State), $"{refusal.Code}: {refusal.Message}")
            : null;

    private (int Invariant, string Message)? Persons(Transaction transaction)
    {
        if (!transaction.HasClosedPart)
        {
            return null;
        }

        foreach (var posting in Effects.AllPostings(transaction))
        {
            var account = State.Peek<AccountRecord>(RecordKind.Account, posting.Account).Record;
            if (posting.OfPerson != (account?.NamesPerson ?? false))
            {
                return (Invariants.NobodyNamed, "A posting of a person's account stands in the open part, or another's in the closed one.");
            }
        }

        foreach (var read in transaction.Reads)
        {
            if (!read.NamesPerson && State.Peek<Record>(read.Key.Kind, read.Key.Id).Record is { NamesPerson: true })
            {
                return (Invariants.NobodyNamed, "The open part names a person's record.");
            }
        }

        return null;
    }

    private void Apply(Transaction transaction, OrderedTransaction ordered, ulong height, int position)
    {
        var numbers = State.Apply(transaction);
        if (!(transaction.HasClosedPart ? numbers.SequenceEqual(ordered.Entries) : KnownNumbersStand(transaction, numbers, ordered.Entries)))
        {
            failure = Invariants.Fail(Invariants.Numbers, height, position, "The accounts' entry numbers are not the next ones.");
            return;
        }

        transactions++;
        transfers += TransfersOf(transaction);
        foreach (var posting in transaction.Postings)
        {
            if (WorldAccount.Is(posting.Account, posting.Unit))
            {
                var (issued, retired) = units.GetValueOrDefault(posting.Unit);
                units[posting.Unit] = posting.AmountMinor < 0
                    ? new UnitTotals(issued - posting.AmountMinor, retired)
                    : new UnitTotals(issued, retired + posting.AmountMinor);
            }
        }

        foreach (var write in transaction.Writes)
        {
            if (write.Record is RedactionRecord redaction && height > 0)
            {
                redacted = true;
                redactedUpTo = Math.Max(redactedUpTo, Math.Min(redaction.UpToHeight, height - 1));
            }
        }
    }

    // Persons' numbers cannot be told apart; those of the known accounts stand among them in order.
    private static bool KnownNumbersStand(Transaction transaction, IReadOnlyList<ulong> numbers, IReadOnlyList<ulong> recorded)
    {
        var touched = Effects.TouchedAccounts(transaction);
        var at = 0;
        for (var index = 0; index < touched.Count; index++)
        {
            if (touched[index].IsNone)
            {
                continue;
            }

            while (at < recorded.Count && recorded[at] != numbers[index])
            {
                at++;
            }

            if (at++ >= recorded.Count)
            {
                return false;
            }
        }

        return true;
    }

    private long TransfersOf(Transaction transaction) =>
        transaction is not { Kind: TransactionKind.DisbursementChunk or TransactionKind.CashInstruction, Chunk: { } chunk } ? transaction.Postings.Count > 0 ? 1 : 0
        : transaction.HasClosedPart ? chunk.Lines.Count - chunk.Unpaid.Count
        : State.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!.ChunkRoots[chunk.Index].Lines - chunk.Unpaid.Count;

    private VerificationFailure? Redactions() =>
        lastMissing is { } height && !(redacted && redactedUpTo >= height)
            ? Invariants.Fail(Invariants.Replay, height, null, "A closed part is missing without a redaction record.")
            : null;
}
