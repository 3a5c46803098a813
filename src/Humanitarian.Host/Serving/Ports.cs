using System.Net;
using System.Net.Sockets;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Serving;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    // Below the ports that the system gives to outgoing connections (32768 to 60999 on Linux).
    private const int First = 10_000;
    private const int Count = 20_000;

    /// <summary>
    /// A port of the loopback interface that nobody has, and that no outgoing connection takes before whoever asks listens on it. The system's
    /// choice says where the search begins, so that processes that start together seldom meet.
    /// </summary>
    public static int Free()
    {
        var start = Listen(0)!.Value;
        return Enumerable.Range(0, Count).Select(step => Listen(First + ((start + step) % Count))).First(port => port is not null)!.Value;
    }

    /// <summary>The port, when it is free; with 0 one of the system's choice.</summary>
    private static int? Listen(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return null;
        }
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
