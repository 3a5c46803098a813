using Humanitarian.Domain;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of the records of tills, for <see cref="RecordCodec"/>.</summary>
internal static class TillRecordCodec
{
    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case CredentialRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Id(r.Pin);
                w.Id(r.PinSetBy);
                w.Number(r.PinSetAt);
                w.Address(r.Card);
                w.Id(r.CardIssuedBy);
                w.Number(r.CardIssuedAt);
                w.Id(r.CardBlockedBy);
                return true;
            case ConfirmationRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Account);
                w.Byte((byte)r.Method);
                w.Number(r.Day);
                w.Number(r.PinMinor);
                w.Id(r.Challenge);
                w.Number(r.Until);
                w.Signature(r.Signature);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.Credential => new CredentialRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Long(), r.Address(), r.Id(), r.Long(), r.Id()),
        RecordKind.Confirmation => new ConfirmationRecord(
            r.Id(), r.Id(), r.Id(), RecordCodec.Enum<ConfirmationMethod>(ref r), r.Long(), r.Long(), r.Id(), r.Long(), r.Signature()),
        _ => null,
    };
}
