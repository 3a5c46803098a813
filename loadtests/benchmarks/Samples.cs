using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;
using Humanitarian.LoadTests.Ledgers;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Benchmarks;

/// <summary>A small exchange in memory and transfers on it, for what is measured.</summary>
internal sealed class Samples
{
    public const int Accounts = 1_000;

    private readonly LedgerKeys keys = new();
    private readonly long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public Samples()
    {
        State.Apply(keys.Genesis(now));
        const string Terms = """{ "preset": "exchange", "rules": [ { "rule": "mutualCredit" } ] }""";
        Write(new UnitRecord(Names.Unit, 2, null));
        Write(new ProgramRecord(Names.Program, Names.Operator, "Exchange", Names.Unit, TermsJson.Write(TermsJson.Read(Terms).Value!), 1, Names.IdOf("pool"), Names.IdOf("queue"), true));
        for (var number = 0; number < Accounts; number++)
        {
            Write(new AccountRecord(
                Names.Account(number), Names.Operator, AccountKind.Member, AccountStatus.Open, Names.Program, Exchange.FloorMinor, long.MaxValue, []));
        }
    }

    public LedgerState State { get; } = new();

    public LedgerKeys Keys => keys;

    /// <summary>Decides transfer n.</summary>
    public Transaction Decide(int number)
    {
        var claims = keys.Identity.ClaimKey;
        var scope = new DecisionScope(
            keys.Identity.Ledger, claims, now, now + 20_000, Names.Administrator,
            new CommandKey(claims.CommandKey(Names.Administrator, Names.Text(number)), claims.CommandContent(default(Hash32).ToArray())), Names.IdOf("salt"));
        return ChainForge.Decided(MemberTransfers.Decide(
            new TransferCommand(Names.Program, Names.Account(number % Accounts), Names.Account((number + 1) % Accounts), 1), scope, State));
    }

    /// <summary>A block of so many transfers, as a follower sees it.</summary>
    public FollowedBlock Block(ulong height, int first, int count)
    {
        var transactions = Enumerable.Range(first, count).Select(Decide).ToArray();
        var ordered = transactions.Select((transaction, index) => new OrderedTransaction(
            TransactionCodec.Encode(transaction), Names.IdOf("entry salt"), [((ulong)(first + index) * 2) + 1, ((ulong)(first + index) * 2) + 2])).ToArray();
        var header = new BlockHeader(
            height, default, BlockTree.Root([.. ordered.Select((one, position) => one.Leaf(position))]), (ulong)count, now, Names.IdOf("epoch"), 0, LogTree.EmptyRoot, keys.Sealer.Address);
        var hash = header.Hash(keys.Identity.Domain);
        return new FollowedBlock(new Block(header, keys.Sealer.Sign(hash), ordered), hash, transactions);
    }

    private void Write(Record record) => State.Apply(new Transaction
    {
        Ledger = keys.Identity.Ledger, Kind = TransactionKind.Registry, DecidedAt = now, ValidUntil = now, Writes = [new RecordWrite(1, record)],
    });
}
