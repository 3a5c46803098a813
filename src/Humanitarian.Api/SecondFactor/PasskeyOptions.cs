namespace Humanitarian.Api.SecondFactor;

/// <summary>For whom passkeys are made. A browser gives an answer to pages of these origins alone.</summary>
/// <param name="RelyingParty">The domain that passkeys belong to, such as <c>example.org</c>; another one later makes them all useless.</param>
/// <param name="Origins">Origins of the pages that may use them, such as <c>https://console.example.org</c>.</param>
public sealed record PasskeyOptions(string RelyingParty, IReadOnlyList<string> Origins);
