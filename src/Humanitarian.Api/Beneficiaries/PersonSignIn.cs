using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>What a beneficiary shows to sign in, one of three: the code that a registrar gave them, their PIN, or their card's answer.</summary>
internal sealed record PersonProof(Id Account, Pin? Code, Pin? Pin, CardAnswerInput? Card);

/// <summary>
/// Signs beneficiaries in. Guesses are counted as those of PINs at tills are, durably and each before it is compared; in the till's place
/// stands the address that they come from. They count apart from those at tills, because anybody can make them.
/// </summary>
internal sealed class PersonSignIn(
    LedgerReader reader, Pins pins, SpentOnce spent, PersonTokens tokens, AccessLog log, LedgerInfo ledger, IRandomSource random, HumanitarianApiOptions options, TimeProvider time)
{
    /// <summary>How long a code counts, if it is not used before.</summary>
    public static readonly TimeSpan CodeLivesFor = TimeSpan.FromDays(7);

    private readonly byte[] places = options.Derive("places of sign-in");
    private readonly byte[] challenging = options.Derive("challenges of sign-in");

    /// <summary>One refusal for all that does not count, so that it tells nobody who there is.</summary>
    public static Refusal Unknown => new(
        ApiCode.Unauthenticated,
        "This does not sign anybody in. A code counts once and for a week, and after wrong ones even the right one waits; the organisation gives another code or sets another PIN.");

    /// <returns>A token, or why there is none: UNAUTHENTICATED or BUSY.</returns>
    public async Task<(string? Token, DateTimeOffset Until, Refusal? Refusal)> EnterAsync(PersonProof proof, IPAddress? from, CancellationToken cancellationToken)
    {
        await reader.CurrentAsync(cancellationToken);
        var credential = (await reader.FindFollowedAsync<CredentialRecord>(RecordKind.Credential, proof.Account, cancellationToken)).Record;
        var isForgotten = (await reader.FindFollowedAsync<ForgettingRecord>(RecordKind.Forgetting, proof.Account, cancellationToken)).Record is { IsForgotten: true };
        if (await RefuseAsync(proof, credential is { Login.IsNone: false } && !isForgotten ? credential : null, PlaceOf(from), cancellationToken) is { } refusal)
        {
            return (null, default, refusal.Code == RefusalCode.Busy ? refusal : Unknown);
        }

        var login = (await reader.FindFollowedAsync<CredentialRecord>(RecordKind.Credential, proof.Account, cancellationToken)).Record!;
        await log.SignedInAsync(login.Id, login.Organisation);
        var (token, until) = tokens.Make(login.Id, login.Login);
        return (token, until, null);
    }

    /// <summary>What a card is to sign so that its person signs in; good for two minutes, once.</summary>
    public async Task<(Id Challenge, long Until, TypedData ToSign)> ChallengeAsync(Id account)
    {
        Span<byte> chance = stackalloc byte[8];
        random.Fill(chance);
        var until = (time.GetUtcNow() + CardChallenges.LivesFor).ToUnixTimeMilliseconds();
        var high = BinaryPrimitives.ReadUInt64BigEndian(chance);
        var challenge = new Id(high, KeyedHash(account, high, until));
        return (challenge, until, TypedData.OfSignIn(await ledger.DomainAsync(), account, challenge, until));
    }

    /// <summary>Who has no login, or nothing of the kind that is shown, goes the same way as who has and shows a wrong one: the time tells nobody which it is.</summary>
    /// <param name="known">Null for who has no login.</param>
    private async Task<Refusal?> RefuseAsync(PersonProof proof, CredentialRecord? known, Id place, CancellationToken cancellationToken)
    {
        if (proof.Card is { } card)
        {
            return await CountsAsync(card, proof.Account, known, cancellationToken) ? null : Unknown;
        }

        var id = known is null ? Id.None : proof.Code is null ? known.Pin : CodeCounts(known) ? known.Login : Id.None;
        return await pins.RefuseAtSignInAsync(proof.Account, id, place, known?.Organisation ?? Id.None, (proof.Code ?? proof.Pin)!.Value, cancellationToken)
            ?? (proof.Code is null || await pins.DropAsync(id, cancellationToken) ? null : Unknown);
    }

    private bool CodeCounts(CredentialRecord known) => time.GetUtcNow().ToUnixTimeMilliseconds() - known.LoginGivenAt < CodeLivesFor.TotalMilliseconds;

    private async Task<bool> CountsAsync(CardAnswerInput card, Id account, CredentialRecord? known, CancellationToken cancellationToken) =>
        time.GetUtcNow().ToUnixTimeMilliseconds() < card.Until && card.Challenge.Low == KeyedHash(account, card.Challenge.High, card.Until)
        && Secp256k1.Verify(SignedObjects.PersonSignInDigest(await ledger.DomainAsync(), account, card.Challenge, card.Until), card.Signature, known?.Card ?? default)
        && known is { Card.IsZero: false, CardBlockedBy.IsNone: true }
        && await spent.SpendAsync($"sign-in {card.Challenge}", DateTimeOffset.FromUnixTimeMilliseconds(card.Until), cancellationToken);

    /// <summary>An address as attempts know it: a keyed hash, since it says where somebody is.</summary>
    private Id PlaceOf(IPAddress? from) => Id.FromBytes(HMACSHA256.HashData(places, LoginThrottle.Place(from ?? IPAddress.None).GetAddressBytes()).AsSpan(0, Id.Size));

    private ulong KeyedHash(Id account, ulong chance, long until)
    {
        Span<byte> message = stackalloc byte[Id.Size + (2 * sizeof(long))];
        account.CopyTo(message);
        BinaryPrimitives.WriteUInt64BigEndian(message[Id.Size..], chance);
        BinaryPrimitives.WriteInt64BigEndian(message[(Id.Size + sizeof(long))..], until);
        return BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(challenging, message));
    }
}
