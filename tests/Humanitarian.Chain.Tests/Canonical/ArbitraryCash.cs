using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Chain.Tests.Canonical;

internal sealed partial class Arbitrary
{
    /// <summary>The transaction with every record of a feature beside its own.</summary>
    private Transaction WithRecords(Transaction transaction, IEnumerable<Record> records) => transaction with
    {
        Writes =
        [
            .. transaction.Writes.Select(write => write.Record).Concat(records).OrderBy(record => record.NamesPerson)
                .Select(record => new RecordWrite((uint)random.Next(), record)),
        ],
    };

    private IEnumerable<Record> CashRecords() =>
    [
        ((DisbursementRecord)Record((int)RecordKind.Disbursement)) with { Mode = DeliveryMode.Cash, Cash = new CashPlan(Id(), Id()) },
        new CashLineRecord(
            Id(), Id(), random.Next(), random.Next(), Id(), Id(), Long(), Long(), Long(), Long(), (CashLineState)random.Next(1, 6), Text(), Hash(), Id(), List(_ => Claim())),
        new ReconciliationRecord(Id(), Id(), Hash(), Text(), Long(), Long(), Long(), Long(), Long(), Long(), Id()),
        new ContradictionRecord(Id(), Id(), Id(), Hash(), Long(), Text(), (ContradictionState)random.Next(1, 4), Id(), Text()),
        new InstructionFileRecord(Id(), Id(), Hash(), Text(), Long(), Long(), Id()),
    ];
}
