namespace Humanitarian.LoadTests.Engine;

/// <summary>
/// Drives requests by load simulations. In the open model every arrival has its place in time beforehand, start + i/rate, and its
/// latency counts from there: neither a slow system nor a stalled generator can hide what somebody arriving then would have waited.
/// </summary>
/// <param name="time">Tells time only.</param>
/// <param name="wait">Waits on the calling thread; may wake late, which then shows as lateness.</param>
/// <param name="inline">Sends on the generator's own thread, so that a test's clock decides what happens when.</param>
internal sealed class LoadGenerator(TimeProvider time, Action<TimeSpan> wait, bool inline = false)
{
    /// <summary>
    /// Most requests under way at once. Beyond it the generator holds arrivals back, so that memory stays bounded; their latency still
    /// counts from their place in time.
    /// </summary>
    public const int MostInFlight = 100_000;

    /// <summary>How long answers are waited for once nothing more is sent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private long next;
    private long limit = long.MaxValue;

    /// <summary>Number of requests begun so far, warm-up included.</summary>
    public long Requests => Interlocked.Read(ref next);

    /// <summary>Runs phases one after the other, then waits for what is under way.</summary>
    /// <param name="most">Number of the request before which all load ends.</param>
    /// <returns>From the first arrival to the last answer.</returns>
    public TimeSpan Run(
        IReadOnlyList<LoadSimulation> phases, Func<long, ValueTask<Response>> request, Meter meter, int seed, CancellationToken cancellationToken, long most = long.MaxValue)
    {
        limit = most;
        var start = time.GetTimestamp();
        var planned = TimeSpan.Zero;
        foreach (var phase in phases)
        {
            if (phase.IsOpen)
            {
                Open(phase, start, planned, request, meter, seed, cancellationToken);
            }
            else
            {
                Closed(phase, start, planned, request, meter, cancellationToken);
            }

            planned += phase.During;
        }

        var load = time.GetElapsedTime(start);
        while (meter.InFlight > 0 && time.GetElapsedTime(start) - load < Patience && !cancellationToken.IsCancellationRequested)
        {
            wait(Look);
        }

        return time.GetElapsedTime(start);
    }

    private void Open(LoadSimulation phase, long start, TimeSpan planned, Func<long, ValueTask<Response>> request, Meter meter, int seed, CancellationToken cancellationToken)
    {
        foreach (var at in phase.Arrivals(seed))
        {
            var due = planned + at;
            WaitUntil(start, due, cancellationToken);
            while (meter.InFlight >= MostInFlight && !cancellationToken.IsCancellationRequested)
            {
                wait(TimeSpan.FromMilliseconds(1));
            }

            if (cancellationToken.IsCancellationRequested || !TryTake(out var number))
            {
                return;
            }

            meter.Started();
            if (inline)
            {
                _ = SendAsync(request, meter, start, due, number);
                continue;
            }

            ThreadPool.UnsafeQueueUserWorkItem(
                static state => _ = state.Self.SendAsync(state.Request, state.Meter, state.Start, state.Due, state.Number),
                (Self: this, Request: request, Meter: meter, Start: start, Due: due, Number: number), preferLocal: false);
        }

        WaitUntil(start, planned + phase.During, cancellationToken);
    }

    private void Closed(LoadSimulation phase, long start, TimeSpan planned, Func<long, ValueTask<Response>> request, Meter meter, CancellationToken cancellationToken)
    {
        var running = 0;
        while (time.GetElapsedTime(start) is var now && now < planned + phase.During && Requests < limit && !cancellationToken.IsCancellationRequested)
        {
            var target = phase.CopiesAt(now - planned);
            for (; running < target; running++)
            {
                _ = RepeatAsync(running);
            }

            running = Math.Min(running, target);
            wait(Look);
        }

        async Task RepeatAsync(int copy)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (time.GetElapsedTime(start) is var now && copy < phase.CopiesAt(now - planned) && !cancellationToken.IsCancellationRequested)
            {
                if (!TryTake(out var number))
                {
                    return;
                }

                meter.Started();
                await SendAsync(request, meter, start, now, number);
            }
        }
    }

    /// <summary>The next request's number; none is passed over where the load ends, so that another may go on there.</summary>
    private bool TryTake(out long number)
    {
        do
        {
            number = Requests;
        }
        while (number < limit && Interlocked.CompareExchange(ref next, number + 1, number) != number);

        return number < limit;
    }

    private async Task SendAsync(Func<long, ValueTask<Response>> request, Meter meter, long start, TimeSpan due, long number)
    {
        var started = time.GetElapsedTime(start);
        Response response;
        try
        {
            response = await request(number);
        }
        catch (Exception fault)
        {
            response = Response.Failed(fault.GetType().Name);
        }

        var ended = time.GetElapsedTime(start);
        meter.Ended(response, ended - due, ended - started);
    }

    private void WaitUntil(long start, TimeSpan due, CancellationToken cancellationToken)
    {
        while (due - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero && !cancellationToken.IsCancellationRequested)
        {
            wait(left > Look ? Look : left);
        }
    }
}
