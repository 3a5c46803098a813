using System.Security.Cryptography;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// ECDSA over secp256k1 as Ethereum uses it: deterministic nonces (RFC 6979 with SHA-256), s at most half the order,
/// recoverable. Runs on libsecp256k1 where the system has it and on BouncyCastle elsewhere, with identical bytes.
/// </summary>
public static class Secp256k1
{
    /// <summary>The number of points, n: private keys, r and s lie between 1 and n − 1 (SEC 2, section 2.4.1).</summary>
    internal static readonly Hash32 Order = Hash32.Parse("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    internal static readonly Hash32 HalfOrder = Hash32.Parse("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

    private static readonly ISecp256k1 Curve = NativeSecp256k1.TryLoad() ?? (ISecp256k1)new PortableSecp256k1();

    /// <summary>"libsecp256k1" or "BouncyCastle".</summary>
    public static string Backend => Curve.Name;

    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static Signature Sign(ReadOnlySpan<byte> privateKey32, Hash32 digest) => Sign(Curve, privateKey32, digest);

    /// <summary>
    /// The address whose key signed the digest. Null when r or s is zero or not below the order, s is above half the order,
    /// v is neither 27 nor 28, or no key fits.
    /// </summary>
    public static Address? Recover(Hash32 digest, Signature signature) => Recover(Curve, digest, signature);

    public static bool Verify(Hash32 digest, Signature signature, Address signer) => Recover(digest, signature) == signer;

    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static Address AddressOf(ReadOnlySpan<byte> privateKey32) => AddressOfPublicKey(PublicKey(privateKey32));

    /// <summary>x and y of the public point, 64 bytes.</summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey32) => PublicKey(Curve, privateKey32);

    /// <summary>Whether these are 32 bytes that, read as a number, lie between 1 and n − 1.</summary>
    public static bool IsValidPrivateKey(ReadOnlySpan<byte> privateKey32)
    {
        if (privateKey32.Length != Hash32.Size) return false;
        var key = Hash32.FromSpan(privateKey32);
        return !key.IsZero && key < Order;
    }

    internal static Signature Sign(ISecp256k1 curve, ReadOnlySpan<byte> privateKey32, Hash32 digest)
    {
        RequireKey(privateKey32);
        Span<byte> compact = stackalloc byte[64];
        var recoveryId = curve.Sign(privateKey32, digest, compact);

        // Ids 2 and 3 mean that the nonce point's x was not below the order, which no digest is known to bring about.
        if (recoveryId > 1) throw new CryptographicException("The signature has no 65-byte form.");
        return new(Hash32.FromSpan(compact[..32]), Hash32.FromSpan(compact[32..]), (byte)(27 + recoveryId));
    }

    internal static Address? Recover(ISecp256k1 curve, Hash32 digest, Signature signature)
    {
        var (r, s, v) = signature;
        if (v is not (27 or 28)) return null;
        if (r.IsZero || r >= Order) return null;
        if (s.IsZero || s > HalfOrder) return null;

        Span<byte> publicKey = stackalloc byte[64];
        return curve.TryRecover(digest, signature, publicKey) ? AddressOfPublicKey(publicKey) : null;
    }

    internal static byte[] PublicKey(ISecp256k1 curve, ReadOnlySpan<byte> privateKey32)
    {
        RequireKey(privateKey32);
        var publicKey = new byte[64];
        curve.PublicKey(privateKey32, publicKey);
        return publicKey;
    }

    private static Address AddressOfPublicKey(ReadOnlySpan<byte> publicKey64)
    {
        Span<byte> digest = stackalloc byte[Hash32.Size];
        Keccak.Hash(publicKey64, digest);
        return Address.FromSpan(digest[12..]);
    }

    private static void RequireKey(ReadOnlySpan<byte> privateKey32)
    {
        if (!IsValidPrivateKey(privateKey32)) throw new ArgumentException("Not a secp256k1 private key.", nameof(privateKey32));
    }
}

/// <summary>The arithmetic of one backend. Callers have already checked that keys, r and s are in range, s low and v 27 or 28.</summary>
internal interface ISecp256k1
{
    string Name { get; }

    void PublicKey(ReadOnlySpan<byte> privateKey32, Span<byte> publicKey64);

    /// <summary>Writes r and a low s; returns the recovery id.</summary>
    int Sign(ReadOnlySpan<byte> privateKey32, Hash32 digest, Span<byte> compact64);

    bool TryRecover(Hash32 digest, Signature signature, Span<byte> publicKey64);
}
