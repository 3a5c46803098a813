using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;

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
                w.Id(r.Login);
                w.Id(r.LoginGivenBy);
                w.Number(r.LoginGivenAt);
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
            case PayoutDetailsRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Number((long)r.Number);
                w.Hash(r.Confirmed);
                w.Id(r.ConfirmedBy);
                w.Hash(r.Proposed);
                w.Id(r.ProposedBy);
                w.Number(r.ConfirmableAt);
                return true;
            case PayoutRecord r:
                w.Id(r.Id);
                w.Id(r.Request);
                w.Id(r.Account);
                w.Id(r.Program);
                w.Text(r.Unit);
                RecordCodec.Parts(w, r.Parts);
                w.Number((long)r.Details);
                w.Id(r.ReturnedBy);
                return true;
            case RedemptionRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Account);
                w.Id(r.Vendor);
                w.Text(r.Unit);
                w.Number(r.At);
                w.Number(r.AmountMinor);
                RecordCodec.Parts(w, r.Parts);
                w.List(r.Items, static (w, item) =>
                {
                    w.Text(item.Item);
                    w.Number(item.Quantity);
                    w.Number(item.PriceMinor);
                });
                return true;
            case CaseRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Id(r.Account);
                w.Id(r.Redemption);
                w.Byte((byte)r.CaseKind);
                w.Byte((byte)r.Status);
                w.Flag(r.Sensitive);
                w.Hash(r.Content);
                w.Id(r.OpenedBy);
                w.Id(r.ChangedBy);
                w.Number(r.Entry);
                return true;
            case PrivacyNoticeRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Byte((byte)r.Basis);
                w.Text(r.Version);
                w.Number(r.RetainUntil);
                w.Id(r.GivenBy);
                w.Number(r.WithdrawnAt);
                return true;
            case ForgettingRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Byte((byte)r.Reason);
                w.Id(r.ProposedBy);
                w.Number(r.ProposedAt);
                w.Id(r.ForgottenBy);
                w.Number(r.ForgottenAt);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.Credential => new CredentialRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Long(), r.Address(), r.Id(), r.Long(), r.Id())
        {
            Login = r.Id(), LoginGivenBy = r.Id(), LoginGivenAt = r.Long(),
        },
        RecordKind.Confirmation => new ConfirmationRecord(
            r.Id(), r.Id(), r.Id(), RecordCodec.Enum<ConfirmationMethod>(ref r), r.Long(), r.Long(), r.Id(), r.Long(), r.Signature()),
        RecordKind.PayoutDetails => new PayoutDetailsRecord(r.Id(), r.Id(), r.UInt(), r.Hash(), r.Id(), r.Hash(), r.Id(), r.Long()),
        RecordKind.Payout => new PayoutRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Text(), RecordCodec.Parts(ref r), r.UInt(), r.Id()),
        RecordKind.Redemption => new RedemptionRecord(
            r.Id(), r.Id(), r.Id(), r.Id(), r.Text(), r.Long(), r.Long(), RecordCodec.Parts(ref r),
            r.List(static (ref CanonicalReader r) => new BoughtItem(r.Text(), r.Int(), r.Long()))),
        RecordKind.Case => new CaseRecord(
            r.Id(), r.Id(), r.Id(), r.Id(), RecordCodec.Enum<CaseKind>(ref r), RecordCodec.Enum<CaseStatus>(ref r), r.Flag(), r.Hash(), r.Id(), r.Id())
        {
            Entry = r.Number(),
        },
        RecordKind.PrivacyNotice => new PrivacyNoticeRecord(r.Id(), r.Id(), RecordCodec.Enum<LawfulBasis>(ref r), r.Text(), r.Long(), r.Id())
        {
            WithdrawnAt = r.Long(),
        },
        RecordKind.Forgetting => new ForgettingRecord(r.Id(), r.Id(), RecordCodec.Enum<ForgettingReason>(ref r), r.Id(), r.Long(), r.Id(), r.Long()),
        _ => null,
    };
}
