using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>How a beneficiary confirms at tills and signs in. Nobody sees a PIN.</summary>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="PinSetAt">When the PIN was set; null before.</param>
/// <param name="PinSetBy">The member who set it.</param>
/// <param name="Card">Address of the card's key; null before one is issued.</param>
/// <param name="CardIssuedAt">When it was issued.</param>
/// <param name="CardIssuedBy">The member who issued it.</param>
/// <param name="CardBlockedBy">The member who blocked it, or the beneficiary's login; null while it counts.</param>
/// <param name="LoginId">The login that counts; null when the beneficiary does not sign in.</param>
/// <param name="LoginGivenAt">When the newest login was given; null before one is.</param>
/// <param name="LoginGivenBy">The member who gave it.</param>
[Name("Credential")]
public sealed record CredentialView(
    Id AccountId, DateTimeOffset? PinSetAt, Id? PinSetBy, Address? Card, DateTimeOffset? CardIssuedAt, Id? CardIssuedBy, Id? CardBlockedBy,
    Id? LoginId, DateTimeOffset? LoginGivenAt, Id? LoginGivenBy)
{
    internal static CredentialView Of(CredentialRecord record) => new(
        record.Id,
        record.Pin.IsNone ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.PinSetAt), Some(record.PinSetBy),
        record.Card.IsZero ? null : record.Card,
        record.Card.IsZero ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.CardIssuedAt), Some(record.CardIssuedBy), Some(record.CardBlockedBy),
        Some(record.Login), record.LoginGivenBy.IsNone ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.LoginGivenAt), Some(record.LoginGivenBy));

    private static Id? Some(Id id) => id.IsNone ? null : id;
}

/// <summary>PINs and cards of your beneficiaries.</summary>
public sealed class CredentialQueries(Access access, Looks looks) : IQueries
{
    /// <summary>How a beneficiary confirms; null before a PIN is set or a card issued, and when it is not yours to see.</summary>
    /// <param name="accountId">The beneficiary's account.</param>
    [Allow(Roles.Administrator | Roles.Registrar)]
    public async Task<CredentialView?> Credential(Id accountId)
    {
        if (await access.PersonAsync(accountId) is null || await access.FindAsync<CredentialRecord>(RecordKind.Credential, accountId) is not { } record)
        {
            return null;
        }

        await looks.AtAsync([accountId], "credential");
        return CredentialView.Of(record);
    }
}
