using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using OtpNet;

namespace Humanitarian.Api.SecondFactor;

/// <summary>A member's authenticator app.</summary>
/// <param name="Secret">Encrypted under a key of the pepper, base64.</param>
/// <param name="LastStep">The newest step whose code was taken; none is taken twice.</param>
/// <param name="Verified">For which credentials a code was shown lately, and until when in Unix milliseconds.</param>
internal sealed record StoredFactor(string Secret, bool Confirmed, long LastStep, IReadOnlyList<VerifiedCredential> Verified);

/// <param name="Credential">Names an API key or a token.</param>
internal sealed record VerifiedCredential(string Credential, long Until);

/// <param name="Required">Whether approvals and releases need a second factor.</param>
internal sealed record StoredRule(bool Required);

/// <summary>
/// Codes of authenticator apps (RFC 6238), and passkeys: who has only stolen a key cannot approve or release with it. A code opens a key or token for a
/// while, a passkey confirms one decision.
/// </summary>
internal sealed class SecondFactors(SealedDocuments documents, Passkeys passkeys, Attempts attempts, SealedText seal, IRandomSource random, HumanitarianApiOptions options, TimeProvider time)
{
    private const string Kind = "second-factor";
    private const string RuleKind = "second-factor-rule";
    private const int SecretBytes = 20;
    private const int VerifiedMax = 16;

    // One step of 30 seconds for a clock that is off, as RFC 6238 advises.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    /// <summary>So long after a code a credential may approve and release.</summary>
    public static TimeSpan Fresh { get; } = TimeSpan.FromMinutes(5);

    public static Refusal Invalid { get; } = new(ApiCode.SecondFactorInvalid, "The code is wrong, was used before, or no app is enrolled.", "code");

    public static Refusal TooMany { get; } = new(ApiCode.RateLimited, "There were too many attempts; wait a quarter of an hour.", "code");

    public static Refusal Required { get; } = new(ApiCode.SecondFactorRequired, "Send verifySecondFactor with a code of your authenticator app, or confirmWithPasskey with what your passkey answers to toConfirm, then the same again.");

    /// <summary>Makes a new secret that counts once it is confirmed; null when a confirmed one must be shown first.</summary>
    public async Task<byte[]?> EnrolAsync(Caller caller, MutationInput input, CancellationToken cancellationToken)
    {
        var confirmed = await passkeys.IsConfirmedAsync(caller, Passkeys.DecisionOf(input), cancellationToken);
        var secret = new byte[SecretBytes];
        random.Fill(secret);
        var made = new StoredFactor(seal.Seal(PlaceOf(caller.Principal), Convert.ToHexString(secret)), false, 0, []);
        return await documents.ChangeAsync<StoredFactor>(
            Kind, caller.Principal.ToString(), caller.Organisation.ToString(), known => known is { Confirmed: true } && !confirmed && !IsFresh(known, caller) ? null : made, cancellationToken) is null
            ? null
            : secret;
    }

    /// <summary>Takes a code: confirms a new app, and lets the caller's credential approve and release for a while. Null when it is taken.</summary>
    public async Task<Refusal?> VerifyAsync(Caller caller, string code, CancellationToken cancellationToken)
    {
        if (!await attempts.TakeAsync(Kind, caller.Principal, cancellationToken))
        {
            return TooMany;
        }

        var now = time.GetUtcNow();
        var until = (now + Fresh).ToUnixTimeMilliseconds();
        var taken = await documents.ChangeAsync<StoredFactor>(
            Kind, caller.Principal.ToString(), caller.Organisation.ToString(),
            known => known is not null && StepOf(known, caller.Principal, code, now) is { } step && step > known.LastStep
                ? known with { Confirmed = true, LastStep = step, Verified = [new(caller.Credential, until), .. Living(known, now).Where(one => one.Credential != caller.Credential).Take(VerifiedMax - 1)] }
                : null,
            cancellationToken);
        if (taken is null)
        {
            return Invalid;
        }

        await attempts.ForgetAsync(Kind, caller.Principal, cancellationToken);
        return null;
    }

    /// <summary>Forgets a member's app and passkeys; false when there is none.</summary>
    public async Task<bool> RemoveAsync(Id member, CancellationToken cancellationToken)
    {
        var app = await documents.DeleteAsync(Kind, member.ToString(), cancellationToken);
        return await passkeys.RemoveAllAsync(member, cancellationToken) || app;
    }

    /// <summary>What the caller has to show before this, because they have an app or a passkey; null when nothing.</summary>
    public async Task<SecondFactorOwed?> OwesAsync(Caller caller, MutationInput input, CancellationToken cancellationToken) =>
        await FindAsync(caller.Principal, cancellationToken) is { Confirmed: true } || (await passkeys.ListAsync(caller.Principal, cancellationToken)).Count > 0
            ? await UnlessShownAsync(caller, input, cancellationToken)
            : null;

    /// <summary>What the caller has to show before this where their organisation requires it; null when nothing.</summary>
    public async Task<SecondFactorOwed?> RefuseAsync(Caller caller, MutationInput input, CancellationToken cancellationToken) =>
        await IsRequiredAsync(caller.Organisation, cancellationToken) ? await UnlessShownAsync(caller, input, cancellationToken) : null;

    public async Task<bool> IsRequiredAsync(Id organisation, CancellationToken cancellationToken) =>
        options.SignIn.SecondFactor || (await documents.FindAsync<StoredRule>(RuleKind, organisation.ToString(), cancellationToken))?.Value.Required == true;

    public Task RequireAsync(Id organisation, bool required, CancellationToken cancellationToken) =>
        documents.ChangeAsync<StoredRule>(RuleKind, organisation.ToString(), organisation.ToString(), _ => new StoredRule(required), cancellationToken);

    private async Task<SecondFactorOwed?> UnlessShownAsync(Caller caller, MutationInput input, CancellationToken cancellationToken)
    {
        var decision = Passkeys.DecisionOf(input);
        return (await FindAsync(caller.Principal, cancellationToken) is { Confirmed: true } known && IsFresh(known, caller))
            || await passkeys.IsConfirmedAsync(caller, decision, cancellationToken)
                ? null
                : new SecondFactorOwed(Required, await passkeys.AskToConfirmAsync(caller, decision, cancellationToken));
    }

    private async Task<StoredFactor?> FindAsync(Id member, CancellationToken cancellationToken) =>
        (await documents.FindAsync<StoredFactor>(Kind, member.ToString(), cancellationToken))?.Value;

    private bool IsFresh(StoredFactor factor, Caller caller) => Living(factor, time.GetUtcNow()).Any(one => one.Credential == caller.Credential);

    private static IEnumerable<VerifiedCredential> Living(StoredFactor factor, DateTimeOffset now) => factor.Verified.Where(one => now.ToUnixTimeMilliseconds() < one.Until);

    private long? StepOf(StoredFactor factor, Id member, string code, DateTimeOffset now) =>
        code.Length <= 10 && seal.Open(PlaceOf(member), factor.Secret) is { } secret
        && new Totp(Convert.FromHexString(secret)).VerifyTotp(now.UtcDateTime, code, out var step, Window) ? step : null;

    // Bound to the member, so that nobody who writes into the database gives another their own app.
    private static string PlaceOf(Id member) => $"second factor {member}";
}
