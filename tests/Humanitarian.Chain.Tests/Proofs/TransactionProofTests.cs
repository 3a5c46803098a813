using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Proofs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Proofs;

public sealed class TransactionProofTests
{
    private static readonly Lazy<ChainBuilder> Whole = new(() => Story.Whole().Chain);

    private static ChainBuilder Chain => Whole.Value;

    /// <summary>A proof of the first chunk, with its third line and the last head.</summary>
    internal static TransactionProof OfChunk(ChainBuilder chain)
    {
        var block = chain.Blocks.First(block => block.Transactions.Any(IsChunk));
        var position = block.Transactions.ToList().FindIndex(IsChunk);
        var encoded = block.Transactions[position].Transaction;
        var head = new SignedHead(chain.Ledger, chain.Blocks[^1].Header, chain.Blocks[^1].Signature);
        return TransactionProofs.Make(chain.Ledger, block, position)
            .WithLine(encoded, TransactionCodec.Decode(encoded).Chunk!.Lines, 2)
            .WithLater([.. chain.Blocks.Select(b => b.Header.Hash(chain.Domain))], head);
    }

    [Fact]
    public void Every_transaction_of_a_chain_can_be_proved()
    {
        var hashes = Chain.Blocks.Select(block => block.Header.Hash(Chain.Domain)).ToArray();
        foreach (var block in Chain.Blocks)
        {
            for (var position = 0; position < block.Transactions.Count; position++)
            {
                var proof = TransactionProofs.Make(Chain.Ledger, block, position);
                Assert.Null(TransactionProofs.FaultOf(proof, block.Header.Sealer));
                foreach (var later in Chain.Blocks.Where(later => later.Header.Height > block.Header.Height))
                {
                    Assert.Null(TransactionProofs.FaultOf(proof.WithLater(hashes, new SignedHead(Chain.Ledger, later.Header, later.Signature))));
                }
            }
        }
    }

    [Fact]
    public void A_proof_survives_its_file()
    {
        var json = OfChunk(Chain).ToJson();
        var read = TransactionProof.FromJson(json)!;
        Assert.Null(TransactionProofs.FaultOf(read));
        Assert.Equal(json, read.ToJson());
    }

    [Fact]
    public void A_proof_by_another_sealer_is_refused() =>
        Assert.Contains("another sealer", TransactionProofs.FaultOf(OfChunk(Chain), Chain.AddressOf("thief")), StringComparison.Ordinal);

    [Fact]
    public void A_line_proof_tells_no_other_line()
    {
        var json = OfChunk(Chain).ToJson();
        Assert.Contains(Story.Account(2).ToString(), json, StringComparison.Ordinal);
        Assert.All(
            Enumerable.Range(0, Story.Beneficiaries).Where(i => i != 2),
            i => Assert.DoesNotContain(Story.Account(i).ToString(), json, StringComparison.Ordinal));
    }

    [Fact]
    public void A_changed_digit_anywhere_is_no_proof()
    {
        var json = OfChunk(Chain).ToJson();
        const int seed = 5;
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
        {
            var place = random.Next(json.Length);
            if (!char.IsAsciiHexDigitLower(json[place]) || json[place - 1] == 'x')
            {
                continue;
            }

            var changed = json.Remove(place, 1).Insert(place, json[place] == '7' ? "3" : "7");
            Assert.False(TransactionProof.FromJson(changed) is { } proof && TransactionProofs.Verify(proof), $"seed {seed}, place {place}");
        }
    }

    private static bool IsChunk(OrderedTransaction ordered) => TransactionCodec.Decode(ordered.Transaction).Kind == TransactionKind.DisbursementChunk;
}
