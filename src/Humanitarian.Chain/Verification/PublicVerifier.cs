using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Exports;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// Verifies a public export: the chain of hashes, seals, roots and logs whole, and of the transactions that touch no person every
/// rule and signature that needs no balance.
/// </summary>
public sealed class PublicVerifier
{
    private readonly VerificationOptions options;
    private readonly HeaderChain headers;
    private readonly LedgerState state = new();
    private readonly OpenView view;
    private readonly Dictionary<string, UnitTotals> units = [];
    private VerificationFailure? failure;
    private long transactions;

    private PublicVerifier(VerificationOptions options)
    {
        this.options = options;
        headers = new HeaderChain(options);
        view = new OpenView(state);
    }

    /// <summary>Verifies a stream. Transfers and units are not counted: persons' payments are not in it.</summary>
    public static async Task<VerificationReport> VerifyAsync(Stream export, VerificationOptions options, CancellationToken cancellationToken = default)
    {
        var verifier = new PublicVerifier(options);
        try
        {
            await foreach (var block in PublicExport.ReadAsync(export, cancellationToken))
            {
                verifier.Append(block);
                if (verifier.failure is not null)
                {
                    break;
                }
            }
        }
        catch (ExportException fault)
        {
            verifier.failure = Invariants.Fail(Invariants.Structure, verifier.headers.Blocks, null, fault.Message);
        }

        return verifier.Finish();
    }

    private VerificationReport Finish()
    {
        failure ??= headers.Finish();
        return new VerificationReport(
            headers.Height, transactions, 0, headers.GenesisHash, headers.HeadHash, NotShownBy.PublicExport(options), failure, state, units);
    }

    private void Append(PublicBlock block)
    {
        try
        {
            if (!Signature.TryParse(block.Signature, out var signature))
            {
                throw new FormatException("A signature has 65 bytes.");
            }

            var open = block.Transactions.Select(Decode).ToArray();
            if (headers.Blocks == 0)
            {
                Begin(open);
            }

            var leaves = new Hash32[open.Length];
            for (var position = 0; position < leaves.Length; position++)
            {
                leaves[position] = BlockTree.Leaf(open[position].Hash, position, Hash32.Parse(block.Transactions[position].Entries));
            }

            var header = block.Header.ToHeader();
            failure = headers.Append(header, signature, leaves.Length, BlockTree.Root(leaves));
            for (var position = 0; failure is null && position < open.Length; position++)
            {
                Replay(open[position].Transaction, header, position);
            }

            headers.Sealer = state.Peek<LedgerRecord>(RecordKind.Ledger, headers.Ledger).Record?.Sealer ?? default;
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or EncodingException)
        {
            failure = Invariants.Fail(Invariants.Structure, headers.Blocks, null, fault.Message);
        }
    }

    private void Begin((Hash32, Transaction? Transaction)[] open)
    {
        if (open is not [(_, { Kind: TransactionKind.Genesis, Writes: [{ Record: LedgerRecord ledger }, ..] })])
        {
            throw new FormatException("The first block holds the genesis transaction and nothing else.");
        }

        headers.Begin(ledger.Id, ledger.Sealer);
    }

    private static (Hash32 Hash, Transaction? Transaction) Decode(PublicTransaction transaction)
    {
        if (transaction.Open is not { } text)
        {
            return (Hash32.Parse(transaction.Hash ?? ""), null);
        }

        if (transaction.Hash is not null || !text.StartsWith("0x", StringComparison.Ordinal))
        {
            throw new FormatException("A transaction is its open part or its hash.");
        }

        var encoded = new EncodedTransaction(Convert.FromHexString(text.AsSpan(2)), Array.Empty<byte>(), Keccak.Hash([]));
        return (encoded.Hash(), TransactionCodec.Decode(encoded));
    }

    private void Replay(Transaction? transaction, BlockHeader header, int position)
    {
        transactions++;
        if (transaction is null)
        {
            return;
        }

        try
        {
            state.Height = header.Height;
            if (Broken(transaction, header) is var (invariant, message))
            {
                failure = Invariants.Fail(invariant, header.Height, position, message);
                return;
            }

            state.Apply(transaction);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or EncodingException))
        {
            // As in a full replay: what no decision makes may surprise the rules.
            failure = Invariants.Fail(Invariants.Replay, header.Height, position, $"No decision makes such a transaction ({fault.GetType().Name}).");
        }
    }

    private (int Invariant, string Message)? Broken(Transaction transaction, BlockHeader header)
    {
        if (transaction.Ledger != headers.Ledger || (transaction.Kind == TransactionKind.Genesis && header.Height > 0))
        {
            return (Invariants.Structure, "The transaction does not belong here.");
        }

        if (transaction.ValidUntil < header.Time || transaction.DecidedAt - header.Time > ChainReplay.MaximumDecidedAheadMilliseconds)
        {
            return (Invariants.Replay, "The transaction was ordered outside its validity.");
        }

        var refusal = Checks.Versions(transaction, key => state.VersionOf(key))
            ?? (LedgerState.AllClaims(transaction).Any(claim => state.IsTaken(claim) && !transaction.Reopens.Contains(claim))
                ? new Refusal(RefusalCode.ClaimTaken, "Something that may happen only once happens again.")
                : null)
            ?? Checks.Check(transaction, view)
            ?? AuthorityChecks.Check(transaction, view, headers.Domain!);
        return refusal is null ? null : (Invariants.Of(refusal, transaction, state), $"{refusal.Code}: {refusal.Message}");
    }

    /// <summary>The records that name nobody; it answers for no balance, because persons' payments change them unseen.</summary>
    private sealed class OpenView(LedgerState state) : ILedgerView
    {
        public Versioned<T> Find<T>(RecordKind kind, Id id)
            where T : Record => state.Find<T>(kind, id);

        public Versioned<T> Peek<T>(RecordKind kind, Id id)
            where T : Record => state.Peek<T>(kind, id);

        public ulong Height => state.Height;

        public AccountBook? Book(Id account) => null;

        public long Flow(Id lot, LotFlow flow) => state.Flow(lot, flow);
    }
}
