using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>
/// A mutual credit exchange: the plainest movement there is, from one person's account to another's, whose balances sum to zero. Its
/// accounts are opened, and its history is made, in bulk.
/// </summary>
internal static class Exchange
{
    /// <summary>Lowest balance, in minor units: deep enough that no run is refused for it.</summary>
    public const long FloorMinor = -1_000_000_000_000;

    private const string Terms = """{ "preset": "exchange", "rules": [ { "rule": "mutualCredit" } ] }""";
    private const int AccountsInTransaction = 1_000;
    private const int TransactionsInBlock = 5_000;

    /// <summary>
    /// Stores with an exchange of as many accounts and transfers as the settings ask for: built now, or copied from where an earlier
    /// run has kept them.
    /// </summary>
    /// <returns>With them, what the history has moved on each account, in minor units.</returns>
    public static async Task<(StoreUnderTest Store, long[] Moved)> OpenAsync(RunSettings settings, LedgerKeys keys, Action<string> status, CancellationToken cancellationToken)
    {
        var (accounts, history, seed) = (settings.Accounts, settings.History, (ulong)settings.Seed);
        var kept = settings.Keep is null ? null : Path.Combine(settings.Keep, $"accounts-{Names.Text(accounts)}-history-{Names.Text(history)}-seed-{Names.Text(settings.Seed)}");
        var found = Directory.Exists(kept);
        var store = await StoreUnderTest.CreateAsync(settings, cancellationToken, found ? kept : null);
        try
        {
            if (!found)
            {
                await BuildAsync(new ChainForge(keys, store.Stores, TimeProvider.System), accounts, history, seed, status);
                await (kept is null ? Task.CompletedTask : store.KeepAsync(kept));
            }

            return (store, Moved(accounts, history, seed));
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Builds genesis, the program and its accounts, then so many transfers between them.</summary>
    public static async Task BuildAsync(ChainForge forge, int accounts, long history, ulong seed, Action<string> status)
    {
        try
        {
            await BuildAllAsync(forge, accounts, history, seed, status);
        }
        finally
        {
            await forge.StopAsync();
        }
    }

    private static async Task BuildAllAsync(ChainForge forge, int accounts, long history, ulong seed, Action<string> status)
    {
        var terms = TermsJson.Read(Terms);
        await forge.FoundAsync();
        await forge.RegisterAsync(new UnitRecord(Names.Unit, 2, null));
        await forge.RegisterAsync(
            new ProgramRecord(Names.Program, Names.Operator, "Exchange", Names.Unit, TermsJson.Write(terms.Value!), 1, Names.IdOf("pool"), Names.IdOf("queue"), true),
            AccountRecord.Open(Names.IdOf("pool"), Names.Operator, AccountKind.ProgramPool, Names.Program),
            AccountRecord.Open(Names.IdOf("queue"), Names.Operator, AccountKind.ReturnQueue, Names.Program));
        await OpenAsync(forge, accounts, status);
        await MoveAsync(forge, accounts, history, seed, status);
        await forge.ProjectAsync();
    }

    private static long[] Moved(int accounts, long history, ulong seed)
    {
        var moved = new long[accounts];
        var (payers, payees) = (Feeds.Uniform(accounts, seed), Feeds.Uniform(accounts, seed + 1));
        for (long transfer = 0; transfer < history; transfer++)
        {
            var (payer, payee) = Pair(payers(transfer), payees(transfer), accounts);
            moved[payer]--;
            moved[payee]++;
        }

        return moved;
    }

    private static AccountRecord Account(Id id) =>
        new(id, Names.Operator, AccountKind.Member, AccountStatus.Open, Names.Program, FloorMinor, long.MaxValue, []);

    private static async Task OpenAsync(ChainForge forge, int accounts, Action<string> status)
    {
        var view = new BulkView(forge.State, opened: false);
        for (var first = 0; first < accounts; first += AccountsInTransaction)
        {
            Record[] records = [.. Enumerable.Range(first, Math.Min(AccountsInTransaction, accounts - first)).Select(number => Account(Names.Account(number)))];
            var transaction = ChainForge.Decided(Domain.Organisations.Registry.Decide(records, [], forge.Scope("open " + Names.Text(first)), view));
            await forge.AppendAsync([(transaction, TransactionCodec.Encode(transaction), [])]);
            if (first % 500_000 == 0)
            {
                status($"opening accounts, {first:N0} of {accounts:N0}");
            }
        }
    }

    private static async Task MoveAsync(ChainForge forge, int accounts, long history, ulong seed, Action<string> status)
    {
        var entries = new ulong[accounts];
        var (payers, payees) = (Feeds.Uniform(accounts, seed), Feeds.Uniform(accounts, seed + 1));
        var view = new BulkView(forge.State, opened: true);
        for (long first = 0; first < history; first += TransactionsInBlock)
        {
            var made = new (Transaction Transaction, EncodedTransaction Encoded, IReadOnlyList<ulong> Entries)[(int)Math.Min(TransactionsInBlock, history - first)];
            var pairs = Enumerable.Range(0, made.Length).Select(index => Pair(payers(first + index), payees(first + index), accounts)).ToArray();
            Parallel.For(0, made.Length, index =>
            {
                var command = new TransferCommand(Names.Program, Names.Account(pairs[index].Payer), Names.Account(pairs[index].Payee), 1);
                var transaction = ChainForge.Decided(MemberTransfers.Decide(command, forge.Scope("history " + Names.Text(first + index)), view));
                made[index] = (transaction, TransactionCodec.Encode(transaction), []);
            });
            for (var index = 0; index < made.Length; index++)
            {
                var (payer, payee) = pairs[index];
                made[index].Entries = [++entries[payer], ++entries[payee]];
            }

            await forge.AppendAsync(made);
            if (first % 1_000_000 == 0)
            {
                status($"making history, {first:N0} of {history:N0}");
            }
        }
    }

    /// <summary>Nobody pays themselves.</summary>
    public static (int Payer, int Payee) Pair(int payer, int payee, int accounts) => payer == payee ? (payer, (payee + 1) % accounts) : (payer, payee);

    /// <summary>The registered records, and every other account as one of the exchange's, with an empty book: millions need no memory.</summary>
    private sealed class BulkView(LedgerState state, bool opened) : ILedgerView
    {
        private readonly AccountBook empty = new();

        public ulong Height => state.Height;

        public Versioned<T> Find<T>(RecordKind kind, Id id)
            where T : Record =>
            state.Find<T>(kind, id) is { Record: not null } found ? found
            : opened && kind == RecordKind.Account && !WorldAccount.IsReserved(id) ? new Versioned<T>(1, (T)(Record)Account(id))
            : default;

        public Versioned<T> Peek<T>(RecordKind kind, Id id)
            where T : Record => Find<T>(kind, id);

        public AccountBook? Book(Id account) => empty;

        public long Flow(Id lot, LotFlow flow) => 0;
    }
}
