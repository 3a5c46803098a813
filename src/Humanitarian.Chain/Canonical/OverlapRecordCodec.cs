using Humanitarian.Domain;
using Humanitarian.Domain.Overlaps;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of the records of overlaps, for <see cref="RecordCodec"/>.</summary>
internal static class OverlapRecordCodec
{
    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case OverlapRecord r:
                w.Id(r.Id);
                Write(w, r.Raiser);
                Write(w, r.Other);
                w.Flag(r.IsStrong);
                w.Number(r.RaisedAt);
                w.Number(r.DecideUntil);
                w.Id(r.AppealedBy);
                w.Text(r.AppealReason);
                return true;
            case OverlapMarkRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.List(r.Overlaps, static (w, overlap) => w.Id(overlap));
                return true;
            case MatchingTallyRecord r:
                w.Id(r.Id);
                w.Number(r.Confirmed);
                w.Number(r.Refuted);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.Overlap => new OverlapRecord(r.Id(), Side(ref r), Side(ref r), r.Flag(), r.Long(), r.Long(), r.Id(), r.Text()),
        RecordKind.OverlapMark => new OverlapMarkRecord(r.Id(), r.Id(), r.List(static (ref CanonicalReader r) => r.Id())),
        RecordKind.MatchingTally => new MatchingTallyRecord(r.Id(), r.Int(), r.Int()),
        _ => null,
    };

    private static void Write(CanonicalWriter w, OverlapSide side)
    {
        w.Id(side.Organisation);
        w.Id(side.Household);
        w.Byte((byte)side.Opinion);
        w.Text(side.Reason);
        w.Id(side.DecidedBy);
        w.Flag(side.NamesItself);
    }

    private static OverlapSide Side(ref CanonicalReader r) => new(r.Id(), r.Id(), RecordCodec.Enum<OverlapOpinion>(ref r), r.Text(), r.Id(), r.Flag());
}
