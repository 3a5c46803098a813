using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Tests.Clustering;

/// <summary>An authority made for a test, and certificates of it, as files.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddHours(-1);
    private static readonly DateTimeOffset Until = From.AddDays(2);

    private readonly string folder;
    private readonly ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 authority;

    public CertificateFiles(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        var request = new CertificateRequest("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
    }

    private string AuthorityFile => Path.Combine(folder, "authority.pem");

    /// <summary>Writes a silo's certificate and key, and answers the settings that name them.</summary>
    public ClusterTlsSettings Silo(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(name, key);
        var settings = new ClusterTlsSettings
        {
            CertificateFile = Path.Combine(folder, name + ".pem"), KeyFile = Path.Combine(folder, name + ".key"), AuthorityFile = AuthorityFile,
        };
        File.WriteAllText(settings.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(settings.KeyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(settings.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return settings;
    }

    public void Dispose()
    {
        authority.Dispose();
        authorityKey.Dispose();
    }

    private X509Certificate2 Sign(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        return request.Create(authority, From, Until, RandomNumberGenerator.GetBytes(8));
    }
}
