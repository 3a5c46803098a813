using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Transactions;

/// <summary>What surrounds a decision: everything that is neither command nor state.</summary>
/// <param name="Now">Decision time in Unix milliseconds.</param>
/// <param name="ValidUntil">Unix milliseconds after which the sequencer no longer orders it.</param>
/// <param name="Salt">128 random bits for the closed part.</param>
public sealed record DecisionScope(Id Ledger, ClaimKey ClaimKey, long Now, long ValidUntil, Id Principal, CommandKey? Command, Id Salt)
{
    /// <summary>A transaction of this scope, without postings yet.</summary>
    /// <param name="namesPersons">True gives it a closed part.</param>
    public Transaction Draft(TransactionKind kind, bool namesPersons) => new()
    {
        Ledger = Ledger,
        Kind = kind,
        DecidedAt = Now,
        ValidUntil = ValidUntil,
        Principal = Principal,
        Command = Command,
        Salt = namesPersons ? Salt : Id.None,
    };
}

/// <summary>The last step of every decision: the same checks that a replay makes, then the claims and the versions they read.</summary>
public static class Decision
{
    /// <summary>Refuses the draft, or completes it with its reads and claims.</summary>
    public static Outcome<Transaction> Complete(Transaction draft, DecisionScope scope, ILedgerView view)
    {
        var log = new ReadLog(view);
        try
        {
            if ((Checks.Check(draft, log) ?? Checks.Inherited(draft, log, scope.ClaimKey)) is { } refusal)
            {
                return refusal;
            }
        }
        catch (OverflowException)
        {
            return new Refusal(RefusalCode.AmountOverflow, "The amount does not fit the ledger's 64 bits.", "amountMinor");
        }

        return draft with
        {
            Reads = log.Reads(), Claims = [.. Checks.Claims(draft, view, scope.ClaimKey)], Reopens = [.. Checks.Reopens(draft, view)],
        };
    }

    private sealed class ReadLog(ILedgerView view) : ILedgerView
    {
        // Most decisions read a few records, found faster along a list.
        private const int Few = 16;
        private readonly List<RecordRead> reads = new(8);
        private Dictionary<RecordKey, int>? places;

        public ulong Height => view.Height;

        /// <summary>What was read, in the order of first reading; records that name persons come last.</summary>
        public RecordRead[] Reads()
        {
            var sorted = new RecordRead[reads.Count];
            var next = 0;
            foreach (var namesPerson in (ReadOnlySpan<bool>)[false, true])
            {
                foreach (var read in reads)
                {
                    if (read.NamesPerson == namesPerson)
                    {
                        sorted[next++] = read;
                    }
                }
            }

            return sorted;
        }

        public Versioned<T> Find<T>(RecordKind kind, Id id)
            where T : Record
        {
            var found = view.Find<T>(kind, id);
            if (found.Record is { } record)
            {
                var read = new RecordRead(record.Key, found.Version, record.NamesPerson);
                if (PlaceOf(read.Key) is >= 0 and var place)
                {
                    reads[place] = read;
                }
                else
                {
                    places?.Add(read.Key, reads.Count);
                    reads.Add(read);
                }
            }

            return found;
        }

        private int PlaceOf(RecordKey key)
        {
            if (reads.Count > Few)
            {
                places ??= reads.Select((read, place) => (read.Key, place)).ToDictionary(one => one.Key, one => one.place);
                return places.GetValueOrDefault(key, -1);
            }

            for (var place = 0; place < reads.Count; place++)
            {
                if (reads[place].Key == key)
                {
                    return place;
                }
            }

            return -1;
        }

        public Versioned<T> Peek<T>(RecordKind kind, Id id)
            where T : Record => view.Peek<T>(kind, id);

        public AccountBook? Book(Id account) => view.Book(account);

        public PaidSoFar? Paid(Id account, Id program, string period) => view.Paid(account, program, period);

        public ulong? TakenAt(Claim claim) => view.TakenAt(claim);

        public long Flow(Id lot, LotFlow flow) => view.Flow(lot, flow);
    }
}
