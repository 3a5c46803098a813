using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Humanitarian.Chain.Crypto;

/// <summary>Signatures of RFC 8032, as machines sign their requests.</summary>
public static class Ed25519Signature
{
    public const int PublicKeyBytes = 32;
    public const int Bytes = 64;

    /// <summary>True for a public key that is a point of the curve in its only writing.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> publicKey) => publicKey.Length == PublicKeyBytes && Ed25519.ValidatePublicKeyFull(publicKey.ToArray(), 0);

    /// <summary>False also for keys and signatures of other lengths.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeyBytes && signature.Length == Bytes
        && Ed25519.Verify(signature.ToArray(), 0, publicKey.ToArray(), 0, message.ToArray(), 0, message.Length);
}
