using System.Net;

namespace Humanitarian.Api.Keys;

/// <summary>What a credential may be used for, within what its member may do.</summary>
/// <param name="Operations">Root fields of the schema and the names of other endpoints; all when empty.</param>
/// <param name="ReadOnly">True for one that changes nothing.</param>
/// <param name="Networks">Networks from which it counts, such as <c>192.0.2.0/24</c>; all when empty.</param>
public sealed record CredentialLimits(IReadOnlyList<string> Operations, bool ReadOnly, IReadOnlyList<string> Networks)
{
    public static CredentialLimits None { get; } = new([], false, []);

    internal bool AreNone => Operations.Count == 0 && !ReadOnly && Networks.Count == 0;

    /// <param name="changes">True for what changes anything.</param>
    internal bool Allow(string operation, bool changes) => !(ReadOnly && changes) && (Operations.Count == 0 || Operations.Contains(operation, StringComparer.Ordinal));

    internal bool AllowFrom(IPAddress? address)
    {
        var real = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return Networks.Count == 0 || (real is not null && Networks.Any(network => IPNetwork.TryParse(network, out var known) && known.Contains(real)));
    }
}
