using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Clustering;

/// <summary>A silo's certificate with its key, and the authority that it takes others' from.</summary>
internal sealed record SiloCertificates(X509Certificate2 Own, X509Certificate2Collection Chain, X509Certificate2Collection Authority)
{
    private const string Advice =
        "Name this silo's certificate, its key and the authority of all silos (settings Cluster:Tls:CertificateFile, Cluster:Tls:KeyFile, Cluster:Tls:AuthorityFile); "
        + "or, where the network layer encrypts and lets in nobody but the silos, set Cluster:Tls:Mode to Network.";

    /// <exception cref="StartupFault">A file is missing, exposed or not what it should be.</exception>
    public static async Task<SiloCertificates> ReadAsync(ClusterTlsSettings settings, CancellationToken cancellationToken)
    {
        if (settings.CertificateFile.Length == 0 || settings.KeyFile.Length == 0 || settings.AuthorityFile.Length == 0)
        {
            throw Wrong("The silos of a cluster must know each other by certificates.");
        }

        var key = await PrivateFiles.ReadAsync(settings.KeyFile, "Cluster:Tls:KeyFile", cancellationToken);
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(await File.ReadAllTextAsync(settings.CertificateFile, cancellationToken));
            var authority = new X509Certificate2Collection();
            authority.ImportFromPem(await File.ReadAllTextAsync(settings.AuthorityFile, cancellationToken));
            if (chain.Count == 0 || authority.Count == 0)
            {
                throw Wrong($"{(chain.Count == 0 ? settings.CertificateFile : settings.AuthorityFile)} holds no certificate.");
            }

            using var own = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);
            chain.RemoveAt(0);

            // Windows' TLS takes no key that exists in memory only.
            return new SiloCertificates(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), chain, authority);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw Wrong($"{fault.Message}", fault);
        }
    }

    private static StartupFault Wrong(string what, Exception? fault = null) => new(StartupCode.SiloTls, $"{what} {Advice}", fault);
}
