using Humanitarian.Domain;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using Org.BouncyCastle.Utilities;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// BouncyCastle's field and curve arithmetic. Its own ECDsaSigner gives neither a low s nor the recovery id, hence the
/// formulas (SEC 1, sections 4.1.3 and 4.1.6). Its big integers are not constant-time: prefer libsecp256k1 for a
/// service whose signing can be timed from outside.
/// </summary>
internal sealed class PortableSecp256k1 : ISecp256k1
{
    private static readonly X9ECParameters Parameters = CustomNamedCurves.GetByName("secp256k1");
    private static readonly ECCurve Curve = Parameters.Curve;
    private static readonly BigInteger N = Parameters.N;
    private static readonly BigInteger HalfN = N.ShiftRight(1);
    private static readonly FixedPointCombMultiplier Multiplier = new();

    public string Name => "BouncyCastle";

    public void PublicKey(ReadOnlySpan<byte> privateKey32, Span<byte> publicKey64) =>
        Write(Multiplier.Multiply(Parameters.G, new BigInteger(1, privateKey32)).Normalize(), publicKey64);

    public int Sign(ReadOnlySpan<byte> privateKey32, Hash32 digest, Span<byte> compact64)
    {
        var key = new BigInteger(1, privateKey32);
        var message = digest.ToArray();
        var e = new BigInteger(1, message);
        var nonces = new HMacDsaKCalculator(new Sha256Digest());
        nonces.Init(N, key, message);

        while (true)
        {
            var k = nonces.NextK();
            var point = Multiplier.Multiply(Parameters.G, k).Normalize();
            var x = point.AffineXCoord.ToBigInteger();
            var r = x.Mod(N);
            var s = BigIntegers.ModOddInverse(N, k).Multiply(e.Add(key.Multiply(r))).Mod(N);
            if (r.SignValue == 0 || s.SignValue == 0) continue;

            var recoveryId = (point.AffineYCoord.TestBitZero() ? 1 : 0) | (x.CompareTo(N) >= 0 ? 2 : 0);
            if (s.CompareTo(HalfN) > 0)
            {
                s = N.Subtract(s);
                recoveryId ^= 1;
            }

            BigIntegers.AsUnsignedByteArray(r, compact64[..32]);
            BigIntegers.AsUnsignedByteArray(s, compact64[32..]);
            return recoveryId;
        }
    }

    public bool TryRecover(Hash32 digest, Signature signature, Span<byte> publicKey64)
    {
        var r = new BigInteger(1, signature.R.ToArray());
        var x = Curve.FromBigInteger(r);
        var y = x.Square().Multiply(x).Add(Curve.B).Sqrt();
        if (y is null) return false;

        if (y.TestBitZero() != (signature.V == 28)) y = y.Negate();
        var noncePoint = Curve.CreatePoint(r, y.ToBigInteger());

        // Q = r⁻¹ (s R − e G)
        var inverse = BigIntegers.ModOddInverse(N, r);
        var u1 = new BigInteger(1, digest.ToArray()).Negate().Multiply(inverse).Mod(N);
        var u2 = new BigInteger(1, signature.S.ToArray()).Multiply(inverse).Mod(N);
        var key = ECAlgorithms.SumOfTwoMultiplies(Parameters.G, u1, noncePoint, u2).Normalize();
        if (key.IsInfinity) return false;

        Write(key, publicKey64);
        return true;
    }

    private static void Write(ECPoint point, Span<byte> xy64)
    {
        point.AffineXCoord.EncodeTo(xy64[..32]);
        point.AffineYCoord.EncodeTo(xy64[32..]);
    }
}
