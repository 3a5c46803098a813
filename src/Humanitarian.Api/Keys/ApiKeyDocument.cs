using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Keys;

/// <summary>The stored form of a key: its row with an HMAC by the pepper over everything that decides.</summary>
internal sealed record ApiKeyDocument(string Principal, string Organisation, long ExpiresAt, bool Revoked, string Mac, CredentialLimits? Limits = null)
{
    public const string Kind = "apikey";

    public static SideDocument Of(ApiKey key, ReadOnlySpan<byte> pepper, long version)
    {
        var row = new ApiKeyDocument(
            key.Principal.ToString(), key.Organisation.ToString(), key.ExpiresAt, key.Revoked, Convert.ToHexStringLower(MacOf(key, pepper)),
            key.Limits.AreNone ? null : key.Limits);
        return new SideDocument(Kind, key.Hash.ToString(), row.Organisation, version, JsonSerializer.Serialize(row));
    }

    /// <summary>The key, or null when the row was not written by someone with the pepper.</summary>
    public static ApiKey? Read(SideDocument document, ReadOnlySpan<byte> pepper)
    {
        try
        {
            return JsonSerializer.Deserialize<ApiKeyDocument>(document.Json) is { } row
                && Hash32.TryParse(document.Key, out var hash) && Id.TryParse(row.Principal, out var principal)
                && Id.TryParse(row.Organisation, out var organisation)
                && new ApiKey(hash, principal, organisation, row.ExpiresAt, row.Revoked, row.Limits ?? CredentialLimits.None) is var key
                && CryptographicOperations.FixedTimeEquals(MacOf(key, pepper), Convert.FromHexString(row.Mac))
                    ? key
                    : null;
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    private static byte[] MacOf(ApiKey key, ReadOnlySpan<byte> pepper)
    {
        Span<byte> row = stackalloc byte[4 + Hash32.Size + (2 * Id.Size) + 8 + 1];
        "row\0"u8.CopyTo(row);
        key.Hash.CopyTo(row[4..]);
        key.Principal.CopyTo(row[36..]);
        key.Organisation.CopyTo(row[52..]);
        BinaryPrimitives.WriteInt64BigEndian(row[68..], key.ExpiresAt);
        row[76] = key.Revoked ? (byte)1 : (byte)0;
        return HMACSHA256.HashData(pepper, key.Limits.AreNone ? row : [.. row, .. JsonSerializer.SerializeToUtf8Bytes(key.Limits)]);
    }
}
