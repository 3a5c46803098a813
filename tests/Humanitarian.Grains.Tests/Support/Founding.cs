using System.Collections.Concurrent;
using System.Text;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Grains.Tests.Support;

/// <summary>A ledger's keys and genesis, all following from names so that runs repeat.</summary>
public sealed class Founding
{
    // Tests that run side by side share one founding.
    private readonly ConcurrentDictionary<Id, byte[]> keys = [];

    public Founding(long now = 1_790_000_000_000, string ledger = "ledger")
    {
        Identity = new LedgerIdentity(IdOf(ledger), new ClaimKey(KeyOf("claims")));
        Sealer = new BlockSealer(KeyOf("sealer"));
        Now = now;
    }

    public LedgerIdentity Identity { get; }

    public BlockSealer Sealer { get; }

    public long Now { get; }

    public Id OperatorOrganisation { get; } = IdOf("operator");

    public Id Administrator { get; } = IdOf("administrator");

    public static Id IdOf(string name) => Id.FromBytes(Keccak.Hash(Encoding.UTF8.GetBytes("id " + name)).ToArray());

    public static byte[] KeyOf(string name) => Keccak.Hash(Encoding.UTF8.GetBytes("key " + name)).ToArray();

    /// <summary>The address of a member's or device's key, which can sign from now on.</summary>
    public Address AddressOf(Id member)
    {
        var key = KeyOf(member.ToString());
        keys[member] = key;
        return Secp256k1.AddressOf(key);
    }

    public Signature Sign(Id member, Hash32 digest) => Secp256k1.Sign(keys[member], digest);

    public Signature Sign(Id member, DecisionToSign decision) => Sign(member, SignedObjects.Digest(Identity.Domain, decision));

    /// <summary>Puts the genesis block into an empty store.</summary>
    public async Task FoundAsync(IBlockStore blocks)
    {
        var record = new LedgerRecord(
            Identity.Ledger, "Test ledger", Sealer.Address, [Secp256k1.AddressOf(KeyOf("recovery"))], 1, Keccak.Hash(Identity.ClaimKey.Export()), Now);
        var genesis = TransactionCodec.Encode(Genesis.Make(
            record,
            new OrganisationRecord(OperatorOrganisation, "Operator", OrganisationKind.Association, true, true),
            new MemberRecord(Administrator, OperatorOrganisation, AddressOf(Administrator), Roles.Operator | Roles.Administrator, true)));
        var ordered = new OrderedTransaction(genesis, IdOf("salt"), []);
        var header = new BlockHeader(0, Hash32.Zero, BlockTree.Root([ordered.Leaf(0)]), 1, Now, IdOf("epoch 0"), 0, LogTree.EmptyRoot, Sealer.Address);
        var hash = header.Hash(Identity.Domain);
        await blocks.AppendAsync(new StoredBlock(0, hash, Hash32.Zero, BlockCodec.Encode(new Block(header, Sealer.Sign(hash), [ordered]))));
    }
}
