using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Humanitarian.Api.Provider;

/// <summary>What a proven token of the own provider stands for. It ends with what it was given for: the passphrase or the API key.</summary>
internal sealed class OwnTokens(ApiKeys keys, Passphrases passphrases)
{
    /// <summary>Claim with the stamp of the passphrase that was shown.</summary>
    public const string Passphrase = "passphrase_stamp";

    /// <summary>Claim with the id of the API key that was shown.</summary>
    public const string Key = "api_key_id";

    /// <param name="name">Tells the token from others.</param>
    /// <param name="lives">False once it has expired.</param>
    public async Task<Credential?> FindAsync(JsonWebToken token, string name, Func<bool> lives, CancellationToken cancellationToken)
    {
        if (!Id.TryParse(token.Subject, out var member))
        {
            return null;
        }

        if (token.TryGetPayloadValue<string>(Key, out var keyId))
        {
            return Hash32.TryParse(keyId, out var hash) && await keys.LivingAsync(hash, cancellationToken) is { } key && key.Principal == member
                ? new Credential(member, key.Organisation, name, key.Limits, async cancel => lives() && await keys.LivingAsync(hash, cancel) is not null)
                : null;
        }

        return token.TryGetPayloadValue<string>(Passphrase, out var stamp)
            && await passphrases.FindAsync(member, cancellationToken) is { } set && set.Value.Stamp() == stamp && Id.TryParse(set.Owner, out var organisation)
                ? new Credential(
                    member, organisation, name, CredentialLimits.None,
                    async cancel => lives() && await passphrases.FindAsync(member, cancel) is { } still && still.Value.Stamp() == stamp)
                : null;
    }
}
