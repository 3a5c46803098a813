using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Keys;

/// <summary>The parts of a version 3 key file, read from JSON and found well-formed.</summary>
internal sealed record KeystoreFile(KeystoreKdf Kdf, byte[] Salt, byte[] Iv, byte[] Ciphertext, byte[] Mac, Address? Address)
{
    internal const string Cipher = "aes-128-ctr";
    internal const string Scrypt = "scrypt";
    internal const string Pbkdf2 = "pbkdf2";

    private const string PseudoRandomFunction = "hmac-sha256";

    // What a file may ask of the machine that opens it: four times the memory and sixteen times the work of what wallets write.
    private const long ScryptBytesMax = 1L << 30;
    private const long ScryptWorkMax = 1L << 25;
    private const int Pbkdf2IterationsMax = 10_000_000;

    private static readonly KeystoreFile None = new(KeystoreKdf.Default, [], [], [], [], null);

    // Wallets differ in "crypto" and "Crypto".
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    internal static JsonObject Describe(KeystoreKdf kdf, int derivedKeyBytes, byte[] salt)
    {
        var parameters = kdf switch
        {
            ScryptKdf scrypt => new JsonObject { ["n"] = scrypt.N, ["r"] = scrypt.R, ["p"] = scrypt.P },
            Pbkdf2Kdf pbkdf2 => new JsonObject { ["c"] = pbkdf2.Iterations, ["prf"] = PseudoRandomFunction },
            _ => throw new ArgumentException($"No derivation is known for {kdf.GetType().Name}.", nameof(kdf)),
        };
        parameters["dklen"] = derivedKeyBytes;
        parameters["salt"] = Convert.ToHexStringLower(salt);
        return parameters;
    }

    /// <summary>A refusal, or null and the file.</summary>
    internal static Refusal? Read(string json, out KeystoreFile file)
    {
        file = None;
        try
        {
            if (JsonNode.Parse(json, AnyCase) is not JsonObject root) return KeystoreRefusals.Damaged;
            if (Int(root["version"]) != 3) return KeystoreRefusals.UnsupportedVersion;
            var crypto = root["crypto"];
            if (Text(crypto?["cipher"]) != Cipher) return KeystoreRefusals.UnsupportedCipher;
            var parameters = crypto?["kdfparams"];
            if (Int(parameters?["dklen"]) != 32) return KeystoreRefusals.UnsupportedKdf;
            if (ReadKdf(Text(crypto?["kdf"]), parameters) is not { } kdf) return KeystoreRefusals.UnsupportedKdf;

            file = new(
                kdf,
                Bytes(parameters?["salt"]),
                Bytes(crypto?["cipherparams"]?["iv"], 16),
                Bytes(crypto?["ciphertext"], 32),
                Bytes(crypto?["mac"], 32),
                root["address"] is { } address ? Domain.Address.Parse(Text(address)) : null);
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            // Thrown by the JSON and hexadecimal parsers for a field that is missing, of another kind or misshapen.
            return KeystoreRefusals.Damaged;
        }
    }

    private static KeystoreKdf? ReadKdf(string name, JsonNode? parameters) => name switch
    {
        Scrypt => Computable(new ScryptKdf(Int(parameters?["n"]), Int(parameters?["r"]), Int(parameters?["p"]))),
        Pbkdf2 when Text(parameters?["prf"]) == PseudoRandomFunction => Computable(new Pbkdf2Kdf(Int(parameters?["c"]))),
        _ => null,
    };

    private static ScryptKdf? Computable(ScryptKdf kdf)
    {
        if (kdf.N < 2 || !BitOperations.IsPow2(kdf.N) || kdf.R < 1 || kdf.P < 1) return null;
        if (kdf.R > ScryptBytesMax / 128 / kdf.N || kdf.P > ScryptWorkMax / kdf.R / kdf.N) return null;

        // BouncyCastle holds r = 1 to n below 2^16, as RFC 7914 does.
        return kdf.R == 1 && kdf.N >= 65536 ? null : kdf;
    }

    private static Pbkdf2Kdf? Computable(Pbkdf2Kdf kdf) => kdf.Iterations is >= 1 and <= Pbkdf2IterationsMax ? kdf : null;

    private static int Int(JsonNode? node) => Required(node).GetValue<int>();

    private static string Text(JsonNode? node) => Required(node).GetValue<string>();

    private static byte[] Bytes(JsonNode? node) => Convert.FromHexString(Text(node));

    private static byte[] Bytes(JsonNode? node, int length)
    {
        var bytes = Bytes(node);
        return bytes.Length == length ? bytes : throw new FormatException($"Expected {length} bytes.");
    }

    private static JsonNode Required(JsonNode? node) => node ?? throw new FormatException("A field is missing.");
}
