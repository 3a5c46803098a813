using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Blocks;

/// <summary>A block's header with its signature, small enough to keep: what a verifier remembers of a chain.</summary>
public sealed record SignedHead(Id Ledger, BlockHeader Header, Signature Signature)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>The block's hash.</summary>
    public Hash32 Hash() => Header.Hash(new LedgerDomain(Ledger));

    /// <summary>Whether the signature is by the key of the address that the header names as its sealer.</summary>
    public bool IsSigned() => Secp256k1.Verify(Hash(), Signature, Header.Sealer);

    public string ToJson() => JsonSerializer.Serialize(
        new Document(Ledger.ToString(), Header.Height, Hash().ToString(), HeaderJson.Of(Header), Signature.ToString()), Options);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null when it is no head, contradicts itself or is not signed by its sealer.</summary>
    public static SignedHead? FromJson(string json)
    {
        try
        {
            if (JsonSerializer.Deserialize<Document>(json, Options) is not { } document
                || !Id.TryParse(document.Ledger, out var ledger) || !Signature.TryParse(document.Signature, out var signature))
            {
                return null;
            }

            var head = new SignedHead(ledger, document.Header.ToHeader(), signature);
            return head.Header.Height == document.Height && head.Hash().ToString() == document.Hash && head.IsSigned() ? head : null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private sealed record Document(string Ledger, ulong Height, string Hash, HeaderJson Header, string Signature);
}
