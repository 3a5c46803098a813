using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>
/// The ledger as anybody would keep it by hand: it reads the accepted transactions from the first on, adds up in wide numbers and
/// shares no code with what it is compared with, <see cref="Attribution"/> excepted, which has its own tests.
/// </summary>
internal sealed partial class Model
{
    public Dictionary<(Id Account, string Unit, Id Lot), (Int128 Available, Int128 Held)> Balances { get; } = [];

    public Dictionary<Id, ulong> Entries { get; } = [];

    public HashSet<Claim> Claims { get; } = [];

    public Dictionary<RecordKey, Record> Records { get; } = [];

    public Dictionary<(Id Lot, string Flow), Int128> Flows { get; } = [];

    public Dictionary<string, Int128> Issued { get; } = [];

    public Dictionary<string, Int128> Retired { get; } = [];

    /// <summary>What each member of the exchange was paid so far.</summary>
    public Dictionary<Id, Int128> Received { get; } = [];

    public Dictionary<Id, int> HoldEnds { get; } = [];

    public List<string> Faults { get; } = [];

    /// <summary>Entry numbers of the last transaction, in order of first appearance.</summary>
    public List<ulong> LastEntries { get; } = [];

    private readonly HashSet<(Id Disbursement, int Chunk, int Line)> paidLines = [];

    public static Model Of(IEnumerable<Transaction> transactions)
    {
        var model = new Model();
        foreach (var transaction in transactions)
        {
            model.Add(transaction);
        }

        return model;
    }

    public IEnumerable<T> All<T>() => Records.Values.OfType<T>();

    public T? Find<T>(RecordKind kind, Id id)
        where T : Record => Records.GetValueOrDefault(new RecordKey(kind, id)) as T;

    public Int128 Flow(Id lot, string flow) => Flows.GetValueOrDefault((lot, flow));

