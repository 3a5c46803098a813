using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of disbursements and of the records of deliveries and samples, for <see cref="RecordCodec"/>.</summary>
internal static class DeliveryRecordCodec
{
    /// <summary>First byte, instead of its kind, of a disbursement whose draw has a nonce; no record kind has it.</summary>
    public const byte DisbursementWithNonce = 57;

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
            case SampleRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Disbursement);
                w.Id(r.Auditor);
                w.Hash(r.Commitment);
                w.Number(r.Lines);
                w.Hash(r.Secret);
                w.Byte((byte)r.State);
                w.Text(r.Reason);
                return true;
            default:
                return false;
        }
    }

    public static void WriteDisbursement(CanonicalWriter w, DisbursementRecord r)
    {
        w.Id(r.Id);
        w.Id(r.Program);
        w.Byte((byte)r.State);
        w.Byte((byte)r.Mode);
        w.Hash(r.ListRoot);
        w.Number(r.Lines);
        w.Number(r.TotalMinor);
        w.List(r.ChunkRoots, static (w, chunk) =>
        {
            w.Hash(chunk.Root);
            w.Number(chunk.Lines);
            w.Number(chunk.TotalMinor);
        });
        RecordCodec.Parts(w, r.Grants);
        w.Text(r.Period);
        w.Text(r.AssistanceKind);
        w.Id(r.Lot);
        w.Id(r.Hold);
        w.Number(r.ExpiresAt);
        w.Id(r.CreatedBy);
        w.Id(r.ApprovedBy);
        w.Id(r.ReleasedBy);
        if (r.Mode == DeliveryMode.Cash)
        {
            w.Id(r.Cash?.Float ?? Id.None);
            w.Id(r.Cash?.FollowsUp ?? Id.None);
        }

        w.Byte((byte)r.Purpose);
        w.List(r.CoApprovers, static (w, approver) => w.Id(approver));
        w.Hash(r.Sample);
        if (!r.SampleNonce.IsNone)
        {
            w.Id(r.SampleNonce);
        }
    }

    /// <exception cref="EncodingException">The nonce is none, which has no form of its own.</exception>
    public static DisbursementRecord ReadDisbursement(bool withNonce, ref CanonicalReader r)
    {
        var record = new DisbursementRecord(
            r.Id(), r.Id(), RecordCodec.Enum<DisbursementState>(ref r), RecordCodec.Enum<DeliveryMode>(ref r), r.Hash(), r.Long(), r.Long(),
            r.List(static (ref CanonicalReader r) => new ChunkHead(r.Hash(), r.Int(), r.Long())), RecordCodec.Parts(ref r), r.Text(), r.Text(),
            r.Id(), r.Id(), r.Long(), r.Id(), r.Id(), r.Id());
        record = record with
        {
            Cash = record.Mode == DeliveryMode.Cash ? new CashPlan(r.Id(), r.Id()) : null,
            Purpose = RecordCodec.Enum<DisbursementPurpose>(ref r),
            CoApprovers = r.List(static (ref CanonicalReader r) => r.Id()),
            Sample = r.Hash(),
        };
        return !withNonce ? record
            : r.Id() is { IsNone: false } nonce ? record with { SampleNonce = nonce }
            : throw new EncodingException("A disbursement without a nonce has none to write.");
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.DeliveryException => new DeliveryExceptionRecord(
            r.Id(), r.Id(), r.Id(), r.Id(), r.Id(), r.Number(), r.Id(), r.Id(), r.Long(), r.Long(), r.Text(), r.Long(), RecordCodec.Enum<DeliveryExceptionState>(ref r),
            r.Id(), r.Text(), r.Id()),
        RecordKind.DeliveryBacklog => new DeliveryBacklogRecord(r.Id(), r.Id(), r.Int()),
        RecordKind.Sample => new SampleRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Hash(), r.Int(), r.Hash(), RecordCodec.Enum<SampleState>(ref r), r.Text()),
        _ => null,
    };
}
