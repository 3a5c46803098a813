using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Humanitarian.Api.Tests.SecondFactor;

/// <summary>An authenticator and its browser, in software: one passkey (ES256), and every lie that a test asks for.</summary>
internal sealed class SoftAuthenticator : IDisposable
{
    public const string RelyingParty = "ledger.example.org";
    public const string ItsOrigin = "https://console.ledger.example.org";

    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte HasCredential = 0x40;

    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] CredentialId { get; set; } = RandomNumberGenerator.GetBytes(32);

    public uint Counter { get; set; }

    public bool Counts { get; set; } = true;

    public bool Verifies { get; set; } = true;

    public string Origin { get; set; } = ItsOrigin;

    public bool CrossOrigin { get; set; }

    public string Party { get; set; } = RelyingParty;

    public string? Challenge { get; set; }

    public string? Type { get; set; }

    public string? User { get; set; }

    /// <summary>What <c>navigator.credentials.create(…).toJSON()</c> is for these options.</summary>
    public string Create(string options)
    {
        using var asked = JsonDocument.Parse(options);
        User ??= asked.RootElement.GetProperty("user").GetProperty("id").GetString();
        var data = ClientData("webauthn.create", asked.RootElement);
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString("none");
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString([.. AuthenticatorData(HasCredential), .. Attested()]);
        writer.WriteEndMap();
        return Answer(new { clientDataJSON = Text(data), attestationObject = Text(writer.Encode()), transports = new[] { "internal" } });
    }

    /// <summary>What <c>navigator.credentials.get(…).toJSON()</c> is for these options.</summary>
    public string Get(string options)
    {
        using var asked = JsonDocument.Parse(options);
        var data = ClientData("webauthn.get", asked.RootElement);
        var authenticator = AuthenticatorData(0);
        var signature = Key.SignData([.. authenticator, .. SHA256.HashData(data)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new { clientDataJSON = Text(data), authenticatorData = Text(authenticator), signature = Text(signature), userHandle = User });
    }

    public void Dispose() => Key.Dispose();

    private string Answer(object response) => JsonSerializer.Serialize(new
    {
        id = Text(CredentialId), rawId = Text(CredentialId), type = "public-key", authenticatorAttachment = "platform", clientExtensionResults = new { }, response,
    });

    private byte[] ClientData(string type, JsonElement asked) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        type = Type ?? type, challenge = Challenge ?? asked.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = CrossOrigin,
    });

    private byte[] AuthenticatorData(byte flags)
    {
        var data = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(Party), data);
        data[32] = (byte)(flags | UserPresent | (Verifies ? UserVerified : 0));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Counts ? ++Counter : Counter);
        return data;
    }

    /// <summary>No model, the credential's id, its key as COSE has it.</summary>
    private byte[] Attested()
    {
        var point = Key.ExportParameters(false).Q;
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        foreach (var (label, number) in new[] { (1, 2), (3, -7), (-1, 1) })
        {
            writer.WriteInt32(label);
            writer.WriteInt32(number);
        }

        writer.WriteInt32(-2);
        writer.WriteByteString(point.X!);
        writer.WriteInt32(-3);
        writer.WriteByteString(point.Y!);
        writer.WriteEndMap();
        return [.. new byte[16], (byte)(CredentialId.Length >> 8), (byte)CredentialId.Length, .. CredentialId, .. writer.Encode()];
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
