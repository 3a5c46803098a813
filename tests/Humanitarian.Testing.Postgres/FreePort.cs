using System.Net;
using System.Net.Sockets;

namespace Humanitarian.Testing.Postgres;

/// <summary>
/// Ports of the loopback interface for servers that tests start, stop and start again. They lie below those that the system gives to
/// outgoing connections (32768 to 60999 on Linux): one of these may take a server's port between its choice and its start, or while it is
/// down.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int Count = 20_000;
    private const int ForEachProcess = 50;

    // Test processes that run beside each other begin at different places.
    private static int last = Environment.ProcessId * ForEachProcess % Count;

    /// <summary>A port that nobody listens on, given once to a process.</summary>
    public static int Take()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it: the next.
            }
        }

        throw new InvalidOperationException($"No port from {First} on is free.");
    }
}
