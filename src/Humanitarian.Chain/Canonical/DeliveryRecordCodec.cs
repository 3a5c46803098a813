using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of the records of deliveries, for <see cref="RecordCodec"/>.</summary>
internal static class DeliveryRecordCodec
{
    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case DeliveryExceptionRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Disbursement);
                w.Id(r.Device);
                w.Id(r.Agent);
                w.Number(r.Counter);
                w.Id(r.Account);
                w.Id(r.Household);
                w.Number(r.AmountMinor);
                w.Number(r.OccurredAt);
                w.Text(r.Reason);
                w.Number(r.QueuedAt);
                w.Byte((byte)r.State);
                w.Id(r.DecidedBy);
                w.Text(r.Resolution);
                w.Id(r.PaidBy);
                return true;
            case DeliveryBacklogRecord r:
                w.Id(r.Id);
                w.Id(r.Device);
                w.Number(r.Open);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.DeliveryException => new DeliveryExceptionRecord(
            r.Id(), r.Id(), r.Id(), r.Id(), r.Id(), r.Number(), r.Id(), r.Id(), r.Long(), r.Long(), r.Text(), r.Long(), RecordCodec.Enum<DeliveryExceptionState>(ref r),
            r.Id(), r.Text(), r.Id()),
        RecordKind.DeliveryBacklog => new DeliveryBacklogRecord(r.Id(), r.Id(), r.Int()),
        _ => null,
    };
}
