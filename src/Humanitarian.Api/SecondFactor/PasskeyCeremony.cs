using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Humanitarian.Api.SecondFactor;

/// <summary>
/// WebAuthn by ASP.NET Core Identity's handler: it makes challenges and checks type, challenge, origin, relying party, presence and verification of the
/// user, signature and counter. Nothing of it depends on the HTTP request; the settings alone say for whom passkeys are.
/// </summary>
internal static class PasskeyCeremony
{
    private const int AnswerCharactersMax = 32_768;

    /// <summary>What a browser is asked for a new passkey, and what the handler needs to check its answer.</summary>
    public static async Task<(string Json, string State)> AskToAddAsync(PasskeyOptions options, TimeSpan timeout, PasskeyOwner owner, string shownAs)
    {
        var entity = new PasskeyUserEntity { Id = owner.Id, Name = shownAs, DisplayName = shownAs };
        var made = await Handler(options, timeout, owner).MakeCreationOptionsAsync(entity, new DefaultHttpContext());
        return (made.CreationOptionsJson, made.AttestationState!);
    }

    /// <summary>What a browser is asked of the member's passkeys, and what the handler needs to check its answer.</summary>
    public static async Task<(string Json, string State)> AskToConfirmAsync(PasskeyOptions options, TimeSpan timeout, PasskeyOwner owner)
    {
        var made = await Handler(options, timeout, owner).MakeRequestOptionsAsync(owner, new DefaultHttpContext());
        return (made.RequestOptionsJson, made.AssertionState!);
    }

    /// <summary>The new passkey, or null when the answer is none.</summary>
    public static async Task<UserPasskeyInfo?> AddedAsync(PasskeyOptions options, PasskeyOwner owner, string answer, string state)
    {
        var context = new PasskeyAttestationContext { HttpContext = new DefaultHttpContext(), CredentialJson = answer, AttestationState = state };
        return (await Handler(options, TimeSpan.Zero, owner).PerformAttestationAsync(context)).Passkey;
    }

    /// <summary>The passkey that answered, with its counter as it is now, or null when the answer does not count.</summary>
    public static async Task<UserPasskeyInfo?> ConfirmedAsync(PasskeyOptions options, PasskeyOwner owner, string answer, string state)
    {
        var context = new PasskeyAssertionContext { HttpContext = new DefaultHttpContext(), CredentialJson = answer, AssertionState = state };
        return (await Handler(options, TimeSpan.Zero, owner).PerformAssertionAsync(context)).Passkey;
    }

    /// <summary>The challenge in what a browser is asked.</summary>
    public static string ChallengeOf(string asked)
    {
        using var json = JsonDocument.Parse(asked);
        return json.RootElement.GetProperty("challenge").GetString()!;
    }

    /// <summary>The challenge that an answer names, which finds what was asked; null for what is no answer. Nothing of it is believed yet.</summary>
    public static string? ChallengeIn(string answer)
    {
        try
        {
            if (answer.Length > AnswerCharactersMax)
            {
                return null;
            }

            using var json = JsonDocument.Parse(answer);
            using var data = JsonDocument.Parse(Base64Url.DecodeFromChars(json.RootElement.GetProperty("response").GetProperty("clientDataJSON").GetString()));
            return data.RootElement.GetProperty("challenge").GetString();
        }
        catch (Exception none) when (none is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static PasskeyHandler<PasskeyOwner> Handler(PasskeyOptions options, TimeSpan timeout, PasskeyOwner owner)
    {
        var manager = new UserManager<PasskeyOwner>(
            new PasskeyOwnerStore(owner), Options.Create(new IdentityOptions()), new PasswordHasher<PasskeyOwner>(), [], [], new UpperInvariantLookupNormalizer(),
            new IdentityErrorDescriber(), null!, NullLogger<UserManager<PasskeyOwner>>.Instance);
        return new PasskeyHandler<PasskeyOwner>(manager, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = options.RelyingParty,
            AuthenticatorTimeout = timeout,
            UserVerificationRequirement = "required",
            ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && options.Origins.Contains(asked.Origin, StringComparer.Ordinal)),
        }));
    }
}
