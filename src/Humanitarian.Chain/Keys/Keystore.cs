using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Humanitarian.Chain.Keys;

/// <summary>
/// A private key encrypted under a password, as Ethereum wallets store it (Web3 Secret Storage, version 3). Passwords are taken as the
/// UTF-8 bytes they are, as geth does; ethers normalises them to NFKC first, which differs only beyond ASCII.
/// </summary>
public static class Keystore
{
    private const int DerivedKeyBytes = 32;
    private const int CipherKeyBytes = 16;
    private const int BlockBytes = 16;

    /// <summary>
    /// A new key file for a private key of 32 bytes. Salt, initial vector and id are drawn from the source; the derivation is
    /// <see cref="KeystoreKdf.Default"/> if none is given.
    /// </summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static string Encrypt(ReadOnlySpan<byte> privateKey, string password, IRandomSource source, KeystoreKdf? kdf = null)
    {
        if (!Secp256k1.IsValidPrivateKey(privateKey)) throw new ArgumentException("Not a private key.", nameof(privateKey));

        kdf ??= KeystoreKdf.Default;
        var salt = Draw(source, 32);
        var iv = Draw(source, BlockBytes);
        var derived = Derive(kdf, password, salt);
        var ciphertext = Crypt(derived, iv, privateKey);
        var file = new JsonObject
        {
            ["version"] = 3,
            ["id"] = RandomId(source),
            ["address"] = Convert.ToHexStringLower(Secp256k1.AddressOf(privateKey).ToArray()),
            ["crypto"] = new JsonObject
            {
                ["cipher"] = KeystoreFile.Cipher,
                ["cipherparams"] = new JsonObject { ["iv"] = Convert.ToHexStringLower(iv) },
                ["ciphertext"] = Convert.ToHexStringLower(ciphertext),
                ["kdf"] = kdf is ScryptKdf ? KeystoreFile.Scrypt : KeystoreFile.Pbkdf2,
                ["kdfparams"] = KeystoreFile.Describe(kdf, DerivedKeyBytes, salt),
                ["mac"] = Convert.ToHexStringLower(Mac(derived, ciphertext)),
            },
        };
        CryptographicOperations.ZeroMemory(derived);
        return file.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>Opens a file of any wallet that keeps to version 3, with scrypt or PBKDF2.</summary>
    /// <returns>The private key, or one of <see cref="KeystoreRefusals"/>.</returns>
    public static KeystoreResult Decrypt(string json, string password)
    {
        if (KeystoreFile.Read(json, out var file) is { } refusal) return KeystoreResult.Refused(refusal);

        var derived = Derive(file.Kdf, password, file.Salt);
        var result = Open(derived, file);
        CryptographicOperations.ZeroMemory(derived);
        return result;
    }

    /// <summary>What remains once the password has become a key.</summary>
    internal static KeystoreResult Open(ReadOnlySpan<byte> derived, KeystoreFile file)
    {
        if (!CryptographicOperations.FixedTimeEquals(Mac(derived, file.Ciphertext), file.Mac))
            return KeystoreResult.Refused(KeystoreRefusals.WrongPassword);

        var privateKey = Crypt(derived, file.Iv, file.Ciphertext);
        var intact = Secp256k1.IsValidPrivateKey(privateKey)
            && (file.Address is not { } address || Secp256k1.AddressOf(privateKey) == address);
        return intact ? KeystoreResult.Opened(privateKey) : KeystoreResult.Refused(KeystoreRefusals.Damaged);
    }

    internal static byte[] Derive(KeystoreKdf kdf, string password, byte[] salt)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        var derived = kdf switch
        {
            ScryptKdf scrypt => SCrypt.Generate(secret, salt, scrypt.N, scrypt.R, scrypt.P, DerivedKeyBytes),
            Pbkdf2Kdf pbkdf2 => Rfc2898DeriveBytes.Pbkdf2(secret, salt, pbkdf2.Iterations, HashAlgorithmName.SHA256, DerivedKeyBytes),
            _ => throw new ArgumentException($"No derivation is known for {kdf.GetType().Name}.", nameof(kdf)),
        };
        CryptographicOperations.ZeroMemory(secret);
        return derived;
    }

    // AES-128-CTR, which .NET lacks; encryption and decryption are the same.
    private static byte[] Crypt(ReadOnlySpan<byte> derived, byte[] iv, ReadOnlySpan<byte> input)
    {
        var cipher = new BufferedBlockCipher(new SicBlockCipher(new AesEngine()));
        cipher.Init(true, new ParametersWithIV(new KeyParameter(derived[..CipherKeyBytes]), iv));
        var output = new byte[input.Length];
        cipher.DoFinal(input, output);
        return output;
    }

    private static byte[] Mac(ReadOnlySpan<byte> derived, ReadOnlySpan<byte> ciphertext) =>
        Keccak.Hash(derived[CipherKeyBytes..DerivedKeyBytes], ciphertext).ToArray();

    private static byte[] Draw(IRandomSource source, int count)
    {
        var bytes = new byte[count];
        source.Fill(bytes);
        return bytes;
    }

    // A version 4 UUID.
    private static string RandomId(IRandomSource source)
    {
        var bytes = Draw(source, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
