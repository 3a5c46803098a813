using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Redemptions;

/// <summary>
/// How a person confirms at a till and signs in to what is kept of them: which PIN, card and login count, and who gave them out. Its id is
/// the account's. Neither a PIN nor its hash is on the ledger: a PIN has an id, under which its hash is kept elsewhere.
/// </summary>
/// <param name="Pin">Id of the PIN that counts; none before one is set.</param>
/// <param name="PinSetAt">Unix milliseconds.</param>
/// <param name="Card">Address of the card's key; zero before one is issued.</param>
/// <param name="CardIssuedAt">Unix milliseconds.</param>
/// <param name="CardBlockedBy">Who blocked the card; none while it counts.</param>
public sealed record CredentialRecord(
    Id Id, Id Organisation, Id Pin, Id PinSetBy, long PinSetAt, Address Card, Id CardIssuedBy, long CardIssuedAt, Id CardBlockedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Credential;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;

    /// <summary>The principal that the person acts as, a pseudonym that only this record leads to the account; none without access of their own.</summary>
    public Id Login { get; init; }

    /// <summary>Who gave the person the login that counts, or the last one.</summary>
    public Id LoginGivenBy { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long LoginGivenAt { get; init; }

    /// <summary>True when the member has given the person a PIN, a card or a login so lately that they may know or have it themselves.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="milliseconds">How long it is lately.</param>
    public bool IsLatelyBy(Id member, long at, long milliseconds) =>
        (PinSetBy == member && at - PinSetAt < milliseconds) || (CardIssuedBy == member && at - CardIssuedAt < milliseconds)
        || (LoginGivenBy == member && at - LoginGivenAt < milliseconds);

    /// <summary>True for the principal that the person acts as.</summary>
    public bool IsOwn(Id principal) => !Login.IsNone && Login == principal;

    internal static CredentialRecord None(Id account, Id organisation) =>
        new(account, organisation, Id.None, Id.None, 0, default, Id.None, 0, Id.None);
}

/// <summary>Reads credentials.</summary>
internal static class CredentialViews
{
    public static CredentialRecord? Credential(this ILedgerView view, Id account) => view.Find<CredentialRecord>(RecordKind.Credential, account).Record;
}
