using System.Security.Cryptography;
using System.Text;
using Humanitarian.Chain.Crypto;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>A fault that the simulation made: a lost call, a failing store.</summary>
public sealed class SimulatedFault(string message) : Exception(message);

/// <summary>
/// One thread, one seed: the seed picks which ready work item runs next; when nothing is ready, time jumps to the next timer. Every
/// choice comes from the one generator, so the same seed gives the same history. Results are handed on without
/// RunContinuationsAsynchronously, because Task.WhenAll over such tasks goes through the thread pool.
/// </summary>
public sealed class SimWorld(int seed, long now) : IRandomSource
{
    private const int MaximumSteps = 2_000_000;
    private readonly List<(SimProcess Process, SendOrPostCallback Callback, object? State)> ready = [];
    private readonly PriorityQueue<SimTimer, (long Due, long Number)> timers = new();
    private readonly IncrementalHash history = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long numbers;

    public int Seed { get; } = seed;

    public Random Random { get; } = new(seed);

    /// <summary>Unix milliseconds.</summary>
    public long Now { get; private set; } = now;

    /// <summary>False once the run only finishes what it has begun.</summary>
    public bool Faults { get; set; } = true;

    /// <summary>The last lines of the history, to look at when a run fails.</summary>
    public Queue<string> Recent { get; } = new();

    public void Fill(Span<byte> destination) => Random.NextBytes(destination);

    public bool Chance(double probability) => Random.NextDouble() < probability;

    /// <summary>True with a probability while faults are on.</summary>
    public bool Fault(double probability) => Faults && Chance(probability);

    public void Note(string line)
    {
        history.AppendData(Encoding.UTF8.GetBytes($"{Now} {line}\n"));
        Recent.Enqueue($"{Now} {line}");
        if (Recent.Count > 400)
        {
            Recent.Dequeue();
        }
    }

    /// <summary>Hash over everything noted so far.</summary>
    public string History() => Convert.ToHexStringLower(history.GetCurrentHash());

    internal void Enqueue(SimProcess process, SendOrPostCallback callback, object? state) => ready.Add((process, callback, state));

    internal SimTimer After(SimProcess process, long milliseconds, Action action)
    {
        var timer = new SimTimer(process, action);
        timers.Enqueue(timer, (Now + Math.Max(0, milliseconds), numbers++));
        return timer;
    }

    /// <summary>Runs until the task has ended.</summary>
    /// <exception cref="TimeoutException">Nothing can happen any more, or the limit of simulated time or of steps has passed.</exception>
    public T Run<T>(SimProcess process, Func<Task<T>> work, long limitMilliseconds)
    {
        var before = SynchronizationContext.Current;
        var until = Now + limitMilliseconds;
        var steps = 0;
        var task = process.Start(work);
        try
        {
            while (!task.IsCompleted)
            {
                if (!Step() || Now > until || ++steps > MaximumSteps)
                {
                    throw new TimeoutException($"The simulation stands still at {Now}.");
                }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        return task.GetAwaiter().GetResult();
    }

    private bool Step()
    {
        if (ready.Count > 0)
        {
            var pick = Random.Next(ready.Count);
            var (process, callback, state) = ready[pick];
            ready[pick] = ready[^1];
            ready.RemoveAt(ready.Count - 1);
            if (!process.IsDead)
            {
                SynchronizationContext.SetSynchronizationContext(process);
                callback(state);
            }

            return true;
        }

        if (!timers.TryDequeue(out var timer, out var key))
        {
            return false;
        }

        Now = Math.Max(Now, key.Due);
        if (!timer.IsCancelled && !timer.Process.IsDead)
        {
            SynchronizationContext.SetSynchronizationContext(timer.Process);
            timer.Action();
        }

        return true;
    }
}

/// <summary>Something to be done at a simulated time.</summary>
public sealed class SimTimer(SimProcess process, Action action)
{
    public SimProcess Process { get; } = process;

    public Action Action { get; } = action;

    public bool IsCancelled { get; set; }
}

/// <summary>Something that lives and dies as one: what it awaits is resumed on it, and never again once it is dead.</summary>
public sealed class SimProcess(SimWorld world, string name) : SynchronizationContext
{
    public string Name { get; } = name;

    public bool IsDead { get; private set; }

    /// <summary>Milliseconds by which this process' clock is wrong.</summary>
    public long Skew { get; set; }

    public void Kill()
    {
        IsDead = true;
        world.Note($"{Name} dies");
    }

    public override void Post(SendOrPostCallback d, object? state) => world.Enqueue(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Begins work on this process; its result can be awaited on any other.</summary>
    public Task<T> Start<T>(Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>();
        Post(_ => _ = RunAsync(work, result), null);
        return result.Task;
    }

    public Task Delay(long milliseconds)
    {
        var done = new TaskCompletionSource();
        world.After(this, milliseconds, done.SetResult);
        return done.Task;
    }

    private static async Task RunAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> result)
    {
        try
        {
            result.TrySetResult(await work());
        }
        catch (Exception fault)
        {
            result.TrySetException(fault);
        }
    }
}

/// <summary>Simulated time as a process sees it.</summary>
public sealed class SimTime(SimWorld world, SimProcess process) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(world.Now + process.Skew);

    public override long GetTimestamp() => world.Now * TimeSpan.TicksPerMillisecond;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(world, process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimWorld world, SimProcess process, Action callback) : ITimer
    {
        private SimTimer? current;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            current = dueTime < TimeSpan.Zero ? null : world.After(process, (long)Math.Ceiling(dueTime.TotalMilliseconds), callback);
            return true;
        }

        public void Dispose()
        {
            if (current is { } timer)
            {
                timer.IsCancelled = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
