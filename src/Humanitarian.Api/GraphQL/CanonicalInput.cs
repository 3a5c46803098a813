using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Humanitarian.Domain;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// The content that an idempotency key is bound to: SHA-256 over the operation's name, a zero byte and the input as JSON without white
/// space, members sorted by name, absent ones left out, idempotency key and signature left out.
/// </summary>
internal static class CanonicalInput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JsonStringEnumConverter(), new TextConverter<Id>(), new TextConverter<Hash32>(), new TextConverter<Address>(), new TextConverter<Signature>(),
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { SortMembers } },
    };

    public static Hash32 Hash(MutationInput input)
    {
        var type = input.GetType();
        byte[] content = [.. Encoding.UTF8.GetBytes(type.Name), 0, .. JsonSerializer.SerializeToUtf8Bytes(input, type, Options)];
        return Hash32.FromSpan(SHA256.HashData(content));
    }

    private static void SortMembers(JsonTypeInfo type)
    {
        var order = 0;
        foreach (var member in type.Properties.OrderBy(member => member.Name, StringComparer.Ordinal).ToArray())
        {
            member.Order = order++;
        }
    }

    private sealed class TextConverter<T> : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

internal static class IdempotencyKey
{
    /// <summary>Most bytes of a key in UTF-8.</summary>
    public const int BytesMax = 255;

    public static Refusal? Refuse(string key) =>
        key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= BytesMax
            ? null
            : new Refusal(RefusalCode.IdempotencyKeyInvalid, "An idempotency key has 1 to 255 bytes; make a new random one for each intention.", "idempotencyKey");
}
