using System.Net;
using System.Net.Sockets;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Serving;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    /// <summary>A port of the loopback interface that nobody has.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Refuses an address that is taken, before anything is made for it.</summary>
    /// <exception cref="StartupFault">Another process listens there.</exception>
    public static async Task RequireFreeAsync(string setting, Uri url, CancellationToken cancellationToken)
    {
        if (url.Port == 0)
        {
            return;
        }

        try
        {
            var addresses = url.Host is "*" or "+" ? [IPAddress.Any] : await Dns.GetHostAddressesAsync(url.Host, cancellationToken);
            foreach (var address in addresses)
            {
                using var listener = new TcpListener(address, url.Port);
                listener.Start();
            }
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw InUse(setting, url, fault);
        }
        catch (SocketException fault)
        {
            throw new StartupFault(StartupCode.Configuration, $"{setting} is '{url}', on which this machine cannot listen: {fault.Message}", fault);
        }
    }

    public static StartupFault InUse(string setting, Uri url, Exception fault) => new(
        StartupCode.PortInUse, $"Another process listens on {url} (setting {setting}). Stop it, or choose another port, such as http://127.0.0.1:5081.", fault);
}
