using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Jobs;

/// <summary>Signs EIP-712 typed data from its JSON alone, as any wallet does. Each name has a key of its own.</summary>
internal sealed class Wallet(Founding founding)
{
    private readonly Dictionary<string, Id> signers = new() { ["OPERATOR"] = founding.Administrator };

    /// <summary>Takes a key that somebody has already.</summary>
    public void Take(string name, Id signer) => signers[name] = signer;

    public string AddressOf(string name) => founding.AddressOf(SignerOf(name)).ToChecksumText();

    public string Sign(string name, string json)
    {
        var data = JsonDocument.Parse(json).RootElement;
        var digest = Eip712.Digest(HashOf(data, "EIP712Domain", data.GetProperty("domain")), HashOf(data, data.GetProperty("primaryType").GetString()!, data.GetProperty("message")));
        return founding.Sign(SignerOf(name), digest).ToString();
    }

    private Id SignerOf(string name) => signers.TryGetValue(name, out var signer) ? signer : signers[name] = Founding.IdOf($"jobs {name}");

    private static Hash32 HashOf(JsonElement data, string type, JsonElement values)
    {
        (string Name, string Type)[] members =
            [.. data.GetProperty("types").GetProperty(type).EnumerateArray().Select(member => (member.GetProperty("name").GetString()!, member.GetProperty("type").GetString()!))];
        return new TypedStruct(type, members).HashStruct([.. members.Select(member => Value(member.Type, values.GetProperty(member.Name).GetString()!))]);
    }

    private static object Value(string type, string text) => type switch
    {
        "string" => text,
        "bytes32" => Hash32.Parse(text),
        _ => BigInteger.Parse(text, CultureInfo.InvariantCulture),
    };
}
