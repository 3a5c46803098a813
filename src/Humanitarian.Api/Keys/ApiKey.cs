using Humanitarian.Domain;

namespace Humanitarian.Api.Keys;

/// <summary>An API key as it is stored: who it stands for, never the key.</summary>
/// <param name="Hash">HMAC-SHA-256 of the key by the pepper; names the key in lists and for revocation.</param>
/// <param name="Principal">The member or service account it stands for.</param>
/// <param name="ExpiresAt">Unix milliseconds; <see cref="long.MaxValue"/> for never.</param>
/// <param name="Limits">What it may be used for and from where.</param>
public sealed record ApiKey(Hash32 Hash, Id Principal, Id Organisation, long ExpiresAt, bool Revoked, CredentialLimits Limits);

/// <summary>A key just made. <see cref="Secret"/> is shown this once and kept nowhere.</summary>
public sealed record NewApiKey(string Secret, ApiKey Key)
{
    /// <summary>Without the secret: a record's generated text would put it in logs.</summary>
    public override string ToString() => Key.Hash.ToString();
}