    public Int128 Available(Id account, Func<Id, bool> lot) =>
        Balances.Where(entry => entry.Key.Account == account && lot(entry.Key.Lot)).Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available);

    private void Add(Transaction transaction)
    {
        foreach (var claim in transaction.Reopens)
        {
            Must(Claims.Remove(claim), "a claim was opened that was not taken");
        }

        foreach (var claim in transaction.Claims.Concat(transaction.Command is { } command ? [command.Key] : []))
        {
            Must(Claims.Add(claim), "a claim was taken twice");
        }

        var movements = Movements(transaction);
        foreach (var unit in movements.GroupBy(posting => posting.Unit))
        {
            Must(unit.Aggregate((Int128)0, (sum, posting) => sum + posting.AmountMinor) == 0, "postings do not sum to zero");
        }

        LastEntries.Clear();
        var touched = new List<Id>();
        foreach (var posting in movements)
        {
            var key = (posting.Account, posting.Unit, posting.Lot);
            var (available, held) = Balances.GetValueOrDefault(key);
            Balances[key] = posting.Bucket == Bucket.Held ? (available, held + posting.AmountMinor) : (available + posting.AmountMinor, held);
            if (!touched.Contains(posting.Account))
            {
                touched.Add(posting.Account);
            }
        }

        foreach (var account in touched)
        {
            LastEntries.Add(Entries[account] = Entries.GetValueOrDefault(account) + 1);
        }

        Moved(transaction);
        Money(transaction);
        foreach (var write in transaction.Writes)
        {
            Write(write.Record);
        }
    }

    private static List<Posting> Movements(Transaction transaction)
    {
        var movements = new List<Posting>(transaction.Postings);
        if (transaction is { Chunk: { } chunk, Kind: not (TransactionKind.CashInstruction or TransactionKind.DeliveryException) })
        {
            for (var line = 0; line < chunk.Lines.Count; line++)
            {
                if (!chunk.Unpaid.Any(unpaid => unpaid.Index == line))
                {
                    movements.Add(new Posting(
                        chunk.Lines[line].Account, true, transaction.Postings[0].Unit, transaction.Postings[0].Lot, chunk.Lines[line].AmountMinor));
                }
            }
        }

        return movements;
    }

    private void Money(Transaction transaction)
    {
        switch (transaction.Kind)
        {
            case TransactionKind.Receipt:
                Sum(Issued, transaction.Postings[0].Unit, transaction.Postings[1].AmountMinor);
                break;
            case TransactionKind.HouseholdSplit or TransactionKind.HouseholdMerge:
                Inherit(transaction);
                break;
            case TransactionKind.Transfer or TransactionKind.PaymentAcceptance:
                var paid = transaction.Postings[1];
                Received[paid.Account] = Received.GetValueOrDefault(paid.Account) + paid.AmountMinor;
                break;
            case TransactionKind.Deposit:
                Deposited(transaction);
                break;
            case TransactionKind.ConversionOut:
                ConvertedOut(transaction);
                break;
            case TransactionKind.Demurrage:
                Melted(transaction);
                break;
            case TransactionKind.Conversion:
                Converted(transaction);
                break;
            case TransactionKind.DisbursementRelease:
                Lots(transaction, "drawn", -1);
                break;
            case TransactionKind.DisbursementChunk or TransactionKind.Delivery:
                Paid(transaction);
                break;
            case TransactionKind.DeliveryExceptionDecision:
                PaidLate(transaction);
                break;
            case TransactionKind.DisbursementCompletion:
                Lots(transaction, "undelivered", -1);
                Lots(transaction, "restored", 1);
                break;
            case TransactionKind.Redemption:
                Lots(transaction, "redeemed", -1);
                Spend(transaction);
                break;
            case TransactionKind.Settlement:
                Lots(transaction, "settled", -1);
                Leave(transaction);
                break;
            case TransactionKind.Refund or TransactionKind.Recovery:
                Lots(transaction, "refunded", -1);
                break;
            case TransactionKind.PayoutReturn:
                Lots(transaction, "payoutreturned", -1);
                ComeBack(transaction);
                break;
            case TransactionKind.LotExpiry:
                Lots(transaction, "expired", -1);
                Lots(transaction, "recovered", 1);
                break;
            case TransactionKind.CashInstruction or TransactionKind.CashReconciliation or TransactionKind.CashRecall or TransactionKind.CashCorrection:
                Cash(transaction);
                break;
            case TransactionKind.Cost or TransactionKind.CostRecharge:
                Charged(transaction);
                break;
            case TransactionKind.GrantReturn or TransactionKind.ProviderFee:
                Lots(transaction, transaction.Kind == TransactionKind.ProviderFee ? "fee" : "returned", -1);
                Leave(transaction);
                break;
        }
    }

    private void Paid(Transaction transaction)
    {
        var chunk = transaction.Chunk!;
        for (var line = 0; line < chunk.Lines.Count; line++)
        {
            if (!chunk.Unpaid.Any(unpaid => unpaid.Index == line))
            {
                // A delivery carries one line: its account names it.
                var place = transaction.Kind == TransactionKind.Delivery ? chunk.Lines[line].Account.GetHashCode() : line;
                Must(paidLines.Add((transaction.Subject, chunk.Index, place)), "a line was paid twice");
                var lot = (transaction.Postings[0].Lot, "disbursed");
                Flows[lot] = Flows.GetValueOrDefault(lot) + chunk.Lines[line].AmountMinor;
                Count(transaction, chunk.Lines[line]);
            }
        }
    }

    private void Lots(Transaction transaction, string flow, int sign)
    {
        foreach (var posting in transaction.Postings.Where(posting => Math.Sign(posting.AmountMinor) == sign && posting.Lot != Id.None))
        {
            Flows[(posting.Lot, flow)] = Flow(posting.Lot, flow) + ((Int128)posting.AmountMinor * sign);
        }
    }

    private void Leave(Transaction transaction)
    {
        foreach (var posting in transaction.Postings.Where(posting => posting.AmountMinor > 0))
        {
            Sum(Retired, posting.Unit, posting.AmountMinor);
        }
    }

    private void Write(Record record)
    {
        if (record is HoldRecord { State: not HoldState.Open } hold)
        {
            HoldEnds[hold.Id] = HoldEnds.GetValueOrDefault(hold.Id) + 1;
            Must(HoldEnds[hold.Id] == 1, "a hold ended twice");
        }

        if (record is GrantRecord grant && Find<GrantRecord>(RecordKind.Grant, grant.Id) is { } before)
        {
            Must(grant.ReceivedMinor >= before.ReceivedMinor, "what a grant received shrank");
        }

        if (record is AccountRecord account && Find<AccountRecord>(RecordKind.Account, account.Id) is { } known)
        {
            Must(known.Status != AccountStatus.Closed, "a closed account came back");
        }

        if (record is DisbursementRecord next && Find<DisbursementRecord>(RecordKind.Disbursement, next.Id) is { } earlier)
        {
            Must(
                (earlier.State, next.State) is (DisbursementState.PartlyApproved, DisbursementState.PartlyApproved or DisbursementState.Approved or DisbursementState.Cancelled)
                    or (DisbursementState.Approved, DisbursementState.Released or DisbursementState.Cancelled)
                    or (DisbursementState.Released, DisbursementState.Paused or DisbursementState.Completed)
                    or (DisbursementState.Paused, DisbursementState.Released or DisbursementState.Completed),
                "a disbursement went back");
        }

        Records[record.Key] = record;
    }

    private void Must(bool holds, string fault)
    {
        if (!holds)
        {
            Faults.Add(fault);
        }
    }

    private static void Sum(Dictionary<string, Int128> sums, string unit, Int128 amount) => sums[unit] = sums.GetValueOrDefault(unit) + amount;
}
