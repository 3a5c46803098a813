using System.Net;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;

namespace Humanitarian.Api.Transport;

/// <summary>Counts open connections, so that neither one member, one address nor all together have more than the process bears.</summary>
internal sealed class Connections(HumanitarianApiOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Id Member, IPAddress? Network), int> open = [];

    /// <summary>A place for a connection whose member is not known yet; null when there is none. Dispose it when the connection is closed.</summary>
    public IDisposable? TryOpen() => TryOpen((Id.None, null), options.Live.Connections);

    /// <summary>The same for a member's connection, which has a place among all already.</summary>
    public IDisposable? TryOpen(Id member) => TryOpen((member, null), options.Live.ConnectionsOfMember);

    /// <summary>
    /// The same for a connection of an address that has not said yet who it is. Dispose it when it has, because a whole camp may share one address.
    /// </summary>
    public IDisposable? TryOpenUnknown(IPAddress? from) => TryOpen((Id.None, LoginThrottle.Place(from ?? IPAddress.None)), options.Live.UnknownOfAddress);

    private Place? TryOpen((Id Member, IPAddress? Network) whose, int most)
    {
        lock (gate)
        {
            var count = open.GetValueOrDefault(whose);
            if (count >= most)
            {
                return null;
            }

            open[whose] = count + 1;
            return new Place(this, whose);
        }
    }

    private void Close((Id Member, IPAddress? Network) whose)
    {
        lock (gate)
        {
            if (--open[whose] == 0)
            {
                open.Remove(whose);
            }
        }
    }

    private sealed class Place(Connections of, (Id Member, IPAddress? Network) whose) : IDisposable
    {
        private Connections? held = of;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Close(whose);
    }
}
