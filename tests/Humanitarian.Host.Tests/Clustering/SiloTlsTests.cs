using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Humanitarian.Host.Clustering;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Humanitarian.Host.Tests.Clustering;

/// <summary>Silos that really listen, and strangers who really connect.</summary>
public sealed class SiloTlsTests : IDisposable
{
    private const byte TlsAlert = 21;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();
    private readonly CertificateFiles certificates;
    private readonly CertificateFiles foreign;

    public SiloTlsTests()
    {
        certificates = new CertificateFiles(folder["ours"]);
        foreign = new CertificateFiles(folder["foreign"]);
    }

    public void Dispose()
    {
        certificates.Dispose();
        foreign.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Silos_of_one_authority_find_each_other_and_strangers_get_no_byte()
    {
        var port = Ports.Free();
        using var first = await StartAsync(certificates.Silo("one"), port, port);
        using var second = await StartAsync(certificates.Silo("two"), Ports.Free(), port);
        await ActiveAsync(first, 2);

        Assert.True(await IsLetInAsync(port, certificates.Silo("three"), TimeSpan.FromSeconds(1)));
        Assert.False(await IsLetInAsync(port, foreign.Silo("three"), Patience));
        Assert.False(await IsLetInAsync(port, null, Patience));
        Assert.True(await AnswerInPlainAsync(port) is [] or [TlsAlert, ..]);
    }

    [Fact]
    public async Task Cluster_without_certificates_does_not_start_unless_the_network_layer_is_said_to_do_it()
    {
        var settings = new ClusterSettings { Address = "127.0.0.1" };
        var fault = await Assert.ThrowsAsync<StartupFault>(() => ClusterSilo.OfAsync(settings, "", default));
        Assert.Equal(StartupCode.SiloTls, fault.Code);
        Assert.Contains("Cluster:Tls:CertificateFile", fault.Message, StringComparison.Ordinal);

        var network = await ClusterSilo.OfAsync(settings with { Tls = new ClusterTlsSettings { Mode = ClusterTlsSettings.Network } }, "", default);
        Assert.Null(network.Certificates);
    }

    [Fact]
    public async Task Key_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var settings = certificates.Silo("one");
        File.SetUnixFileMode(settings.KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(StartupCode.KeyFileExposed, (await Assert.ThrowsAsync<StartupFault>(() => SiloCertificates.ReadAsync(settings, default))).Code);
    }

    [Fact]
    public async Task File_that_is_no_certificate_is_named()
    {
        var settings = certificates.Silo("one");
        await File.WriteAllTextAsync(settings.AuthorityFile, "nothing");
        var fault = await Assert.ThrowsAsync<StartupFault>(() => SiloCertificates.ReadAsync(settings, default));
        Assert.Equal(StartupCode.SiloTls, fault.Code);
        Assert.Contains(settings.AuthorityFile, fault.Message, StringComparison.Ordinal);
    }

    private static async Task<IHost> StartAsync(ClusterTlsSettings tls, int port, int primary)
    {
        var cluster = await ClusterSilo.OfAsync(new ClusterSettings { Address = "127.0.0.1", Port = port, Tls = tls }, "", default);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, primary));
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", ClusterSilo.Service));
            cluster.ConfigureTransport(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task ActiveAsync(IHost silo, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var oracle = silo.Services.GetRequiredService<IClusterMembershipService>();
        while (oracle.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active) < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }

    /// <summary>Offers a certificate, or none, speaks TLS, and reports whether the silo begins to talk.</summary>
    /// <param name="silent">How long a silo that neither talks nor hangs up is waited for; after that it has let the caller in.</param>
    private static async Task<bool> IsLetInAsync(int port, ClusterTlsSettings? tls, TimeSpan silent)
    {
        using var patience = new CancellationTokenSource(Patience * 2);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            var own = tls is null ? null : (await SiloCertificates.ReadAsync(tls, patience.Token)).Own;
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "silo", ClientCertificates = own is null ? null : [own],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=one",
                },
                patience.Token);

            // With TLS 1.3 the server's verdict comes after the client's handshake: the refused one is cut off, the other is waited for.
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            var reading = stream.ReadAsync(new byte[1], silence.Token).AsTask();
            return await Task.WhenAny(reading, Task.Delay(silent, silence.Token)) != reading || await reading > 0;
        }
        catch (Exception fault) when (fault is AuthenticationException or IOException)
        {
            return false;
        }
    }

    /// <summary>What the silo answers to one that speaks no TLS, before it closes.</summary>
    private static async Task<byte[]> AnswerInPlainAsync(int port)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(new byte[64], patience.Token);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // Cut off.
        }

        return answer.ToArray();
    }
}
