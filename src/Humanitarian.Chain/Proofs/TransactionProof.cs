using System.Text.Json;
using System.Text.Json.Serialization;
using Humanitarian.Chain.Blocks;

namespace Humanitarian.Chain.Proofs;

/// <summary>
/// A small file that shows one transaction to stand in a sealed block, for a donor's browser or a stand-alone script. It holds hashes
/// only; with <see cref="Line"/> it also shows one line of a chunk and reveals no other.
/// </summary>
/// <param name="Ledger">The ledger's id.</param>
/// <param name="TypedData">The block's header as wallets take typed data.</param>
/// <param name="Signature">The sealer's, over the typed data.</param>
/// <param name="BlockHash">The typed data's digest.</param>
/// <param name="Leaf">OpenZeppelin leaf: (bytes32 transaction, uint256 position, bytes32 entries).</param>
/// <param name="Proof">Siblings from the leaf to the header's root.</param>
/// <param name="Transaction">The transaction's hash.</param>
/// <param name="Later">That a later head's log holds this block.</param>
public sealed record TransactionProof(
    string Format, int Version, string Ledger, TypedDataJson TypedData, string Signature, string BlockHash, LeafJson Leaf,
    IReadOnlyList<string> Proof, string Transaction, LaterJson? Later = null, LineJson? Line = null)
{
    public const string FormatName = "humanitarian-transaction-proof";
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Null when the text is no proof.</summary>
    public static TransactionProof? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TransactionProof>(json, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>EIP-712 typed data of a header, complete for <c>eth_signTypedData_v4</c>.</summary>
public sealed record TypedDataJson(DomainJson Domain, IReadOnlyDictionary<string, IReadOnlyList<MemberJson>> Types, string PrimaryType, HeaderJson Message)
{
    /// <summary>The typed data of a header of a ledger.</summary>
    public static TypedDataJson Of(LedgerDomain domain, BlockHeader header) => new(
        new DomainJson(LedgerDomain.Name, LedgerDomain.Version, domain.Salt.ToString()),
        new Dictionary<string, IReadOnlyList<MemberJson>>
        {
            ["EIP712Domain"] = [new("name", "string"), new("version", "string"), new("salt", "bytes32")],
            [BlockHeader.Type.Name] = [.. BlockHeader.Type.Members.Select(member => new MemberJson(member.Name, member.Type))],
        },
        BlockHeader.Type.Name,
        HeaderJson.Of(header));
}

public sealed record DomainJson(string Name, string Version, string Salt);

public sealed record MemberJson(string Name, string Type);

/// <summary>A leaf as <c>StandardMerkleTree</c> takes it.</summary>
public sealed record LeafJson(IReadOnlyList<string> Types, IReadOnlyList<string> Values)
{
    public static IReadOnlyList<string> LeafTypes { get; } = ["bytes32", "uint256", "bytes32"];
}

/// <summary>A later head, with RFC 9162 proofs that its log holds the block and continues the log of the block's own header.</summary>
public sealed record LaterJson(TypedDataJson TypedData, string Signature, IReadOnlyList<string> Inclusion, IReadOnlyList<string> Consistency);

/// <summary>One line of a chunk: its leaf, the siblings to the chunk's root, and the transaction's open part, which holds that root.</summary>
/// <param name="Open">The open part's bytes.</param>
/// <param name="ClosedHash">Hash of the closed part.</param>
/// <param name="Leaf">(bytes32 account ‖ household, uint256 amount in minor units, bytes32 salt ‖ zeros).</param>
public sealed record LineJson(string Open, string ClosedHash, string Root, LeafJson Leaf, IReadOnlyList<string> Proof);
