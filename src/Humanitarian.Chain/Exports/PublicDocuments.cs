using System.Text.Json;
using Humanitarian.Chain.Blocks;

namespace Humanitarian.Chain.Exports;

/// <summary>First line of a public export.</summary>
/// <param name="K">Fewest movements, and fewest persons' accounts, of which a sum is told.</param>
public sealed record PublicStart(string Format, int Version, int K)
{
    public const string FormatName = "humanitarian-public-export";
}

/// <summary>One block of a public export.</summary>
public sealed record PublicBlock(HeaderJson Header, string Signature, IReadOnlyList<PublicTransaction> Transactions);

/// <summary>A transaction of a public export: its whole open part when it touches no person, else its hash alone.</summary>
/// <param name="Entries">Hash of the entry numbers.</param>
/// <param name="Open">The open part's bytes; its closed part is empty.</param>
/// <param name="Hash">Hash of a transaction that has a closed part.</param>
public sealed record PublicTransaction(string Entries, string? Open = null, string? Hash = null);

/// <summary>What passed through persons' accounts on one UTC day, of one kind, in one program and unit.</summary>
public sealed record PublicCell(string Kind, string Program, string Unit, string Day, long Count, string SumMinor);

/// <summary>The small cells of a unit taken together.</summary>
public sealed record PublicOther(string Unit, long Count, string SumMinor);

/// <summary>The sums, after the last block.</summary>
/// <param name="WithheldCells">Cells that are too small to tell even when taken together.</param>
/// <param name="UncountedTransactions">Transactions whose closed parts are deleted, so that nobody can count their persons.</param>
public sealed record PublicSums(IReadOnlyList<PublicCell> Cells, IReadOnlyList<PublicOther> Other, int WithheldCells, long UncountedTransactions);

/// <summary>Last line: how much stands before it, and the SHA-256 of all bytes before it.</summary>
public sealed record PublicEnd(ulong Blocks, long Transactions, string Sha256);

internal static class PublicJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
    };
}
