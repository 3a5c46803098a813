using System.Buffers.Binary;
using System.Security.Cryptography;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Challenges for cards: half chance, half a keyed hash of what is challenged for, so that none has to be remembered. The ledger takes
/// each once.
/// </summary>
public sealed class CardChallenges(IRandomSource random, TimeProvider time, HumanitarianApiOptions options)
{
    /// <summary>How long a card has to answer.</summary>
    public static readonly TimeSpan LivesFor = TimeSpan.FromMinutes(2);

    private readonly byte[] key = options.Derive("challenges of cards");

    internal CardRedemptionToSign Make(Id program, Id account, Id vendor, string unit, long amountMinor)
    {
        Span<byte> chance = stackalloc byte[8];
        random.Fill(chance);
        var blank = new CardRedemptionToSign(
            program, account, vendor, unit, amountMinor, new Id(BinaryPrimitives.ReadUInt64BigEndian(chance), 0),
            time.GetUtcNow().Add(LivesFor).ToUnixTimeMilliseconds());
        return blank with { Challenge = new Id(blank.Challenge.High, KeyedHash(blank)) };
    }

    /// <summary>True for what <see cref="Make"/> made.</summary>
    internal bool IsOurs(CardRedemptionToSign redemption) => redemption.Challenge.Low == KeyedHash(redemption);

    private ulong KeyedHash(CardRedemptionToSign redemption)
    {
        Span<byte> number = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(number, redemption.Challenge.High);
        BinaryPrimitives.WriteInt64BigEndian(number[8..], redemption.Until);
        BinaryPrimitives.WriteInt64BigEndian(number[16..], redemption.AmountMinor);
        byte[] message = [.. number, .. redemption.Program.ToBytes(), .. redemption.Account.ToBytes(), .. redemption.Vendor.ToBytes(), .. System.Text.Encoding.ASCII.GetBytes(redemption.Unit)];
        return BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(key, message));
    }
}

/// <summary>What a beneficiary's card is to sign.</summary>
/// <param name="Challenge">Counts once.</param>
/// <param name="Until">Unix milliseconds at which it ends.</param>
/// <param name="ToSign">The card signs this.</param>
[Name("CardChallenge")]
public sealed record CardChallengeView(Id Challenge, long Until, TypedData ToSign);

/// <summary>A card's answer to a challenge.</summary>
/// <param name="Challenge">As <c>cardChallenge</c> gave it.</param>
/// <param name="Until">As <c>cardChallenge</c> gave it.</param>
/// <param name="Signature">By the card's key over the typed data.</param>
public sealed record CardAnswerInput(Id Challenge, long Until, Signature Signature);

/// <summary>Cards at tills.</summary>
public sealed class CardQueries(Access access, CardChallenges challenges, LedgerInfo ledger) : IQueries
{
    /// <summary>A challenge for a beneficiary's card, good for one redemption within two minutes. Null when the till or the program is not yours to see.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="beneficiaryAccountId">The account that pays.</param>
    /// <param name="vendorAccountId">Your account, which is paid.</param>
    /// <param name="amountMinor">Minor units of the program's unit.</param>
    [Allow(Roles.Vendor)]
    public async Task<CardChallengeView?> CardChallenge(Id programId, Id beneficiaryAccountId, Id vendorAccountId, long amountMinor)
    {
        if (await access.AccountAsync(vendorAccountId) is null || await access.FindAsync<ProgramRecord>(RecordKind.Program, programId) is not { } program)
        {
            return null;
        }

        var made = challenges.Make(programId, beneficiaryAccountId, vendorAccountId, program.Unit, amountMinor);
        return new CardChallengeView(made.Challenge, made.Until, TypedData.Of(await ledger.DomainAsync(), made));
    }
}
