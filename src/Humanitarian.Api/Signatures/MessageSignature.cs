using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Humanitarian.Api.Signatures;

/// <summary>
/// The one HTTP message signature of a request (RFC 9421), read but not yet checked. It must cover <c>@method</c>, <c>@target-uri</c> and, of
/// a request with a body, <c>content-digest</c>, and name <c>created</c>, <c>expires</c>, <c>nonce</c> and <c>keyid</c>.
/// </summary>
internal sealed partial record MessageSignature(
    IReadOnlyList<string> Components, string Parameters, DateTimeOffset Created, DateTimeOffset Expires, string Nonce, string KeyId, byte[] Signature)
{
    public const string InputHeader = "Signature-Input";

    private const string SignatureHeader = "Signature";
    private const string ContentDigest = "content-digest";

    /// <summary>Null when it is missing, incomplete or written in a way that is not taken.</summary>
    public static MessageSignature? Read(HttpRequest request)
    {
        if (request.Headers[InputHeader] is not [{ Length: <= 2_000 } input] || request.Headers[SignatureHeader] is not [{ Length: <= 500 } signature]
            || Input.Match(input) is not { Success: true } read || Value.Match(signature) is not { Success: true } value
            || read.Groups["label"].Value != value.Groups["label"].Value)
        {
            return null;
        }

        string[] components = [.. read.Groups["component"].Captures.Select(one => one.Value)];
        var named = read.Groups["name"].Captures.Select(one => one.Value).Zip(read.Groups["value"].Captures.Select(one => one.Value.Trim('"'))).ToArray();
        string? Parameter(string name) => named.Where(one => one.First == name).Select(one => one.Second).ToArray() is [var single] ? single : null;
        return components.Distinct().Count() == components.Length && Covers(components, request) && (Parameter("alg") ?? "ed25519") == "ed25519"
            && Moment(Parameter("created")) is { } created && Moment(Parameter("expires")) is { } expires
            && Parameter("nonce") is { Length: > 0 and <= 200 } nonce && Parameter("keyid") is { Length: > 0 and <= 100 } keyId
            && Bytes(value.Groups["bytes"].Value) is { } bytes
                ? new MessageSignature(components, read.Groups["parameters"].Value, created, expires, nonce, keyId, bytes)
                : null;
    }

    /// <summary>What was signed; null when it covers what the request does not have.</summary>
    public byte[]? Base(HttpRequest request)
    {
        var text = new StringBuilder();
        foreach (var component in Components)
        {
            if (ValueOf(component, request) is not { } value)
            {
                return null;
            }

            text.Append('"').Append(component).Append("\": ").Append(value).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.Append("\"@signature-params\": ").Append(Parameters).ToString());
    }

    /// <summary>True when the body is what <c>Content-Digest</c> (RFC 9530) says.</summary>
    public static bool DigestHolds(HttpRequest request, ReadOnlySpan<byte> body)
    {
        var known = 0;
        if (request.Headers[ContentDigest].ToString() is not { Length: <= 1_000 } digests)
        {
            return false;
        }

        foreach (Match digest in Digest.Matches(digests))
        {
            var given = Bytes(digest.Groups["bytes"].Value);
            var made = digest.Groups["algorithm"].Value switch { "sha-256" => SHA256.HashData(body), "sha-512" => SHA512.HashData(body), _ => null };
            if (made is not null && (given is null || !given.AsSpan().SequenceEqual(made)))
            {
                return false;
            }

            known += made is null ? 0 : 1;
        }

        return known > 0;
    }

    /// <summary>The URI of a request as its client wrote it.</summary>
    public static string TargetOf(HttpRequest request) =>
        $"{request.Scheme}://{request.Host.Value}{request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget}";

    /// <summary>
    /// True when the request names this server and not another, where the same key may be known: its public address, or without one a loopback
    /// address with the port that it came to.
    /// </summary>
    public static bool IsForHere(HttpRequest request, Uri? publicAddress) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var named)
        && (publicAddress is null
            ? named.IsLoopback && named.Port == request.HttpContext.Connection.LocalPort
            : named.Authority.Equals(publicAddress.Authority, StringComparison.OrdinalIgnoreCase));

    private static bool Covers(string[] components, HttpRequest request) =>
        components.Contains("@method") && components.Contains("@target-uri") && (HttpMethods.IsGet(request.Method) || components.Contains(ContentDigest));

    private static string? ValueOf(string component, HttpRequest request) => component switch
    {
        "@method" => request.Method,
        "@target-uri" => TargetOf(request),
        "@authority" => request.Host.Value?.ToLowerInvariant(),
        "@scheme" => request.Scheme,
        "@path" => request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0],
        "@query" => request.QueryString.HasValue ? request.QueryString.Value : "?",
        ['@', ..] => null,
        _ => request.Headers.TryGetValue(component, out var values) ? string.Join(", ", values.Select(value => value?.Trim())) : null,
    };

    private static DateTimeOffset? Moment(string? seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var moment) && moment < 1L << 37 ? DateTimeOffset.FromUnixTimeSeconds(moment) : null;

    private static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count) ? bytes[..count] : null;
    }

    [GeneratedRegex("""^(?<label>[a-z*][a-z0-9_.*-]*)=(?<parameters>\((?:"(?<component>[a-z0-9@-]+)" ?)+\)(?:;(?<name>[a-z]+)=(?<value>[0-9]{1,15}|"[\x20-\x21\x23-\x5b\x5d-\x7e]*"))+)$""")]
    private static partial Regex Input { get; }

    [GeneratedRegex("""^(?<label>[a-z*][a-z0-9_.*-]*)=:(?<bytes>[A-Za-z0-9+/=]+):$""")]
    private static partial Regex Value { get; }

    [GeneratedRegex("""(?<algorithm>[a-z0-9-]+)=:(?<bytes>[A-Za-z0-9+/=]+):""")]
    private static partial Regex Digest { get; }
}
