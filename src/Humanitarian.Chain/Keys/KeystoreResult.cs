using System.Diagnostics.CodeAnalysis;

namespace Humanitarian.Chain.Keys;

/// <summary>A private key of 32 bytes, which the caller should zero after use, or the stable code of why there is none.</summary>
public sealed record KeystoreResult
{
    private KeystoreResult()
    {
    }

    public byte[]? PrivateKey { get; private init; }

    /// <summary>One of <see cref="KeystoreRefusals"/>.</summary>
    public string? RefusalCode { get; private init; }

    [MemberNotNullWhen(true, nameof(PrivateKey))]
    [MemberNotNullWhen(false, nameof(RefusalCode))]
    public bool IsOpened => PrivateKey is not null;

    internal static KeystoreResult Opened(byte[] privateKey) => new() { PrivateKey = privateKey };

    internal static KeystoreResult Refused(string code) => new() { RefusalCode = code };
}

/// <summary>Why a key file does not open.</summary>
public static class KeystoreRefusals
{
    /// <summary>The check value does not fit: a wrong password, or a ciphertext that was altered. The format cannot tell them apart.</summary>
    public const string WrongPassword = "KEYSTORE_WRONG_PASSWORD";

    /// <summary>Not version 3.</summary>
    public const string UnsupportedVersion = "KEYSTORE_UNSUPPORTED_VERSION";

    /// <summary>A key derivation, or parameters of one, that are not computed here.</summary>
    public const string UnsupportedKdf = "KEYSTORE_UNSUPPORTED_KDF";

    /// <summary>Not aes-128-ctr.</summary>
    public const string UnsupportedCipher = "KEYSTORE_UNSUPPORTED_CIPHER";

    /// <summary>Not JSON, a field missing or misshapen, or a content that is no private key or not that of the address given.</summary>
    public const string Damaged = "KEYSTORE_DAMAGED";
}
