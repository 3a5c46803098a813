using BenchmarkDotNet.Attributes;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.Benchmarks;

/// <summary>What one transfer costs on its way into a block: rules, encoding, hashing, tree, seal.</summary>
[MemoryDiagnoser]
public class ChainBenchmarks
{
    private const int LeavesInBlock = 5_000;
    private readonly Samples samples = new();
    private readonly byte[] key = Names.KeyOf("signer");
    private Transaction transfer = null!;
    private EncodedTransaction encoded = null!;
    private OrderedTransaction ordered = null!;
    private Hash32[] leaves = [];
    private byte[] block = [];
    private Signature signature;
    private Address signer;

    [GlobalSetup]
    public void Setup()
    {
        transfer = samples.Decide(1);
        encoded = TransactionCodec.Encode(transfer);
        ordered = new OrderedTransaction(encoded, Names.IdOf("salt"), [1, 2]);
        leaves = [.. Enumerable.Range(0, LeavesInBlock).Select(number => Names.Hash(number))];
        block = BlockCodec.Encode(samples.Block(1, 0, LeavesInBlock).Block);
        signature = Secp256k1.Sign(key, Names.Hash(1));
        signer = Secp256k1.AddressOf(key);
    }

    [Benchmark]
    public object DecideATransfer() => samples.Decide(1);

    [Benchmark]
    public object? CheckATransfer() => samples.State.Check(transfer, samples.Keys.Identity.ClaimKey);

    [Benchmark]
    public object EncodeATransfer() => TransactionCodec.Encode(transfer);

    [Benchmark]
    public object DecodeATransfer() => TransactionCodec.Decode(encoded);

    [Benchmark]
    public Hash32 HashATransfer() => new EncodedTransaction(encoded.Open, encoded.Closed, encoded.ClosedHash).Hash();

    [Benchmark]
    public Hash32 LeafOfATransfer() => ordered.Leaf(7);

    [Benchmark]
    public Hash32 MerkleRootOf5000Leaves() => OzTree.Root(leaves);

    [Benchmark]
    public object MerkleProofAmong5000Leaves() => OzTree.Proof(leaves, 77);

    [Benchmark]
    public object DecodeABlockOf5000() => BlockCodec.Decode(block);

    [Benchmark]
    public Signature Sign() => Secp256k1.Sign(key, Names.Hash(1));

    [Benchmark]
    public bool VerifyASignature() => Secp256k1.Verify(Names.Hash(1), signature, signer);
}
