using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Identity;

namespace Humanitarian.Api.SecondFactor;

/// <summary>
/// Passkeys of members: each confirms one decision, which its challenge was made for. A page that only looks like the right one gets no answer that
/// counts, and a key that was stolen confirms nothing.
/// </summary>
internal sealed class Passkeys(SealedDocuments documents, HumanitarianApiOptions options, LedgerInfo ledger, TimeProvider time)
{
    /// <summary>Most passkeys of a member.</summary>
    public const int Most = 10;

    public const int NameCharactersMax = 60;

    private const string Kind = "passkeys";
    private const string ClaimKind = "passkey-claim";

    // The oldest of more is forgotten.
    private const int AskedMost = 16;
    private const int ConfirmedMost = 64;

    /// <summary>How long a challenge may be answered, and how long a confirmed decision may be sent.</summary>
    public static TimeSpan Fresh { get; } = TimeSpan.FromMinutes(5);

    public static Refusal Off { get; } = new(ApiCode.PasskeysOff, "This ledger is not set up for passkeys; use an authenticator app.");

    public static Refusal Invalid { get; } = new(
        ApiCode.PasskeyInvalid, "The answer is no answer to what was asked of this key or token, came too late or a second time, or its signature, origin, user verification or counter is wrong.", "credential");

    private static Refusal Taken { get; } = new(ApiCode.PasskeyTaken, "This passkey is known already; make another.", "credential");

    private static Refusal TooMany { get; } = new(RefusalCode.InvalidInput, $"A member has at most {Most} passkeys; remove one.");

    private static Refusal NameWrong { get; } = new(RefusalCode.InvalidInput, $"A name has 1 to {NameCharactersMax} characters.", "name");

    private PasskeyOptions? For => options.SignIn.Passkeys;

    /// <summary>The name under which a mutation is asked about and confirmed: its operation, content and idempotency key.</summary>
    public static string DecisionOf(MutationInput input) =>
        Convert.ToHexStringLower(SHA256.HashData([.. CanonicalInput.Hash(input).ToArray(), .. Encoding.UTF8.GetBytes(input.IdempotencyKey)]));

    public async Task<IReadOnlyList<StoredPasskey>> ListAsync(Id member, CancellationToken cancellationToken) => (await FindAsync(member, cancellationToken)).Passkeys;

    /// <summary>True when the caller's credential has had this decision confirmed lately.</summary>
    public async Task<bool> IsConfirmedAsync(Caller caller, string decision, CancellationToken cancellationToken) =>
        Living(await FindAsync(caller.Principal, cancellationToken)).Any(one => one.Decision == decision && one.Credential == caller.Credential);

    /// <summary>What a browser is asked for a new passkey, as JSON, or why not.</summary>
    public async Task<(string? Json, Refusal? Refusal)> AskToAddAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        if (For is not { } relying || name.Trim().Length is 0 or > NameCharactersMax)
        {
            return (null, For is null ? Off : NameWrong);
        }

        var known = await FindAsync(caller.Principal, cancellationToken);
        if (known.Passkeys.Count >= Most)
        {
            return (null, TooMany);
        }

