using System.Text;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Chain.Tests;

/// <summary>
/// Builds a chain in memory with real signatures, by the same decisions that grains make. Everything in it follows from names and a
/// counter, so that the same calls give the same bytes.
/// </summary>
public sealed class ChainBuilder
{
    /// <summary>Milliseconds by which every decision may be ordered later.</summary>
    public const long Validity = 30_000;

    private readonly Dictionary<Address, byte[]> keys = [];
    private readonly List<Block> blocks = [];
    private readonly LogTree log = new();
    private readonly List<OrderedTransaction> pending = [];
    private Id epoch = IdOf("epoch 1");
    private ulong random;
    private Address sealerBefore;

    public ChainBuilder()
    {
        Ledger = IdOf("ledger");
        Domain = new LedgerDomain(Ledger);
        ClaimKey = new ClaimKey(Keccak.Hash(Encoding.UTF8.GetBytes("claim key")).ToArray());
    }

    public Id Ledger { get; }

    public LedgerDomain Domain { get; }

    public ClaimKey ClaimKey { get; }

    public LedgerState State { get; } = new();

    public IReadOnlyList<Block> Blocks => blocks;

    /// <summary>The clock, in Unix milliseconds.</summary>
    public long Now { get; set; } = 1_790_000_000_000;

    /// <summary>The encoded blocks.</summary>
    public IReadOnlyList<byte[]> Encoded => [.. blocks.Select(BlockCodec.Encode)];

    /// <summary>An id that follows from a name.</summary>
    public static Id IdOf(string name) => Id.FromBytes(Keccak.Hash(Encoding.UTF8.GetBytes("id " + name)).ToArray());

    /// <summary>Evidence that follows from a name.</summary>
    public static Hash32 EvidenceOf(string name) => Keccak.Hash(Encoding.UTF8.GetBytes("evidence " + name));

    /// <summary>The address of a named key, which can sign from now on.</summary>
    public Address AddressOf(string name)
    {
        var key = Keccak.Hash(Encoding.UTF8.GetBytes("key " + name)).ToArray();
        var address = Secp256k1.AddressOf(key);
        keys[address] = key;
        return address;
    }

    public Signature Sign(Address address, Hash32 digest) => Secp256k1.Sign(keys[address], digest);

    /// <summary>A different id each time.</summary>
    public Id NextId() => IdOf($"random {random++}");

    /// <param name="principal">None for the ledger's own work.</param>
    /// <param name="command">A client's key; null for none.</param>
    public DecisionScope Scope(Id principal, string? command = null) => new(
        Ledger, ClaimKey, Now, Now + Validity, principal,
        command is null ? null : new CommandKey(ClaimKey.CommandKey(principal, command), ClaimKey.CommandContent(Encoding.UTF8.GetBytes(command))),
        NextId());

    /// <summary>A member's signature on a decision.</summary>
    public Authorisation Authorise(Id member, string action, Hash32 subject, long totalMinor)
    {
        var (version, record) = State.Peek<MemberRecord>(RecordKind.Member, member);
        var digest = SignedObjects.Digest(Domain, new DecisionToSign(action, subject, totalMinor, version));
        return new Authorisation(member, version, Sign(record!.Address, digest));
    }

    /// <summary>Writes records as a member, signed where that is needed.</summary>
    public Transaction Register(Id principal, params Record[] records)
    {
        var writes = records.OrderBy(record => record.NamesPerson)
            .Select(record => new RecordWrite(State.VersionOf(record.Key) + 1, record)).ToArray();
        Authorisation[] signatures = Registry.NeedsSignature(writes)
            ? [Authorise(principal, SignedAction.ChangeRecords, SignedObjects.ObjectOf(writes), 0)]
            : [];
        return Order(Registry.Decide(records, signatures, Scope(principal), State));
    }

    /// <summary>Puts a decided transaction next in order. Throws when it was refused, or when the checks disagree with the decision.</summary>
    public Transaction Order(Outcome<Transaction> outcome)
    {
        if ((outcome.Refusal ?? State.Check(outcome.Value!, ClaimKey) ?? AuthorityChecks.Check(outcome.Value!, State, Domain)) is { } refusal)
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
        }

        return Force(outcome.Value!);
    }

    /// <summary>Puts a transaction next in order that nobody checks: what a forger with the sealer's key could do.</summary>
    public Transaction Force(Transaction transaction, Func<IReadOnlyList<ulong>, IReadOnlyList<ulong>>? renumber = null)
    {
        var encoded = TransactionCodec.Encode(transaction);
        var entries = State.Apply(transaction);
        pending.Add(new OrderedTransaction(encoded, NextId(), renumber?.Invoke(entries) ?? entries));
        return transaction;
    }

    /// <summary>Seals what is in order, with the key of the sealer that the block before left; a millisecond passes.</summary>
    public Block Cut(Address? sealer = null)
    {
        var block = Seal([.. pending], sealer ?? CurrentSealer());
        pending.Clear();
        Now++;
        return block;
    }

    /// <summary>Another sequencer takes over: its first block is empty and names its epoch.</summary>
    public Block TakeOver()
    {
        epoch = NextId();
        return Cut();
    }

    /// <summary>Changes the last block and seals it again with its sealer's key; nothing can be added after it.</summary>
    public Block ReplaceLast(Func<Block, Block> change)
    {
        var changed = change(blocks[^1]);
        var header = changed.Header with { Root = RootOf(changed.Transactions), Count = (ulong)changed.Transactions.Count };
        return blocks[^1] = new Block(header, Sign(header.Sealer, header.Hash(Domain)), changed.Transactions);
    }

    private static Hash32 RootOf(IReadOnlyList<OrderedTransaction> transactions) =>
        BlockTree.Root([.. transactions.Select((transaction, position) => transaction.Leaf(position))]);

    private Address CurrentSealer() =>
        blocks.Count == 0 ? State.Peek<LedgerRecord>(RecordKind.Ledger, Ledger).Record!.Sealer : sealerBefore;

    private Block Seal(IReadOnlyList<OrderedTransaction> transactions, Address sealer)
    {
        var previous = blocks.Count == 0 ? Hash32.Zero : blocks[^1].Header.Hash(Domain);
        var header = new BlockHeader(
            (ulong)blocks.Count, previous, RootOf(transactions), (ulong)transactions.Count, Now, epoch, log.Size, log.Root, sealer);
        var hash = header.Hash(Domain);
        var block = new Block(header, Sign(sealer, hash), transactions);
        blocks.Add(block);
        State.Height = (ulong)blocks.Count;
        log.Append(hash);
        sealerBefore = State.Peek<LedgerRecord>(RecordKind.Ledger, Ledger).Record!.Sealer;
        return block;
    }
}
