using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Clustering;

/// <summary>Where a silo listens and where the others reach it: private addresses only, since whoever reaches a silo commands it.</summary>
internal sealed record SiloEndpoints(IPEndPoint Reached, IPEndPoint Listening)
{
    /// <exception cref="StartupFault">The address is public, a wildcard or none.</exception>
    public static SiloEndpoints Of(ClusterSettings settings)
    {
        var reached = new IPEndPoint(
            settings.Address.Length > 0 ? Private("Cluster:Address", settings.Address) : OnlyPrivate(OwnAddresses()), Port("Cluster:Port", settings.Port));
        var listening = new IPEndPoint(
            settings.ListenAddress.Length > 0 ? Private("Cluster:ListenAddress", settings.ListenAddress) : reached.Address,
            Port("Cluster:ListenPort", settings.ListenPort == 0 ? settings.Port : settings.ListenPort));
        return new SiloEndpoints(reached, listening);
    }

    /// <summary>True for loopback, private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local addresses.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPrivate(address.MapToIPv4());
        }

        if (IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal)
        {
            return true;
        }

        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is var bytes
            && (bytes[0], bytes[1]) is (10, _) or (172, >= 16 and < 32) or (192, 168) or (100, >= 64 and < 128) or (169, 254);
    }

    /// <summary>The one address that a silo may have among those of a machine.</summary>
    internal static IPAddress OnlyPrivate(IReadOnlyList<IPAddress> addresses)
    {
        var found = addresses.Where(address => IsPrivate(address) && !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal).Distinct().ToArray();
        return found is [var only] ? only : throw new StartupFault(
            StartupCode.SiloAddress,
            $"This machine has {(found.Length == 0 ? "no private address" : "several private addresses: " + string.Join(", ", found.Select(one => one.ToString())))}. "
                + "Say which one the other silos reach it at (setting Cluster:Address); 127.0.0.1 when they all run here.");
    }

    private static IPAddress Private(string setting, string text) =>
        IPAddress.TryParse(text, out var address) && IsPrivate(address) ? address : throw new StartupFault(
            StartupCode.SiloAddress,
            $"{setting} is '{text}'. Silos take no public address, no wildcard and no name: give the machine's own private address, such as 10.0.0.5, "
                + "or 127.0.0.1 when all silos run on it.");

    private static int Port(string setting, int port) => port is > 0 and <= IPEndPoint.MaxPort ? port : throw new StartupFault(
        StartupCode.SiloAddress, $"{setting} is {port}; choose a port between 1 and {IPEndPoint.MaxPort}.");

    private static IPAddress[] OwnAddresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one.OperationalStatus == OperationalStatus.Up)
            .SelectMany(one => one.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address)),
    ];
}
