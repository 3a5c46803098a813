using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>Where a signature counts (EIP-712). Absent fields are left out of the type; the others keep the standard's order.</summary>
public readonly record struct Eip712Domain(string Name, string Version, ulong? ChainId, Address? VerifyingContract, Hash32? Salt)
{
    /// <summary>Computed at each call: keep it where many digests share a domain.</summary>
    public Hash32 Separator
    {
        get
        {
            List<(string, string)> members = [("name", "string"), ("version", "string")];
            List<object> values = [Name, Version];
            if (ChainId is { } chainId) Add("chainId", "uint256", chainId);
            if (VerifyingContract is { } contract) Add("verifyingContract", "address", contract);
            if (Salt is { } salt) Add("salt", "bytes32", salt);
            return new TypedStruct("EIP712Domain", [.. members]).HashStruct([.. values]);

            void Add(string name, string type, object value)
            {
                members.Add((name, type));
                values.Add(value);
            }
        }
    }
}

/// <summary>Typed structured data, as wallets and contracts hash it before they sign or recover.</summary>
public static class Eip712
{
    /// <summary>keccak256(0x1901 ‖ domain separator ‖ struct hash).</summary>
    public static Hash32 Digest(Hash32 domainSeparator, Hash32 structHash)
    {
        Span<byte> bytes = stackalloc byte[2 + 2 * Hash32.Size];
        bytes[0] = 0x19;
        bytes[1] = 0x01;
        domainSeparator.CopyTo(bytes[2..]);
        structHash.CopyTo(bytes[(2 + Hash32.Size)..]);
        return Keccak.Hash(bytes);
    }
}
