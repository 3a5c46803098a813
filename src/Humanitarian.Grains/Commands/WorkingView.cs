using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Grains.Commands;

/// <summary>
/// The ledger as one decision sees it: this silo's newest records, the books of the accounts it answers for, and flows loaded
/// before. What is missing is noted, so that it can be loaded and the decision made again.
/// </summary>
/// <param name="facts">What was loaded for earlier tries of the same decision.</param>
internal sealed class WorkingView(
    RecordCache records, IReadOnlyDictionary<Id, AccountBook> books, IReadOnlyDictionary<(Id, LotFlow), long> flows, LoadedFacts? facts = null) : ILedgerView
{
    private HashSet<RecordKey>? missing;
    private LoadedFacts.Wanted? wanted;

    /// <summary>The book of the account that decides.</summary>
    public (Id Account, AccountBook Book)? Own { get; init; }

    /// <summary>Records that the decision asked for and that were not in memory.</summary>
    public IReadOnlyCollection<RecordKey> Missing => missing ?? (IReadOnlyCollection<RecordKey>)[];

    /// <summary>What the decision asked for beside records and that is not loaded.</summary>
    public LoadedFacts.Wanted Wanted => wanted ??= new LoadedFacts.Wanted();

    /// <summary>True when the decision saw all that it asked for.</summary>
    public bool IsWhole => missing is null && wanted is null;

    public Versioned<T> Find<T>(RecordKind kind, Id id)
        where T : Record
    {
        var key = new RecordKey(kind, id);
        if (!records.TryGet(key, out var found))
        {
            (missing ??= []).Add(key);
            return default;
        }

        return new Versioned<T>(found.Version, (T?)found.Record);
    }

    public Versioned<T> Peek<T>(RecordKind kind, Id id)
        where T : Record => Find<T>(kind, id);

    public AccountBook? Book(Id account) => Own is { } own && own.Account == account ? own.Book : books.GetValueOrDefault(account);

    public PaidSoFar? Paid(Id account, Id program, string period)
    {
        if (facts?.Paid.TryGetValue((account, program, period), out var paid) == true)
        {
            return paid;
        }

        Wanted.Paid.Add((account, program, period));
        return PaidSoFar.Nothing;
    }

    public ulong? TakenAt(Claim claim)
    {
        if (facts?.Claims.TryGetValue(claim, out var place) == true)
        {
            return place;
        }

        Wanted.Claims.Add(claim);
        return null;
    }

    public long Flow(Id lot, LotFlow flow) => flows.GetValueOrDefault((lot, flow));
}
