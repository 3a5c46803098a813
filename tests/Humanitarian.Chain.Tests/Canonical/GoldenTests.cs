using System.Runtime.CompilerServices;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Canonical;

/// <summary>
/// The bytes of encoding version 1, kept in <c>Golden/</c>: they never change. After adding a kind, write its file with
/// <c>HUMANITARIAN_GOLDEN=write dotnet run -c Release --project tests/Humanitarian.Chain.Tests -- -class "*GoldenTests"</c>, which
/// writes only files that are missing.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<TransactionKind> Kinds => [.. Enum.GetValues<TransactionKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_transaction_has_the_bytes_it_always_had(TransactionKind kind)
    {
        var encoded = TransactionCodec.Encode(Arbitrary.Full(kind));
        Compare(
            kind.ToString(),
            $"open {Convert.ToHexStringLower(encoded.Open.Span)}\nclosed {Convert.ToHexStringLower(encoded.Closed!.Value.Span)}\nhash {encoded.Hash()}\n");
    }

    [Fact]
    public void A_block_has_the_bytes_it_always_had()
    {
        var ledger = ChainBuilder.IdOf("golden ledger");
        var key = Keccak.Hash("golden key"u8).ToArray();
        OrderedTransaction[] transactions =
        [
            new(TransactionCodec.Encode(Arbitrary.Full(TransactionKind.Receipt)), ChainBuilder.IdOf("salt 1"), [1, 300]),
            new(TransactionCodec.Encode(Arbitrary.Full(TransactionKind.Transfer)) with { Closed = null }, ChainBuilder.IdOf("salt 2"), [2]),
        ];
        var header = new BlockHeader(
            7, ChainBuilder.EvidenceOf("previous"), BlockTree.Root([transactions[0].Leaf(0), transactions[1].Leaf(1)]), 2, 1_790_000_000_000,
            ChainBuilder.IdOf("epoch"), 7, ChainBuilder.EvidenceOf("log"), Secp256k1.AddressOf(key));
        var hash = header.Hash(new LedgerDomain(ledger));
        var block = new Block(header, Secp256k1.Sign(key, hash), transactions);
        Compare("Block", $"ledger {ledger}\nblock {Convert.ToHexStringLower(BlockCodec.Encode(block))}\nhash {hash}\n");
    }

    private static void Compare(string name, string text, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden", name + ".txt");
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("HUMANITARIAN_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Assert.Equal(File.ReadAllText(file), text);
    }
}
