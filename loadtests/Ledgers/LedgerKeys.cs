using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>The keys of a ledger under load and of everybody who signs on it.</summary>
internal sealed class LedgerKeys
{
    private const Roles AllRoles = (Roles)511;

    public LedgerIdentity Identity { get; } = new(Names.IdOf("ledger"), new ClaimKey(Names.KeyOf("claims")));

    public BlockSealer Sealer { get; } = new(Names.KeyOf("sealer"));

    public static Signature Sign(Id signer, Hash32 digest) => Secp256k1.Sign(Names.KeyOf(signer.ToString()), digest);

    public static Address AddressOf(Id signer) => Secp256k1.AddressOf(Names.KeyOf(signer.ToString()));

    public static MemberRecord Member(Id id, Id organisation, Roles roles) => new(id, organisation, AddressOf(id), roles, true);

    /// <summary>One organisation plays every part, which its genesis allows.</summary>
    public Transaction Genesis(long now) => Domain.Ledgers.Genesis.Make(
        new LedgerRecord(
            Identity.Ledger, "Load", Sealer.Address, [Secp256k1.AddressOf(Names.KeyOf("recovery"))], 1, Keccak.Hash(Identity.ClaimKey.Export()), now),
        new OrganisationRecord(Names.Operator, "Operator", OrganisationKind.Ngo, false, true),
        Member(Names.Administrator, Names.Operator, AllRoles));

    public Signature Sign(Id member, ToSign words) =>
        Sign(member, SignedObjects.Digest(Identity.Domain, new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion)));
}
