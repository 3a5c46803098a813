using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Ledgers;

/// <summary>
/// The whole ledger in memory, as a replay from genesis makes it: the verifier's state, and the obviously right model that grains,
/// projections and tests are compared with.
/// </summary>
public sealed class LedgerState : ILedgerView
{
    private readonly Dictionary<RecordKey, (uint Version, Record Record)> records = [];
    private readonly Dictionary<Id, AccountBook> books = [];
    private readonly Dictionary<Claim, ulong> claims = [];
    private readonly Dictionary<(Id Lot, LotFlow Flow), long> flows = [];
    private readonly Dictionary<(Id Account, Id Program, string Period), PaidSoFar> paid = [];
    private ulong applied;

    /// <summary>Height of the block that is being replayed.</summary>
    public ulong Height { get; set; }

    /// <summary>Every record with its version.</summary>
    public IEnumerable<(uint Version, Record Record)> Records => records.Values;

    /// <summary>Every account with its book.</summary>
    public IEnumerable<KeyValuePair<Id, AccountBook>> Books => books;

    /// <summary>Every claim taken and not reopened.</summary>
    public IReadOnlyCollection<Claim> Claims => claims.Keys;

    /// <summary>Every lot's cumulative flows, in minor units.</summary>
    public IReadOnlyDictionary<(Id Lot, LotFlow Flow), long> Flows => flows;

    public Versioned<T> Find<T>(RecordKind kind, Id id)
        where T : Record =>
        records.TryGetValue(new RecordKey(kind, id), out var found) ? new Versioned<T>(found.Version, (T)found.Record) : default;

    public Versioned<T> Peek<T>(RecordKind kind, Id id)
        where T : Record => Find<T>(kind, id);

    /// <summary>An account's book; an empty one for an account that was never touched.</summary>
    public AccountBook Book(Id account) => books.TryGetValue(account, out var book) ? book : new AccountBook();

    AccountBook? ILedgerView.Book(Id account) => Book(account);

    public PaidSoFar? Paid(Id account, Id program, string period) =>
        paid.TryGetValue((account, program, period), out var known) ? known : PaidSoFar.Nothing;

    public long Flow(Id lot, LotFlow flow) => flows.GetValueOrDefault((lot, flow));

    /// <summary>The newest version of a record; 0 when there is none.</summary>
    public uint VersionOf(RecordKey key) => records.TryGetValue(key, out var found) ? found.Version : 0;

    /// <summary>True while the claim is taken.</summary>
    public bool IsTaken(Claim claim) => claims.ContainsKey(claim);

    public ulong? TakenAt(Claim claim) => claims.TryGetValue(claim, out var place) ? place : null;

    /// <summary>
    /// The first invariant that the transaction would break here, or null: versions, claims, kind, sums and limits. What only the
    /// closed part shows is left out when it is missing. Signatures are checked by the room of the chain.
    /// </summary>
    /// <param name="key">Recomputes the claims; without it only their uniqueness is checked.</param>
    public Refusal? Check(Transaction transaction, ClaimKey? key)
    {
        if (Checks.Versions(transaction, key => VersionOf(key)) is { } stale)
        {
            return stale;
        }

        if (transaction.Kind == TransactionKind.Genesis ? records.Count > 0 : VersionOf(new RecordKey(RecordKind.Ledger, transaction.Ledger)) == 0)
        {
            return Checks.Broken("The transaction is of another ledger.");
        }

        if (TakesTwice(transaction))
        {
            return new Refusal(RefusalCode.ClaimTaken, "Something that may happen only once happens again.");
        }

        try
        {
            return Checks.Check(transaction, this)
                ?? (transaction.Reopens.All(claims.ContainsKey) && (!transaction.HasClosedPart || Checks.Reopens(transaction, this).SequenceEqual(transaction.Reopens))
                    ? null
                    : Checks.Broken("A claim is opened again by what undoes it, once."))
                ?? (key is not null && transaction.HasClosedPart ? CheckClaims(transaction, key) : null);
        }
        catch (OverflowException)
        {
            return new Refusal(RefusalCode.AmountOverflow, "A sum does not fit 64 bits.");
        }
    }

    /// <summary>Applies a checked transaction and returns the entry number it gives each touched account.</summary>
    public IReadOnlyList<ulong> Apply(Transaction transaction)
    {
        foreach (var payment in Entitlements.PaymentsOf(transaction, this).ToArray())
        {
            paid[(payment.Account, payment.Program, payment.Period)] =
                Paid(payment.Account, payment.Program, payment.Period)!.Value.Plus(payment.AmountMinor, payment.AssistanceKind);
        }

        foreach (var write in transaction.Writes)
        {
            records[write.Record.Key] = (write.Version, write.Record);
        }

        foreach (var claim in transaction.Reopens)
        {
            claims.Remove(claim);
        }

        applied++;
        foreach (var claim in AllClaims(transaction))
        {
            claims[claim] = applied;
        }

        foreach (var flow in Effects.Flows(transaction))
        {
            flows[(flow.Lot, flow.Flow)] = checked(flows.GetValueOrDefault((flow.Lot, flow.Flow)) + flow.AmountMinor);
        }

        foreach (var change in Effects.Balances(transaction))
        {
            BookOf(change.Account).Apply(change);
        }

        return [.. Effects.TouchedAccounts(transaction).Select(account => ++BookOf(account).Entries)];
    }

    /// <summary>A transaction's claims and its command's key.</summary>
    public static IEnumerable<Claim> AllClaims(Transaction transaction) =>
        transaction.Command is { } command ? transaction.Claims.Prepend(command.Key) : transaction.Claims;

    private bool TakesTwice(Transaction transaction)
    {
        if (transaction.Command is { } command && claims.ContainsKey(command.Key))
        {
            return true;
        }

        if (transaction.Claims.Count == 0)
        {
            return false;
        }

        var own = new HashSet<Claim>();
        return AllClaims(transaction).Any(claim => claims.ContainsKey(claim) || !own.Add(claim));
    }

    private Refusal? CheckClaims(Transaction transaction, ClaimKey key) =>
        Checks.Claims(transaction, this, key).SequenceEqual(transaction.Claims)
            ? Checks.Inherited(transaction, this, key)
            : Checks.Broken("The claims are not those of what happens.");

    private AccountBook BookOf(Id account)
    {
        if (!books.TryGetValue(account, out var book))
        {
            books[account] = book = new AccountBook();
        }

        return book;
    }
}
