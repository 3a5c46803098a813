using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Humanitarian.Api.Outgoing;

/// <summary>How far requests to URLs that others name may go.</summary>
public sealed record OutgoingRules
{
    /// <summary>Networks that may be asked though they are not public, such as <c>10.1.0.0/16</c>; there plain HTTP is taken too.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Most bytes of an answer.</summary>
    public int AnswerBytes { get; init; } = 256 * 1024;

    /// <summary>How long a request may take with its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    internal bool Allows(IPAddress address)
    {
        var real = PublicAddresses.Unwrapped(address);
        return AllowedNetworks.Any(network => network.Contains(real));
    }
}

/// <summary>
/// A client for URLs that others name. It reaches public addresses over TLS and the allowed networks, nothing else: what counts is the
/// address that is connected to, not what a name meant a moment before. It follows no redirect, uses no proxy and no cookie, and
/// refuses answers that are too long.
/// </summary>
public static class GuardedHttp
{
    /// <summary>A client, to be kept and used for many requests. What it refuses is an <see cref="HttpRequestException"/>.</summary>
    public static HttpClient Create(OutgoingRules rules)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = rules.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 16,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(rules, context, cancellationToken),
        };
        var client = new HttpClient(new Guard(rules) { InnerHandler = sockets }) { Timeout = rules.Timeout };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Humanitarian", null));
        return client;
    }

    private static async ValueTask<Stream> ConnectAsync(OutgoingRules rules, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var secure = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps;
        Exception? last = null;
        foreach (var address in await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken))
        {
            if (!rules.Allows(address) && !(secure && PublicAddresses.Contains(address)))
            {
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException unreachable)
            {
                socket.Dispose();
                last = unreachable;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new HttpRequestException(
            HttpRequestError.ConnectionError, secure ? "The host has no public address." : "Plain HTTP is taken to allowed networks alone.");
    }

    private sealed class Guard(OutgoingRules rules) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri is not { IsAbsoluteUri: true, UserInfo.Length: 0 } uri || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
            {
                throw new HttpRequestException("Only http and https URLs without a user are asked.");
            }

            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                // Read here, so that the bound holds however the caller reads.
                await response.Content.LoadIntoBufferAsync(rules.AnswerBytes, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }
}
