using System.Text.Json;
using System.Text.Json.Serialization;
using Humanitarian.Domain;

namespace Humanitarian.Grains.Disbursements;

/// <summary>JSON of side documents: ids as their 32 digits.</summary>
internal static class Json
{
    public static JsonSerializerOptions Options { get; } = new() { Converters = { new IdConverter() } };

    private sealed class IdConverter : JsonConverter<Id>
    {
        public override Id Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Id.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("An id is 32 hexadecimal digits.");

        public override void Write(Utf8JsonWriter writer, Id value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
