using System.Diagnostics.CodeAnalysis;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Keys;

/// <summary>A private key of 32 bytes, which the caller should zero after use, or why there is none (<see cref="KeystoreRefusals"/>).</summary>
public sealed record KeystoreResult
{
    private KeystoreResult()
    {
    }

    public byte[]? PrivateKey { get; private init; }

    public Refusal? Refusal { get; private init; }

    [MemberNotNullWhen(true, nameof(PrivateKey))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsOpened => PrivateKey is not null;

    internal static KeystoreResult Opened(byte[] privateKey) => new() { PrivateKey = privateKey };

    internal static KeystoreResult Refused(Refusal refusal) => new() { Refusal = refusal };
}

/// <summary>Why a key file does not open.</summary>
public static class KeystoreRefusals
{
    /// <summary>The check value does not fit. The format cannot tell a wrong password from an altered ciphertext.</summary>
    public static Refusal WrongPassword { get; } =
        new("KEYSTORE_WRONG_PASSWORD", "The password does not open this key file, or the file was altered. Check the password file.");

    public static Refusal UnsupportedVersion { get; } =
        new("KEYSTORE_UNSUPPORTED_VERSION", "The key file is not Web3 Secret Storage version 3. Export the key again in version 3.");

    /// <summary>A key derivation, or parameters of one, that are not computed here: see <see cref="KeystoreKdf"/>.</summary>
    public static Refusal UnsupportedKdf { get; } =
        new("KEYSTORE_UNSUPPORTED_KDF", "The key file's derivation is unknown or its parameters out of bounds. Export the key again with scrypt, r = 8.");

    public static Refusal UnsupportedCipher { get; } =
        new("KEYSTORE_UNSUPPORTED_CIPHER", "The key file's cipher is not aes-128-ctr. Export the key again.");

    /// <summary>Not JSON, a field missing or misshapen, or a content that is no private key or not that of the address given.</summary>
    public static Refusal Damaged { get; } =
        new("KEYSTORE_DAMAGED", "The key file is incomplete or contradicts itself. Restore it from a backup.");
}
