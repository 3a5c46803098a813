using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Keys;

/// <summary>A row whose seal holds.</summary>
/// <param name="Version">For the next write.</param>
internal sealed record Sealed<T>(string Key, string Owner, long Version, T Value);

/// <summary>
/// Credentials beside API keys, in the side store. Each row has an HMAC by the pepper over all that decides: whoever writes into the
/// database without the pepper authenticates nobody.
/// </summary>
internal sealed class SealedDocuments(ISideStore store, HumanitarianApiOptions options)
{
    /// <summary>A row, or null: there is none, or nobody with the pepper wrote it.</summary>
    public async Task<Sealed<T>?> FindAsync<T>(string kind, string key, CancellationToken cancellationToken)
        where T : class => await store.FindAsync(kind, key, cancellationToken) is { } document ? Read<T>(document) : null;

    /// <summary>Writes a row whose stored version is the given one (0: if there is none); false when it is not.</summary>
    public Task<bool> PutAsync<T>(string kind, string key, string owner, long version, T value, CancellationToken cancellationToken)
        where T : class
    {
        var content = JsonSerializer.Serialize(value);
        var row = new Row(content, Convert.ToHexStringLower(MacOf(kind, key, owner, content)));
        return store.PutAsync(new SideDocument(kind, key, owner, version, JsonSerializer.Serialize(row)), cancellationToken);
    }

    /// <summary>Writes a row anew from what it is, null for none; one whose seal does not hold counts as none.</summary>
    /// <param name="change">Answers what is written, or null to leave it as it is. May be called again.</param>
    /// <returns>What was written.</returns>
    public async Task<T?> ChangeAsync<T>(string kind, string key, string owner, Func<T?, T?> change, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var document = await store.FindAsync(kind, key, cancellationToken);
            if (change(document is null ? null : Read<T>(document)?.Value) is not { } next)
            {
                return null;
            }

            if (await PutAsync(kind, key, owner, document?.Version ?? 0, next, cancellationToken))
            {
                return next;
            }
        }
    }

    public Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken) => store.DeleteAsync(kind, key, cancellationToken);

    /// <summary>The rows of an owner, ordered by key; those whose seal does not hold are left out.</summary>
    public Task<IReadOnlyList<Sealed<T>>> ListAsync<T>(string kind, string owner, int limit, CancellationToken cancellationToken)
        where T : class => ListAsync<T>(kind, owner, null, limit, cancellationToken);

    /// <summary>The same after a key.</summary>
    public async Task<IReadOnlyList<Sealed<T>>> ListAsync<T>(string kind, string owner, string? after, int limit, CancellationToken cancellationToken)
        where T : class => [.. (await store.ListAsync(kind, owner, after, limit, cancellationToken)).Select(Read<T>).OfType<Sealed<T>>()];

    /// <summary>A key that tells nobody without the pepper what it was made of.</summary>
    public string KeyOf(params string[] parts) => Convert.ToHexStringLower(Mac("key", parts));

    private Sealed<T>? Read<T>(SideDocument document)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<Row>(document.Json) is { } row
                && CryptographicOperations.FixedTimeEquals(MacOf(document.Kind, document.Key, document.Owner, row.Content), Convert.FromHexString(row.Mac))
                && JsonSerializer.Deserialize<T>(row.Content) is { } value
                    ? new Sealed<T>(document.Key, document.Owner, document.Version, value)
                    : null;
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    private byte[] MacOf(string kind, string key, string owner, string content) => Mac("sealed", kind, key, owner, content);

    /// <summary>Over the lengths too, so that no two lists of parts are one.</summary>
    private byte[] Mac(string purpose, params string[] parts) => HMACSHA256.HashData(
        options.Pepper.Span, [.. Encoding.UTF8.GetBytes(purpose), 0, .. JsonSerializer.SerializeToUtf8Bytes(parts)]);

    private sealed record Row(string Content, string Mac);
}
