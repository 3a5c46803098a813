using System.Net;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.SignIn;

namespace Humanitarian.Api.Keys;

/// <summary>Knows bearer credentials: API keys, tokens of identity providers, and those of beneficiaries.</summary>
internal sealed class Credentials(ApiKeys keys, Tokens tokens, PersonTokens persons)
{
    private const string Scheme = "Bearer ";

    /// <param name="authorization">As in the header of this name.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>Null unless it counts, here and now and from there.</returns>
    public async Task<Credential?> FindAsync(string? authorization, IPAddress? from, CancellationToken cancellationToken)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        var secret = authorization[Scheme.Length..].Trim();
        var found = secret.StartsWith(ApiKeys.Prefix, StringComparison.Ordinal)
            ? await KeyAsync(secret, cancellationToken)
            : await persons.FindAsync(secret) ?? await tokens.FindAsync(secret, cancellationToken);
        return found?.Limits.AllowFrom(from) == true ? found : null;
    }

    private async Task<Credential?> KeyAsync(string secret, CancellationToken cancellationToken) =>
        await keys.AuthenticateAsync(secret, cancellationToken) is { } key
            ? new Credential(
                key.Principal, key.Organisation, key.Hash.ToString(), key.Limits, async cancel => await keys.AuthenticateAsync(secret, cancel) is not null)
            : null;
}
