using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>A network that can be cut: a port of the loopback interface whose bytes go on to another, unless they are held back.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentDictionary<TcpClient, bool> open = [];
    private readonly int target;
    private volatile TaskCompletionSource there = Opened();
    private volatile TaskCompletionSource back = Opened();

    public TcpProxy(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How long every piece waits before it goes on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>From now on nothing arrives, as if cables were pulled: what is sent waits, and so do new connections.</summary>
    /// <param name="towards">What is sent to the target is held.</param>
    /// <param name="answers">What the target sends is held.</param>
    public void Cut(bool towards = true, bool answers = true)
    {
        there = towards ? new TaskCompletionSource() : there;
        back = answers ? new TaskCompletionSource() : back;
    }

    /// <summary>What was held arrives, and everything after it.</summary>
    public void Heal()
    {
        there.TrySetResult();
        back.TrySetResult();
    }

    public void Dispose()
    {
        ending.Cancel();
        listener.Dispose();
        foreach (var client in open.Keys)
        {
            client.Dispose();
        }

        ending.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await listener.AcceptTcpClientAsync(ending.Token));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Ended.
        }
    }

    private async Task CarryAsync(TcpClient from)
    {
        using var to = new TcpClient();
        using (from)
        {
            open[from] = open[to] = true;
            try
            {
                await there.Task.WaitAsync(ending.Token);
                await to.ConnectAsync(IPAddress.Loopback, target, ending.Token);
                (from.NoDelay, to.NoDelay) = (true, true);
                await Task.WhenAny(
                    PumpAsync(from.GetStream(), to.GetStream(), () => there.Task), PumpAsync(to.GetStream(), from.GetStream(), () => back.Task));
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side is gone; so is the other.
            }

            open.TryRemove(from, out _);
            open.TryRemove(to, out _);
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<Task> gate)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer, ending.Token)) > 0;)
            {
                if (Delay > TimeSpan.Zero)
                {
                    await Task.Delay(Delay, ending.Token);
                }

                await gate().WaitAsync(ending.Token);
                await to.WriteAsync(buffer.AsMemory(0, read), ending.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection is gone.
        }

        // An end is news too, and does not travel through a cut.
        await gate().WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
