using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using OtpNet;

namespace Humanitarian.Api.SecondFactor;

public sealed record EnrolSecondFactorInput(string IdempotencyKey) : MutationInput(IdempotencyKey);

public sealed record EnrolSecondFactorPayload : ConfirmablePayload
{
    /// <summary>The app's secret in base32, shown this once.</summary>
    public string? Secret { get; internal set; }

    /// <summary>The same as a URI of <c>otpauth</c>, which apps read as a QR code.</summary>
    public string? Uri { get; internal set; }
}

/// <param name="Code">Six digits of the app.</param>
public sealed record VerifySecondFactorInput(string IdempotencyKey, string Code) : MutationInput(IdempotencyKey);

public sealed record VerifySecondFactorPayload : Payload;

/// <param name="MemberId">The member who lost their app or passkeys.</param>
public sealed record RemoveSecondFactorInput(string IdempotencyKey, Id MemberId) : MutationInput(IdempotencyKey);

public sealed record RemoveSecondFactorPayload : ConfirmablePayload;

/// <param name="Required">Whether approvals and releases need a second factor from now on.</param>
public sealed record RequireSecondFactorInput(string IdempotencyKey, bool Required) : MutationInput(IdempotencyKey);

public sealed record RequireSecondFactorPayload : ConfirmablePayload;

/// <summary>Authenticator apps of members, as a second factor for approvals and releases.</summary>
internal sealed class SecondFactorMutations(SecondFactors factors, SideCommands commands, Access access, LedgerInfo ledger) : IMutations
{
    /// <summary>Makes the secret of an authenticator app. It counts once <c>verifySecondFactor</c> has taken a code of it; who has an app or a passkey already shows it first.</summary>
    [Allow]
    public Task<EnrolSecondFactorPayload> EnrolSecondFactor(EnrolSecondFactorInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await factors.OwesAsync(access.Caller, input, default) is { } owed)
            {
                return owed.Refused<EnrolSecondFactorPayload>();
            }

            if (await factors.EnrolAsync(access.Caller, input, default) is not { } secret)
            {
                return MutationRunner.Refused<EnrolSecondFactorPayload>(SecondFactors.Required);
            }

            var text = Base32Encoding.ToString(secret);
            var uri = new OtpUri(OtpType.Totp, text, access.Caller.Principal.ToString(), (await ledger.RecordAsync()).Name);
            return new EnrolSecondFactorPayload { Secret = text, Uri = uri.ToString() };
        }, shownOnce: true);

    /// <summary>Shows a code of the app: this key or token may then approve and release for five minutes. A code counts once.</summary>
    [Allow]
    public async Task<VerifySecondFactorPayload> VerifySecondFactor(VerifySecondFactorInput input) =>
        (IdempotencyKey.Refuse(input.IdempotencyKey) ?? await factors.VerifyAsync(access.Caller, input.Code, default)) is { } refusal
            ? MutationRunner.Refused<VerifySecondFactorPayload>(refusal)
            : new VerifySecondFactorPayload();

    /// <summary>Forgets the app and all passkeys of another member, who then enrols anew.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<RemoveSecondFactorPayload> RemoveSecondFactor(RemoveSecondFactorInput input) =>
        commands.RunAsync(input, async () =>
        {
            // Never one's own: who has stolen an administrator's key must not get rid of the app so.
            return await factors.OwesAsync(access.Caller, input, default) is { } owed ? owed.Refused<RemoveSecondFactorPayload>()
                : await access.MemberAsync(input.MemberId) is { } member && member.Id != access.Caller.Principal
                    && (access.Caller.Has(Roles.Operator) || member.Organisation == access.Caller.Organisation) && await factors.RemoveAsync(member.Id, default)
                    ? new RemoveSecondFactorPayload()
                    : MutationRunner.Refused<RemoveSecondFactorPayload>(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", "memberId"));
        });

    /// <summary>Says whether approvals and releases of your organisation need a second factor. Who changes it needs one too, where it is required.</summary>
    [Allow(Roles.Administrator)]
    [MakesAccess]
    public Task<RequireSecondFactorPayload> RequireSecondFactor(RequireSecondFactorInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await factors.RefuseAsync(access.Caller, input, default) is { } owed)
            {
                return owed.Refused<RequireSecondFactorPayload>();
            }

            await factors.RequireAsync(access.Caller.Organisation, input.Required, default);
            return new RequireSecondFactorPayload();
        });
}
