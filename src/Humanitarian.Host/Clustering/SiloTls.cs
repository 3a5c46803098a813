using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Humanitarian.Host.Clustering;

/// <summary>
/// Mutual TLS between silos: either side shows a certificate, and takes only one of the given authority. Host names are not looked
/// at: silos know each other by address, and the authority makes certificates for silos of this ledger alone.
/// </summary>
internal sealed partial class SiloTls(SiloCertificates certificates, ILogger<SiloTls> logger)
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(5);

    private readonly SslStreamCertificateContext own = SslStreamCertificateContext.Create(certificates.Own, certificates.Chain, offline: true);

    /// <summary>Wraps every connection between silos.</summary>
    public void Use(SiloConnectionOptions options)
    {
        options.ConfigureSiloInboundConnection(builder => builder.Use(next => connection => RunAsync(connection, next, ServerAsync)));
        options.ConfigureSiloOutboundConnection(builder => builder.Use(next => connection => RunAsync(connection, next, ClientAsync)));
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> handshake)
    {
        var plain = connection.Transport;
        await using var secure = new SslStream(new DuplexStream(plain));
        using (var patience = new CancellationTokenSource(HandshakeWithin))
        {
            try
            {
                await handshake(secure, patience.Token);
            }
            catch (Exception fault) when (fault is AuthenticationException or IOException or OperationCanceledException)
            {
                LogRefused(logger, fault.Message);
                connection.Abort(new ConnectionAbortedException("No mutual TLS.", fault));
                return;
            }
        }

        connection.Transport = new Pipes(PipeReader.Create(secure), PipeWriter.Create(secure));
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = plain;
        }
    }

    private Task ServerAsync(SslStream stream, CancellationToken cancellationToken) => stream.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            ServerCertificateContext = own,
            ClientCertificateRequired = true,
            EnabledSslProtocols = Versions,
            CertificateChainPolicy = Policy(),
            RemoteCertificateValidationCallback = IsOurs,
        },
        cancellationToken);

    private Task ClientAsync(SslStream stream, CancellationToken cancellationToken) => stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = "",
            ClientCertificateContext = own,
            EnabledSslProtocols = Versions,
            CertificateChainPolicy = Policy(),
            RemoteCertificateValidationCallback = IsOurs,
        },
        cancellationToken);

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(certificates.Authority);
        return policy;
    }

    private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection between silos was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
