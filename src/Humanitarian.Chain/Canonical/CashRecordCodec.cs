using Humanitarian.Domain;
using Humanitarian.Domain.Cash;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of the records of cash, for <see cref="RecordCodec"/>.</summary>
internal static class CashRecordCodec
{
    /// <summary>First byte, instead of its kind, of a contradiction that says against which report; no record kind has it.</summary>
    public const byte ContradictionWithReport = 59;

    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case CashLineRecord r:
                w.Id(r.Id);
                w.Id(r.Disbursement);
                w.Number(r.Chunk);
                w.Number(r.Place);
                w.Id(r.Account);
                w.Id(r.Household);
                w.Number(r.AmountMinor);
                w.Number(r.DeliveredMinor);
                w.Number(r.BeforeMinor);
                w.Number(r.Until);
                w.Byte((byte)r.State);
                w.Text(r.Reason);
                w.Hash(r.Evidence);
                w.Id(r.FollowedBy);
                w.List(r.Claims, static (w, claim) => w.Claim(claim));
                return true;
            case ReconciliationRecord r:
                w.Id(r.Id);
                w.Id(r.Disbursement);
                w.Hash(r.File);
                w.Text(r.Format);
                w.Number(r.Lines);
                w.Number(r.DeliveredMinor);
                w.Number(r.FailedMinor);
                w.Number(r.RecordedLines);
                w.Number(r.RecordedDeliveredMinor);
                w.Number(r.RecordedFailedMinor);
                w.Id(r.ImportedBy);
                return true;
            case ContradictionRecord r:
                w.Id(r.Id);
                w.Id(r.Disbursement);
                w.Id(r.Line);
                w.Hash(r.File);
                w.Number(r.DeliveredMinor);
                w.Text(r.Reason);
                w.Byte((byte)r.State);
                w.Id(r.ResolvedBy);
                w.Text(r.Resolution);
                if (!r.Against.IsZero)
                {
                    w.Hash(r.Against);
                }

                return true;
            case InstructionFileRecord r:
                w.Id(r.Id);
                w.Id(r.Disbursement);
                w.Hash(r.File);
                w.Text(r.Format);
                w.Number(r.Lines);
                w.Number(r.TotalMinor);
                w.Id(r.ExportedBy);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, byte form, ref CanonicalReader r) => kind switch
    {
        RecordKind.CashLine => new CashLineRecord(
            r.Id(), r.Id(), r.Int(), r.Int(), r.Id(), r.Id(), r.Long(), r.Long(), r.Long(), r.Long(), RecordCodec.Enum<CashLineState>(ref r), r.Text(), r.Hash(),
            r.Id(), r.List(static (ref CanonicalReader r) => r.Claim())),
        RecordKind.Reconciliation => new ReconciliationRecord(
            r.Id(), r.Id(), r.Hash(), r.Text(), r.Long(), r.Long(), r.Long(), r.Long(), r.Long(), r.Long(), r.Id()),
        RecordKind.Contradiction => Contradiction(form, ref r),
        RecordKind.InstructionFile => new InstructionFileRecord(r.Id(), r.Id(), r.Hash(), r.Text(), r.Long(), r.Long(), r.Id()),
        _ => null,
    };

    private static ContradictionRecord Contradiction(byte form, ref CanonicalReader r)
    {
        var record = new ContradictionRecord(
            r.Id(), r.Id(), r.Id(), r.Hash(), r.Long(), r.Text(), RecordCodec.Enum<ContradictionState>(ref r), r.Id(), r.Text());
        return form != ContradictionWithReport ? record
            : r.Hash() is { IsZero: false } against ? record with { Against = against }
            : throw new EncodingException("A contradiction against no report has none to write.");
    }
}
