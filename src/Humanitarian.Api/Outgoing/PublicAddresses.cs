using System.Net;
using System.Net.Sockets;

namespace Humanitarian.Api.Outgoing;

/// <summary>Which addresses lie on the public internet. Whatever others name as a URL may be asked for only there.</summary>
public static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "2001::/23", "2001:db8::/32", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // Of IPv6 only this much is given out for the public internet.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>False for loopback, private, link-local, shared, documentation and reserved addresses, also where IPv6 carries such an IPv4 address.</summary>
    public static bool Contains(IPAddress address)
    {
        var real = Unwrapped(address);
        return !NotPublic.Any(network => network.Contains(real)) && (real.AddressFamily == AddressFamily.InterNetwork || Global.Contains(real));
    }

    /// <summary>The IPv4 address that an IPv6 one carries (mapped, NAT64, 6to4), else the address itself.</summary>
    public static IPAddress Unwrapped(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : address;
    }
}
