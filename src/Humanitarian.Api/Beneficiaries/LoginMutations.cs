using System.Buffers.Binary;
using System.Globalization;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Beneficiaries;

/// <param name="AccountId">The beneficiary's account.</param>
public sealed record GiveLoginInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public sealed record GiveLoginPayload : Payload
{
    /// <summary>The code to hand out: ten digits, shown this once, good once and for seven days. Null when refused, and when the call is repeated.</summary>
    public string? Code { get; internal set; }
}

/// <param name="AccountId">The beneficiary's account.</param>
public sealed record EndLoginInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public sealed record EndLoginPayload : Payload;

/// <param name="AccountId">The beneficiary's account.</param>
public sealed record WithdrawConsentInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public sealed record WithdrawConsentPayload : Payload;

/// <summary>Beneficiaries' access to what is kept of them.</summary>
public sealed class LoginMutations(MutationRunner run, LedgerCommands commands, Access access, Pins pins, IRandomSource random) : IMutations
{
    private const ulong Codes = 10_000_000_000;

    /// <summary>
    /// Lets a beneficiary sign in to what is kept of them, with the code, and from then on with their PIN or card. A login before ends. Where
    /// the terms say so, you do not serve this person for some days, and you never answer the cases that they open with it.
    /// </summary>
    [Allow(Roles.Registrar)]
    [MakesAccess]
    public async Task<GiveLoginPayload> GiveLogin(GiveLoginInput input)
    {
        string? made = null;
        var payload = await run.RunAsync<GiveLoginPayload>(input, input.AccountId, async (context, id) =>
        {
            if (await access.PersonAsync(id) is not { } person)
            {
                return await Refuse.NotFound("accountId");
            }

            made = NewCode();
            return await GiveAsync(context, person, made);
        });
        payload.Code = payload is { Replayed: false, Transaction: not null } ? made : null;
        return payload;
    }

    /// <summary>Ends a beneficiary's login at once, and what they have open; a beneficiary ends their own.</summary>
    [Allow(Domain.Redemptions.Credentials.Blockers, Person = true)]
    [MakesAccess]
    public Task<EndLoginPayload> EndLogin(EndLoginInput input) => run.RunAsync<EndLoginPayload>(input, input.AccountId, async (context, id) =>
        await access.PersonAsync(id) is null
            ? await Refuse.NotFound("accountId")
            : await commands.ChangeCredentialAsync(context, new CredentialRequest(id, CredentialChange.EndLogin, Id.None, default)));

    /// <summary>A beneficiary takes back their consent to the use of their data, themselves or by their word to you. What is kept of them is then due to be forgotten.</summary>
    [Allow(PrivacyNoticeRecord.Givers, Person = true)]
    public Task<WithdrawConsentPayload> WithdrawConsent(WithdrawConsentInput input) => run.RunAsync<WithdrawConsentPayload>(input, input.AccountId, async (context, id) =>
        await access.PersonAsync(id) is null ? await Refuse.NotFound("accountId") : await commands.WithdrawConsentAsync(context, id));

    /// <summary>The code's hash is kept before the ledger names the login, as that of a PIN is.</summary>
    private async Task<CommandResult> GiveAsync(CommandContext context, AccountRecord person, string code)
    {
        var login = commands.IdFor(context, 1);
        var before = (await access.FindAsync<CredentialRecord>(RecordKind.Credential, person.Id))?.Login ?? Id.None;
        if (before != login && !context.DryRun && await pins.KeepAsync(person.Id, person.Organisation, login, new Pin(code)) is { } busy)
        {
            return CommandResult.Refused(busy);
        }

        var result = await commands.ChangeCredentialAsync(context, new CredentialRequest(person.Id, CredentialChange.GiveLogin, login, default));
        if (result is { Refusal: null, Replayed: false, Rehearsed: false } && !before.IsNone && before != login)
        {
            await pins.DropAsync(before);
        }
        else if (result.Replayed && before != login)
        {
            // This login was given once, and another one since, or it has ended.
            await pins.DropAsync(login);
        }

        return result;
    }

    private string NewCode()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        random.Fill(bytes);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes) % Codes).ToString("D10", CultureInfo.InvariantCulture);
    }
}
