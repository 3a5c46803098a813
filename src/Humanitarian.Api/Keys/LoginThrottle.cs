using System.Net;
using System.Net.Sockets;
using Humanitarian.Api.GraphQL;

namespace Humanitarian.Api.Keys;

/// <summary>
/// Slows who guesses keys: so many failures an address, then its failures wait. A good key is never counted and never waits, because
/// a whole camp may share one address.
/// </summary>
internal sealed class LoginThrottle(HumanitarianApiOptions settings, TimeProvider time)
{
    /// <summary>Bytes of an IPv6 address that name a network; the rest is its owner's to choose.</summary>
    private const int NetworkBytes = 8;

    private readonly Allowances<IPAddress> failures = new(time, settings.Limits.FailedLogins, settings.Limits.FailedLoginsPerSecond);

    /// <summary>Counts a failure.</summary>
    public Allowance Failed(IPAddress? from) => failures.Take(Place(from ?? IPAddress.None), 1);

    /// <summary>What a failure of the address would be answered now; none is counted.</summary>
    public Allowance Look(IPAddress? from) => failures.Look(Place(from ?? IPAddress.None), 1);

    /// <summary>The address, or of IPv6 its network.</summary>
    public static IPAddress Place(IPAddress address)
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
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
