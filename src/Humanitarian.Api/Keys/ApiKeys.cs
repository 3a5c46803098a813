using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Keys;

/// <summary>
/// API keys: 256 random bits behind <c>hum_</c>. The store holds an HMAC of each by a pepper that lies outside the data folder, and over
/// the whole row another: whoever writes into the database without the pepper authenticates nobody.
/// </summary>
public sealed class ApiKeys(ISideStore store, IRandomSource random, TimeProvider time, HumanitarianApiOptions options)
{
    public const string Prefix = "hum_";

    private const int SecretBytes = 32;
    private const int CachedMax = 10_000;

    // So long a key revoked on another silo may still be taken here.
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Hash32, (ApiKey Key, long ReadAt)> cache = new();

    /// <summary>Makes a key. Who may have one is the caller's to judge.</summary>
    /// <param name="expiresAt">Unix milliseconds, or null for never.</param>
    /// <param name="limits">None when absent.</param>
    public async Task<NewApiKey> CreateAsync(
        Id principal, Id organisation, long? expiresAt = null, CredentialLimits? limits = null, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[SecretBytes];
        random.Fill(bytes);
        var secret = Prefix + Base64Url.EncodeToString(bytes);
        var key = new ApiKey(HashOf(secret), principal, organisation, expiresAt ?? long.MaxValue, false, limits ?? CredentialLimits.None);
        return await store.PutAsync(ApiKeyDocument.Of(key, options.Pepper.Span, 0), cancellationToken)
            ? new NewApiKey(secret, key)
            : throw new InvalidOperationException("The random source repeats itself.");
    }

    /// <summary>The key behind a bearer token, or null: unknown, expired, revoked, or a row that nobody with the pepper wrote.</summary>
    public async Task<ApiKey?> AuthenticateAsync(string secret, CancellationToken cancellationToken = default)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal) || secret.Length > 100)
        {
            return null;
        }

        return await LivingAsync(HashOf(secret), cancellationToken);
    }

    /// <summary>The same by the key's hash: for what was made from it.</summary>
    public async Task<ApiKey?> LivingAsync(Hash32 hash, CancellationToken cancellationToken = default) =>
        await CachedAsync(hash, cancellationToken) is { Revoked: false } key && time.GetUtcNow().ToUnixTimeMilliseconds() < key.ExpiresAt ? key : null;

    /// <summary>A key by its hash, or null.</summary>
    public async Task<ApiKey?> FindAsync(Hash32 hash, CancellationToken cancellationToken = default) =>
        await store.FindAsync(ApiKeyDocument.Kind, hash.ToString(), cancellationToken) is { } document
            ? ApiKeyDocument.Read(document, options.Pepper.Span)
            : null;

    /// <summary>Ends a key at once on this silo, within seconds on others. False when there is none.</summary>
    public Task<bool> RevokeAsync(Hash32 hash, CancellationToken cancellationToken = default) =>
        ChangeAsync(hash, key => key with { Revoked = true }, cancellationToken);

    /// <summary>Lets a key end at a time, unless it ends before. False when there is none.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public Task<bool> EndAsync(Hash32 hash, long at, CancellationToken cancellationToken = default) =>
        ChangeAsync(hash, key => key with { ExpiresAt = Math.Min(key.ExpiresAt, at) }, cancellationToken);

    private async Task<bool> ChangeAsync(Hash32 hash, Func<ApiKey, ApiKey> change, CancellationToken cancellationToken)
    {
        while (await store.FindAsync(ApiKeyDocument.Kind, hash.ToString(), cancellationToken) is { } document)
        {
            if (ApiKeyDocument.Read(document, options.Pepper.Span) is not { } key)
            {
                return false;
            }

            if (change(key) is var changed && (changed == key || await store.PutAsync(ApiKeyDocument.Of(changed, options.Pepper.Span, document.Version), cancellationToken)))
            {
                cache.TryRemove(hash, out _);
                return true;
            }
        }

        return false;
    }

    private async Task<ApiKey?> CachedAsync(Hash32 hash, CancellationToken cancellationToken)
    {
        if (cache.TryGetValue(hash, out var known) && time.GetElapsedTime(known.ReadAt) < CachedFor)
        {
            return known.Key;
        }

        var readAt = time.GetTimestamp();
        if (await FindAsync(hash, cancellationToken) is not { } key)
        {
            return null;
        }

        if (cache.Count >= CachedMax)
        {
            cache.Clear();
        }

        cache[hash] = (key, readAt);
        return key;
    }

    private Hash32 HashOf(string secret) => Hash32.FromSpan(HMACSHA256.HashData(options.Pepper.Span, Encoding.UTF8.GetBytes("key\0" + secret)));
}
