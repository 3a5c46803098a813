using System.Net;
using System.Net.Sockets;

namespace Humanitarian.Testing.Postgres;

/// <summary>When a proxy cuts a connection.</summary>
public enum Cut
{
    /// <summary>Never.</summary>
    None = 0,

    /// <summary>Before the next request reaches the server.</summary>
    BeforeRequest = 1,

    /// <summary>After the server has done what it was asked, before its answer reaches the client.</summary>
    BeforeAnswer = 2,
}

/// <summary>Stands between a client and a server on the loopback interface, and cuts connections at a chosen place.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _server;
    private readonly Task _accepting;
    private int _cut;
    private int _cuts;

    public CuttingProxy(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections it has cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Cuts the connection that next comes to this place; once.</summary>
    public void CutNext(Cut cut) => Volatile.Write(ref _cut, (int)cut);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _stopping.Token);
            var (near, far) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(CopyAsync(near, far, Cut.BeforeRequest), CopyAsync(far, near, Cut.BeforeAnswer));
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException)
        {
            // Whatever ends a connection, both its ends are closed.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Cut place)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, _stopping.Token) is var count and > 0)
        {
            if (Interlocked.CompareExchange(ref _cut, (int)Cut.None, (int)place) == (int)place)
            {
                Interlocked.Increment(ref _cuts);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }
}
