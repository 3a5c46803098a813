using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;
using Microsoft.IdentityModel.Tokens;

namespace Humanitarian.Api.Provider;

/// <summary>
/// The keys of the ledger's own identity provider. They follow from the pepper, so that every silo has the same and no further file
/// needs care; who has the pepper makes API keys anyway.
/// </summary>
internal sealed class ProviderKeys : IDisposable
{
    private readonly ECDsa curve;

    public ProviderKeys(HumanitarianApiOptions options)
    {
        curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Scalar(Derive(options, "sign", 48)) });
        KeyId = Convert.ToHexStringLower(SHA256.HashData(curve.ExportSubjectPublicKeyInfo()))[..32];

        // The default factory keeps signers for the whole process by the key's id, also that of a curve which another host has disposed of.
        Signing = new ECDsaSecurityKey(curve) { KeyId = KeyId, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        Encryption = new SymmetricSecurityKey(Derive(options, "encrypt", Hash32.Size));
    }

    public string KeyId { get; }

    /// <summary>Signs tokens; its public half is published.</summary>
    public ECDsaSecurityKey Signing { get; }

    /// <summary>Hides what authorization codes hold.</summary>
    public SymmetricSecurityKey Encryption { get; }

    public void Dispose() => curve.Dispose();

    private static byte[] Derive(HumanitarianApiOptions options, string purpose, int length) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, options.Pepper.ToArray(), length, info: Encoding.UTF8.GetBytes("identity provider " + purpose));

    /// <summary>A private key of P-256: 1 to the curve's order less one. The bytes are more than it has, so that none is likelier than another.</summary>
    private static byte[] Scalar(byte[] random)
    {
        var order = new BigInteger(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);
        var scalar = ((new BigInteger(random, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[Hash32.Size - scalar.Length], .. scalar];
    }
}
