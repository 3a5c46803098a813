using Humanitarian.Api.SecondFactor;

namespace Humanitarian.Host.Configuration;

/// <summary>For whom passkeys are made.</summary>
internal sealed record PasskeySettings
{
    /// <summary>The domain that passkeys belong to, such as <c>example.org</c>; none are made while it is empty.</summary>
    public string RelyingParty { get; init; } = "";

    /// <summary>Origins of the pages that may use them: the domain's own or of names below it.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public PasskeyOptions? Options() => RelyingParty.Length == 0 ? null : new PasskeyOptions(RelyingParty, Origins);

    /// <summary>The first setting that makes no sense and what it should be; null when all do.</summary>
    public string? Wrong() =>
        RelyingParty.Length == 0 ? Origins.Count == 0 ? null : "SignIn:Passkeys:Origins are named but no SignIn:Passkeys:RelyingParty; set it to a domain such as example.org."
        : Uri.CheckHostName(RelyingParty) != UriHostNameType.Dns || RelyingParty.Any(char.IsAsciiLetterUpper)
            ? $"SignIn:Passkeys:RelyingParty is '{RelyingParty}'; write a domain in small letters, such as example.org, without a scheme or a port. An IP address is none."
        : Origins.Count == 0 ? "SignIn:Passkeys:Origins is empty; name the pages that may use passkeys, such as https://console.example.org."
        : Origins.FirstOrDefault(origin => !MayUse(origin)) is { } wrong
            ? $"SignIn:Passkeys:Origins names '{wrong}'; write https://{RelyingParty} or https://NAME.{RelyingParty}, with a port where there is one. Browsers allow plain HTTP for localhost alone."
        : null;

    private bool MayUse(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == origin
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.Host == "localhost"))
        && (uri.Host == RelyingParty || uri.Host.EndsWith($".{RelyingParty}", StringComparison.Ordinal));
}
