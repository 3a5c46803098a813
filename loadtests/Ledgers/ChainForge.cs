using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>
/// Builds a ledger's past in bulk while no silo runs: the same decisions, encoding, sealing and stores, without grains between. What
/// it builds verifies like any other chain.
/// </summary>
internal sealed class ChainForge(LedgerKeys keys, ILedgerStores stores, TimeProvider time)
{
    /// <summary>
    /// Rows in one batch of projections: many, because a batch writes nearly every page of millions of accounts once, however many rows
    /// it has for each.
    /// </summary>
    private const int BatchWeight = 6_000_000;

    private const long ValidForMilliseconds = 20_000;
    private readonly LogTree log = new();
    private readonly Id epoch = Names.IdOf("forge epoch");
    private ProjectionBuilder pending = new();
    private Task projecting = Task.CompletedTask;
    private BlockHeader? last;
    private Hash32 lastHash;
    private int weight;
    private long salts;

    /// <summary>The ledger as registered so far; what is built in bulk is not in it.</summary>
    public LedgerState State { get; } = new();

    public long Now => Math.Max(last?.Time ?? 0, time.GetUtcNow().ToUnixTimeMilliseconds());

    public Task FoundAsync()
    {
        var genesis = keys.Genesis(Now);
        return ApplyAsync(genesis, genesis.DecidedAt);
    }

    /// <summary>The administrator registers records, signed where that is asked.</summary>
    public async Task RegisterAsync(params Record[] records)
    {
        var scope = Scope("register " + records[0].Id);
        var role = State.Member(Names.Administrator).Version;
        var draft = Decided(Registry.Decide(records, [new Authorisation(Names.Administrator, role, default)], scope, State));
        if (AuthorityChecks.DecisionOf(draft, State) is { } decision)
        {
            var signature = LedgerKeys.Sign(Names.Administrator, SignedObjects.Digest(keys.Identity.Domain, decision));
            draft = draft with { Authorisations = [new Authorisation(Names.Administrator, role, signature)] };
        }

        await ApplyAsync(draft, Now);
    }

    /// <summary>The surroundings of the administrator's decision; safe to use from many threads.</summary>
    /// <param name="key">Its idempotency key.</param>
    public DecisionScope Scope(string key)
    {
        var now = Now;
        var claims = keys.Identity.ClaimKey;
        return new DecisionScope(
            keys.Identity.Ledger, claims, now, now + ValidForMilliseconds, Names.Administrator,
            new CommandKey(claims.CommandKey(Names.Administrator, key), claims.CommandContent(default(Hash32).ToArray())), NextSalt());
    }

    public static Transaction Decided(Outcome<Transaction> outcome) =>
        outcome.Value ?? throw new InvalidOperationException($"{outcome.Refusal!.Code}: {outcome.Refusal.Message}");

    /// <summary>Seals and stores a block; its projections follow in batches.</summary>
    /// <param name="transactions">Each with the entry numbers of the accounts it touches.</param>
    /// <param name="at">The block's time in Unix milliseconds; now when absent.</param>
    public async Task AppendAsync(
        IReadOnlyList<(Transaction Transaction, EncodedTransaction Encoded, IReadOnlyList<ulong> Entries)> transactions, long? at = null)
    {
        var ordered = transactions.Select(one => new OrderedTransaction(one.Encoded, NextSalt(), one.Entries)).ToArray();
        var leaves = new Hash32[ordered.Length];
        Parallel.For(0, leaves.Length, position => leaves[position] = ordered[position].Leaf(position));
        var header = new BlockHeader(
            last is null ? 0 : last.Height + 1, lastHash, BlockTree.Root(leaves), (ulong)ordered.Length, at ?? Now, epoch, log.Size, log.Root, keys.Sealer.Address);
        var hash = header.Hash(keys.Identity.Domain);
        var block = new Block(header, keys.Sealer.Sign(hash), ordered);
        if (await stores.Blocks.AppendAsync(new StoredBlock(header.Height, hash, lastHash, BlockCodec.Encode(block))) != AppendResult.Durable)
        {
            throw new InvalidOperationException("Somebody else writes this ledger.");
        }

        (last, lastHash) = (header, hash);
        log.Append(hash);
        pending.Add(new FollowedBlock(block, hash, [.. transactions.Select(one => one.Transaction)]));
        weight += transactions.Sum(one => 1 + one.Transaction.Writes.Count + one.Entries.Count);
        if (weight >= BatchWeight)
        {
            // One batch is written while the next is built; never two, or memory would grow.
            await projecting;
            var full = pending;
            (pending, weight) = (new ProjectionBuilder(), 0);
            projecting = Task.Run(() => WriteAsync(full));
        }
    }

    /// <summary>Writes the projections of everything built.</summary>
    public async Task ProjectAsync()
    {
        await projecting;
        await WriteAsync(pending);
        (pending, weight) = (new ProjectionBuilder(), 0);
    }

    /// <summary>Waits for a batch that is being written, however that ends: before the stores are closed under it.</summary>
    public async Task StopAsync() => await projecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task WriteAsync(ProjectionBuilder full)
    {
        if (full.Build() is { } batch && !await stores.Projections.ApplyAsync(batch))
        {
            throw new InvalidOperationException("Somebody else writes these projections.");
        }
    }

    private Task ApplyAsync(Transaction transaction, long at) =>
        AppendAsync([(transaction, TransactionCodec.Encode(transaction), State.Apply(transaction))], at);

    private Id NextSalt() => new(Engine.Feeds.Mix(0x5A17, Interlocked.Increment(ref salts)), Engine.Feeds.Mix(0x5A18, salts));
}