        var shownAs = $"{(await ledger.RecordAsync()).Name} {caller.Principal.ToString()[..8]}";
        var (json, state) = await PasskeyCeremony.AskToAddAsync(relying, Fresh, Owner(caller.Principal, known), shownAs);
        await RememberAsync(caller, new AskedPasskey(PasskeyCeremony.ChallengeOf(json), state, caller.Credential, null, name.Trim(), Until()), cancellationToken);
        return (json, null);
    }

    /// <summary>What a browser is asked to confirm a decision, as JSON; null for who has no passkey.</summary>
    public async Task<string?> AskToConfirmAsync(Caller caller, string decision, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller.Principal, cancellationToken);
        if (For is not { } relying || known.Passkeys.Count == 0)
        {
            return null;
        }

        var (json, state) = await PasskeyCeremony.AskToConfirmAsync(relying, Fresh, Owner(caller.Principal, known));
        await RememberAsync(caller, new AskedPasskey(PasskeyCeremony.ChallengeOf(json), state, caller.Credential, decision, null, Until()), cancellationToken);
        return json;
    }

    /// <summary>Takes a new passkey.</summary>
    public async Task<(StoredPasskey? Passkey, Refusal? Refusal)> AddAsync(Caller caller, string answer, CancellationToken cancellationToken)
    {
        if (await TakeAsync(caller, answer, adds: true, cancellationToken) is not var (asked, known)
            || await PasskeyCeremony.AddedAsync(For!, Owner(caller.Principal, known), answer, asked.State) is not { } made)
        {
            return (null, For is null ? Off : Invalid);
        }

        var (id, key) = (Base64Url.EncodeToString(made.CredentialId), Base64Url.EncodeToString(made.PublicKey));
        if (!await ClaimAsync(caller, "id", id, cancellationToken) || !await ClaimAsync(caller, "public key", key, cancellationToken))
        {
            return (null, Taken);
        }

        var added = new StoredPasskey(id, key, asked.Name!, Now(), null, made.SignCount, made.Transports ?? [], made.IsBackupEligible, made.IsBackedUp);
        var written = await ChangeAsync(
            caller,
            now => now.Passkeys.Count < Most && !now.Passkeys.Any(one => one.CredentialId == id || one.PublicKey == key)
                ? now with { Passkeys = [.. now.Passkeys, added with { AddedAt = Math.Max(added.AddedAt, now.Passkeys.Select(one => one.AddedAt + 1).LastOrDefault()) }] }
                : null,
            cancellationToken);
        return written is null ? (null, Taken) : (written.Passkeys[^1], null);
    }

    /// <summary>Takes what a passkey answered: the decision that it was asked about may be sent by this credential for a while. Null when it is taken.</summary>
    public async Task<Refusal?> ConfirmAsync(Caller caller, string answer, CancellationToken cancellationToken)
    {
        if (await TakeAsync(caller, answer, adds: false, cancellationToken) is not var (asked, known)
            || await PasskeyCeremony.ConfirmedAsync(For!, Owner(caller.Principal, known), answer, asked.State) is not { } used)
        {
            return For is null ? Off : Invalid;
        }

        var id = Base64Url.EncodeToString(used.CredentialId);
        var written = await ChangeAsync(
            caller,
            now => now.Passkeys.FirstOrDefault(one => one.CredentialId == id) is { } passkey && IsNewer(used.SignCount, passkey.SignCount)
                ? now with
                {
                    Passkeys = [.. now.Passkeys.Select(one => one == passkey ? passkey with { SignCount = used.SignCount, BackedUp = used.IsBackedUp, UsedAt = Now() } : one)],
                    Confirmed = [new ConfirmedDecision(asked.Decision!, caller.Credential, Until()), .. Living(now).Take(ConfirmedMost - 1)],
                }
                : null,
            cancellationToken);
        return written is null ? Invalid : null;
    }

    /// <summary>Forgets one of the caller's own; false when there is none.</summary>
    public async Task<bool> RemoveAsync(Caller caller, string credentialId, CancellationToken cancellationToken) => await ChangeAsync(
        caller, now => now.Passkeys.Any(one => one.CredentialId == credentialId) ? now with { Passkeys = [.. now.Passkeys.Where(one => one.CredentialId != credentialId)] } : null, cancellationToken) is not null;

    /// <summary>Forgets all of a member's; false when there is none.</summary>
    public async Task<bool> RemoveAllAsync(Id member, CancellationToken cancellationToken)
    {
        var any = (await FindAsync(member, cancellationToken)).Passkeys.Count > 0;
        return await documents.DeleteAsync(Kind, member.ToString(), cancellationToken) && any;
    }

    /// <summary>What an answer answers; from here on it is answered. Null when the caller's credential asked nothing such, or it is too late.</summary>
    private async Task<(AskedPasskey Asked, StoredPasskeys Known)?> TakeAsync(Caller caller, string answer, bool adds, CancellationToken cancellationToken)
    {
        if (For is null || PasskeyCeremony.ChallengeIn(answer) is not { } challenge)
        {
            return null;
        }

        AskedPasskey? taken = null;
        var left = await ChangeAsync(
            caller,
            known =>
            {
                taken = known.Asked.FirstOrDefault(one => one.Challenge == challenge);
                return taken is not null && taken.Credential == caller.Credential && taken.Decision is null == adds && Now() < taken.Until
                    ? known with { Asked = [.. known.Asked.Where(one => one != taken)] }
                    : null;
            },
            cancellationToken);
        return left is null ? null : (taken!, left);
    }

    /// <summary>Two members never have the same passkey, not even one after the other.</summary>
    private async Task<bool> ClaimAsync(Caller caller, string what, string value, CancellationToken cancellationToken)
    {
        var (key, claim) = (documents.KeyOf("passkey", what, value), new ClaimedPasskey(caller.Principal.ToString()));
        return await documents.PutAsync(ClaimKind, key, caller.Organisation.ToString(), 0, claim, cancellationToken)
            || (await documents.FindAsync<ClaimedPasskey>(ClaimKind, key, cancellationToken))?.Value == claim;
    }

    private Task RememberAsync(Caller caller, AskedPasskey asked, CancellationToken cancellationToken) => ChangeAsync(
        caller, known => known with { Asked = [asked, .. known.Asked.Where(one => Now() < one.Until).Take(AskedMost - 1)] }, cancellationToken);

    private Task<StoredPasskeys?> ChangeAsync(Caller caller, Func<StoredPasskeys, StoredPasskeys?> change, CancellationToken cancellationToken) =>
        documents.ChangeAsync<StoredPasskeys>(Kind, caller.Principal.ToString(), caller.Organisation.ToString(), known => change(known ?? StoredPasskeys.None), cancellationToken);

    private async Task<StoredPasskeys> FindAsync(Id member, CancellationToken cancellationToken) =>
        (await documents.FindAsync<StoredPasskeys>(Kind, member.ToString(), cancellationToken))?.Value ?? StoredPasskeys.None;

    private IEnumerable<ConfirmedDecision> Living(StoredPasskeys known) => known.Confirmed.Where(one => Now() < one.Until);

    /// <summary>The rule of WebAuthn, asked again as it is written: two answers may come at once.</summary>
    private static bool IsNewer(uint count, uint known) => count > known || (count == 0 && known == 0);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until() => (time.GetUtcNow() + Fresh).ToUnixTimeMilliseconds();

    private static PasskeyOwner Owner(Id member, StoredPasskeys known) => new(member.ToString(), [.. known.Passkeys.Select(Info)]);

    private static UserPasskeyInfo Info(StoredPasskey passkey) => new(
        Base64Url.DecodeFromChars(passkey.CredentialId), Base64Url.DecodeFromChars(passkey.PublicKey), DateTimeOffset.FromUnixTimeMilliseconds(passkey.AddedAt), passkey.SignCount,
        [.. passkey.Transports], isUserVerified: true, passkey.BackupEligible, passkey.BackedUp, [], []);
}
