using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Organisations;

/// <summary>
/// <c>POST /join</c> with <c>{"code", "address", "signature"}</c>: whoever holds an invitation's code becomes a member with their own key, and
/// is shown an API key once. The one request that needs no API key; wrong codes count as failed logins of their address.
/// </summary>
internal static class JoinEndpoint
{
    private const int BodyBytesMax = 4_096;

    public static async Task JoinAsync(HttpContext http)
    {
        if (await ReadAsync(http) is not { } request)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, new Refusal(
                RefusalCode.InvalidInput, "Send a JSON object with code and, for who signs, address and signature as text."));
            return;
        }

        if (InvitationCodes.Read(request.Code) is not var (invitation, code))
        {
            await RefuseUnknownAsync(http, Joins.Unknown());
            return;
        }

        using var pass = http.RequestServices.GetRequiredService<AdmissionGate>().TryEnter(invitation, Urgency.Ordinary);
        var result = pass is null
            ? CommandResult.Refused(AdmissionGate.Busy)
            : await http.RequestServices.GetRequiredService<LedgerCommands>().JoinAsync(ContextOf(invitation, code, request), code, request.Address);
        await (result switch
        {
            { Refusal: { Code: RefusalCode.InvitationUnknown } refusal } => RefuseUnknownAsync(http, refusal),
            { Refusal: { Code: RefusalCode.Busy } refusal } => RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, refusal),
            { Refusal: { } refusal } => RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, refusal, await ToSignAsync(http, result)),
            { Replayed: true } => RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, Joins.Ended()),
            _ => WelcomeAsync(http, invitation, result),
        });
    }

    // Another address is another wish to join; the same one again is the same.
    private static CommandContext ContextOf(Id invitation, Hash32 code, Request request) => new(
        invitation, $"join {request.Address}", Hash32.FromSpan(SHA256.HashData([.. "join\0"u8, .. code.ToArray(), .. request.Address.ToArray()])), request.Signature);

    private static async Task WelcomeAsync(HttpContext http, Id member, CommandResult result)
    {
        var reader = http.RequestServices.GetRequiredService<LedgerReader>();
        await reader.FollowAsync(result.Height, http.RequestAborted);
        var record = (await reader.FindFollowedAsync<MemberRecord>(RecordKind.Member, member, http.RequestAborted)).Record!;
        var key = await http.RequestServices.GetRequiredService<ApiKeys>().CreateAsync(member, record.Organisation, cancellationToken: http.RequestAborted);
        await HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, new
        {
            memberId = member.ToString(),
            organisationId = record.Organisation.ToString(),
            apiKey = key.Secret,
            keyId = key.Key.Hash.ToString(),
            transaction = result.Transaction.ToString(),
        });
    }

    private static async Task<TypedData?> ToSignAsync(HttpContext http, CommandResult result) =>
        result.ToSign is { } toSign ? TypedData.Of(await http.RequestServices.GetRequiredService<LedgerInfo>().DomainAsync(), toSign) : null;

    private static Task RefuseUnknownAsync(HttpContext http, Refusal refusal)
    {
        if (http.RequestServices.GetRequiredService<LoginThrottle>().Failed(http.Connection.RemoteIpAddress) is { Taken: false } wait)
        {
            http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
            return HttpAnswers.RefuseAsync(http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited, "Too many requests of this address came without a good code.");
        }

        return RefuseAsync(http, StatusCodes.Status404NotFound, refusal);
    }

    private static Task RefuseAsync(HttpContext http, int status, Refusal refusal, TypedData? toSign = null) =>
        HttpAnswers.WriteAsync(http, status, new
        {
            code = refusal.Code,
            message = refusal.Message,
            toSign = toSign is null ? null : new { toSign.PrimaryType, message = toSign.Message.ToDictionary(value => value.Name, value => value.Value), toSign.Json },
        });

    private static async Task<Request?> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = BodyBytesMax;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var (address, signature) = (Address.Zero, default(Signature));
            return body.RootElement.ValueKind == JsonValueKind.Object && Text(body.RootElement, "code") is { } code
                && (Text(body.RootElement, "address") is not { } named || Address.TryParse(named, out address))
                && (Text(body.RootElement, "signature") is not { } signed || Signature.TryParse(signed, out signature))
                    ? new Request(code, address, signature == default ? null : signature)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What is there and no text is as good as a wrong one.
    private static string? Text(JsonElement of, string name) =>
        !of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : "";

    private sealed record Request(string Code, Address Address, Signature? Signature);
}
