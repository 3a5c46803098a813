using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// <c>POST /person/token</c> with <c>{"accountId"}</c> and <c>code</c>, <c>pin</c> or <c>card</c>: a beneficiary signs in and gets a token for a few
/// minutes. <c>POST /person/challenge</c> with <c>{"accountId"}</c> answers what a card is to sign for it.
/// </summary>
internal static class PersonEndpoints
{
    private const int BodyBytesMax = 2_048;

    private static readonly string[] Proofs = ["code", "pin", "card"];

    private static readonly Refusal Malformed = new(
        RefusalCode.InvalidInput, "Send a JSON object with accountId and one of code, pin and card {challenge, until, signature}, as text. A code and a PIN have 4 to 12 digits.");

    public static async Task TokenAsync(HttpContext http)
    {
        // Before anybody is looked up: what is malformed is so whoever has a login.
        if (await ReadAsync(http, ProofOf) is not { } proof)
        {
            await RefuseAsync(http, Malformed);
            return;
        }

        try
        {
            var (token, until, refusal) = await http.RequestServices.GetRequiredService<PersonSignIn>().EnterAsync(proof, http.Connection.RemoteIpAddress, http.RequestAborted);
            await (refusal is not null ? RefuseAsync(http, refusal) : AnswerAsync(http, new { token, expiresAt = until, accountId = proof.Account.ToString() }));
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            await RefuseAsync(http, Passing.Unknown);
        }
    }

    public static async Task ChallengeAsync(HttpContext http)
    {
        if (await ReadAsync<Id?>(http, (account, _) => account) is not { } asked)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, RefusalCode.InvalidInput, "Send a JSON object with accountId.");
            return;
        }

        var (challenge, until, toSign) = await http.RequestServices.GetRequiredService<PersonSignIn>().ChallengeAsync(asked);
        await AnswerAsync(http, new { challenge = challenge.ToString(), until = until.ToString(CultureInfo.InvariantCulture), toSign = toSign.Json });
    }

    private static Task AnswerAsync(HttpContext http, object answer)
    {
        http.Response.Headers.CacheControl = "no-store";
        return HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, answer);
    }

    /// <summary>Refuses a sign-in. Each refusal counts for its address.</summary>
    private static Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        if (http.RequestServices.GetRequiredService<LoginThrottle>().Failed(http.Connection.RemoteIpAddress) is { Taken: false } wait)
        {
            http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
            return HttpAnswers.RefuseAsync(http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited, "Too many requests of this address did not sign anybody in.");
        }

        var status = refusal.Code switch
        {
            ApiCode.Unauthenticated => StatusCodes.Status401Unauthorized,
            RefusalCode.InvalidInput => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        return HttpAnswers.RefuseAsync(http, status, refusal.Code, refusal.Message);
    }

    private static async Task<T?> ReadAsync<T>(HttpContext http, Func<Id, JsonElement, T?> read)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = BodyBytesMax;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object && Id.TryParse(Text(body.RootElement, "accountId"), out var account)
                ? read(account, body.RootElement)
                : default;
        }
        catch (Exception bad) when (bad is JsonException or BadHttpRequestException)
        {
            return default;
        }
    }

    /// <summary>Null unless there is one proof, and that is well formed.</summary>
    private static PersonProof? ProofOf(Id account, JsonElement of)
    {
        var proof = new PersonProof(account, PinOf(of, "code"), PinOf(of, "pin"), CardOf(of));
        return Proofs.Count(name => of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null) == 1 && proof is not { Code: null, Pin: null, Card: null }
            ? proof
            : null;
    }

    private static Pin? PinOf(JsonElement of, string name) => Text(of, name) is { } digits && new Pin(digits) is { IsWellFormed: true } pin ? pin : null;

    private static CardAnswerInput? CardOf(JsonElement of) =>
        of.TryGetProperty("card", out var card) && card.ValueKind == JsonValueKind.Object && Id.TryParse(Text(card, "challenge"), out var challenge)
        && long.TryParse(Text(card, "until"), NumberStyles.None, CultureInfo.InvariantCulture, out var until) && Signature.TryParse(Text(card, "signature"), out var signature)
        && until <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new CardAnswerInput(challenge, until, signature)
            : null;

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
