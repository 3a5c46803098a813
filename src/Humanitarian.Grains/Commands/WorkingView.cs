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
    // Most decisions read a few records, found faster along a list.
    private const int Few = 16;
    private readonly List<(RecordKey Key, Versioned<Record> Found)> seen = new(8);
    private Dictionary<RecordKey, Versioned<Record>>? many;
    private HashSet<RecordKey>? missing;
    private LoadedFacts.Wanted? wanted;
    private ulong? height;

    /// <summary>What one decision has seen stays so for it, as its records do.</summary>
    public ulong Height => height ??= records.NextHeight;

    /// <summary>The book of the account that decides.</summary>
    public (Id Account, AccountBook Book)? Own { get; init; }

    /// <summary>Records that the decision asked for and that were not in memory.</summary>
    public IReadOnlyCollection<RecordKey> Missing => missing ?? (IReadOnlyCollection<RecordKey>)[];

    /// <summary>What the decision asked for beside records and that is not loaded.</summary>
    public LoadedFacts.Wanted Wanted => wanted ??= new LoadedFacts.Wanted();

    /// <summary>True when the decision saw all that it asked for.</summary>
    public bool IsWhole => missing is null && wanted is null;

    /// <summary>True when the decision looked at the version that each of the writes follows.</summary>
    public bool SawBefore(IReadOnlyList<RecordWrite> writes)
    {
        for (var index = 0; index < writes.Count; index++)
        {
            if (!TrySeen(writes[index].Record.Key, out var before) || before.Version + 1 != writes[index].Version)
            {
                return false;
            }
        }

        return true;
    }

    public Versioned<T> Find<T>(RecordKind kind, Id id)
        where T : Record
    {
        var key = new RecordKey(kind, id);
        if (!TrySeen(key, out var found))
        {
            if (!records.TryGet(key, out found) && facts?.Records.TryGetValue(key, out found) != true)
            {
                (missing ??= []).Add(key);
                return default;
            }

            See(key, found);
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

    /// <summary>What this decision has seen stays so for it, though the silo follows the log meanwhile: its checks judge what its choices saw.</summary>
    private bool TrySeen(RecordKey key, out Versioned<Record> found)
    {
        if (many is not null)
        {
            return many.TryGetValue(key, out found);
        }

        foreach (var one in seen)
        {
            if (one.Key == key)
            {
                found = one.Found;
                return true;
            }
        }

        found = default;
        return false;
    }

    private void See(RecordKey key, Versioned<Record> found)
    {
        if (many is null && seen.Count < Few)
        {
            seen.Add((key, found));
            return;
        }

        (many ??= seen.ToDictionary(one => one.Key, one => one.Found)).Add(key, found);
    }

    public long Flow(Id lot, LotFlow flow) => flows.GetValueOrDefault((lot, flow));
}
