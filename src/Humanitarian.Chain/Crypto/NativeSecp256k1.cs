using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// libsecp256k1 as the system installs it: constant-time and many times faster than managed big integers. Function pointers
/// rather than DllImport, because the file's name differs between distributions and some builds leave recovery out.
/// The context is never changed after it was made, so all threads share it.
/// </summary>
internal sealed unsafe class NativeSecp256k1 : ISecp256k1
{
    // SIGN | VERIFY: what libraries before 0.2 need and later ones accept.
    private const uint ContextFlags = 0x301;
    private const uint Uncompressed = 2;
    private const string Prefix = "secp256k1_";
    private const int OpaquePublicKeyBytes = 64;
    private const int OpaqueSignatureBytes = 65;

    private static readonly string[] FileNames = ["libsecp256k1.so.2", "libsecp256k1.so.1", "libsecp256k1.so.0", "libsecp256k1.so"];

    private static readonly string[] Exports =
    [
        "context_create", "ecdsa_sign_recoverable", "ecdsa_recover", "ecdsa_recoverable_signature_serialize_compact",
        "ecdsa_recoverable_signature_parse_compact", "ec_pubkey_create", "ec_pubkey_serialize",
    ];

    private readonly nint context;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, void*, int> sign;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int> recover;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, int*, byte*, int> serializeSignature;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, int, int> parseSignature;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> createPublicKey;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, uint, int> serializePublicKey;

    private NativeSecp256k1(nint library)
    {
        sign = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, void*, int>)Symbol(library, "ecdsa_sign_recoverable");
        recover = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int>)Symbol(library, "ecdsa_recover");
        serializeSignature = (delegate* unmanaged[Cdecl]<nint, byte*, int*, byte*, int>)Symbol(library, "ecdsa_recoverable_signature_serialize_compact");
        parseSignature = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int, int>)Symbol(library, "ecdsa_recoverable_signature_parse_compact");
        createPublicKey = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)Symbol(library, "ec_pubkey_create");
        serializePublicKey = (delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, uint, int>)Symbol(library, "ec_pubkey_serialize");
        var create = (delegate* unmanaged[Cdecl]<uint, nint>)Symbol(library, "context_create");
        context = create(ContextFlags);
        Blind(library);
    }

    public string Name => "libsecp256k1";

    /// <summary>The first installed library that exports what is needed, or null.</summary>
    internal static NativeSecp256k1? TryLoad()
    {
        foreach (var name in FileNames)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            if (Exports.All(export => NativeLibrary.TryGetExport(library, Prefix + export, out _))) return new(library);
            NativeLibrary.Free(library);
        }

        return null;
    }

    public void PublicKey(ReadOnlySpan<byte> privateKey32, Span<byte> publicKey64)
    {
        var opaque = stackalloc byte[OpaquePublicKeyBytes];
        fixed (byte* key = privateKey32) Require(createPublicKey(context, opaque, key));
        Write(opaque, publicKey64);
    }

    public int Sign(ReadOnlySpan<byte> privateKey32, Hash32 digest, Span<byte> compact64)
    {
        var message = stackalloc byte[Hash32.Size];
        var opaque = stackalloc byte[OpaqueSignatureBytes];
        int recoveryId;
        WriteReduced(digest, new Span<byte>(message, Hash32.Size));
        fixed (byte* key = privateKey32) Require(sign(context, opaque, message, key, 0, null));
        fixed (byte* compact = compact64) Require(serializeSignature(context, compact, &recoveryId, opaque));
        return recoveryId;
    }

    public bool TryRecover(Hash32 digest, Signature signature, Span<byte> publicKey64)
    {
        var bytes = stackalloc byte[Signature.Size];
        var message = stackalloc byte[Hash32.Size];
        var opaqueSignature = stackalloc byte[OpaqueSignatureBytes];
        var opaqueKey = stackalloc byte[OpaquePublicKeyBytes];
        signature.CopyTo(new Span<byte>(bytes, Signature.Size));
        digest.CopyTo(new Span<byte>(message, Hash32.Size));

        if (parseSignature(context, opaqueSignature, bytes, signature.V - 27) != 1) return false;
        if (recover(context, opaqueKey, opaqueSignature, message) != 1) return false;
        Write(opaqueKey, publicKey64);
        return true;
    }

    // Libraries before 0.3 derive the nonce from the digest as given; RFC 6979 wants it reduced by the order first.
    private static void WriteReduced(Hash32 digest, Span<byte> message)
    {
        digest.CopyTo(message);
        if (digest < Secp256k1.Order) return;

        Span<byte> order = stackalloc byte[Hash32.Size];
        Secp256k1.Order.CopyTo(order);
        var borrow = 0;
        for (var i = Hash32.Size - 1; i >= 0; i--)
        {
            var difference = message[i] - order[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            message[i] = (byte)(difference & 0xff);
        }
    }

    private void Write(byte* opaque, Span<byte> publicKey64)
    {
        var bytes = stackalloc byte[65];
        nuint length = 65;
        Require(serializePublicKey(context, bytes, &length, opaque, Uncompressed));
        new ReadOnlySpan<byte>(bytes + 1, 64).CopyTo(publicKey64);
    }

    // Random blinding of the context's multiplications hinders side channels; it changes no result.
    private void Blind(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, Prefix + "context_randomize", out var export)) return;
        var seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(new Span<byte>(seed, 32));
        Require(((delegate* unmanaged[Cdecl]<nint, byte*, int>)export)(context, seed));
    }

    private static nint Symbol(nint library, string name) => NativeLibrary.GetExport(library, Prefix + name);

    private static void Require(int result)
    {
        if (result != 1) throw new CryptographicException("libsecp256k1 refused what was checked beforehand.");
    }
}
