using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Tests;

/// <summary>What latency is counted from.</summary>
public sealed class GeneratorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_stalled_generator_hides_nothing_latency_counts_from_the_intended_start()
    {
        var time = new ManualTime();
        var stalled = false;
        var generator = new LoadGenerator(time, wait =>
        {
            // Half a second in which the generator did not run, as under a long pause for garbage.
            time.Advance(!stalled && time.GetElapsedTime(0) >= Second / 4 ? Second / 2 : wait);
            stalled |= time.GetElapsedTime(0) >= Second / 2;
        }, inline: true);
        var meter = new Meter();
        generator.Run([LoadSimulation.Inject(100, Second)], _ => ValueTask.FromResult(Response.Ok), meter, 1, CancellationToken.None);
        meter.TakeInterval();
        Assert.Equal(100, meter.Ok);
        Assert.InRange(Percentiles.Of(meter.Latency)!.Max, 400, 520);
        Assert.InRange(Percentiles.Of(meter.Lateness)!.Max, 400, 520);
        Assert.InRange(Percentiles.Of(meter.Latency)!.P50, 0.001, 300);
    }

    [Fact]
    public void Service_time_counts_from_the_actual_start()
    {
        var time = new ManualTime();
        var generator = new LoadGenerator(time, time.Advance, inline: true);
        var meter = new Meter();
        generator.Run(
            [LoadSimulation.Inject(1, Second)],
            _ =>
            {
                time.Advance(Second / 10);
                return ValueTask.FromResult(Response.Ok);
            },
            meter, 1, CancellationToken.None);
        meter.TakeInterval();
        Assert.InRange(Percentiles.Of(meter.Service)!.P50, 100, 101);
    }

    [Fact]
    public void The_open_model_sends_on_while_nobody_answers()
    {
        var time = new ManualTime();
        var never = new TaskCompletionSource<Response>();
        var generator = new LoadGenerator(time, time.Advance, inline: true);
        var meter = new Meter();
        generator.Run([LoadSimulation.Inject(200, Second)], _ => new ValueTask<Response>(never.Task), meter, 1, CancellationToken.None);
        Assert.Equal((200, 200), (meter.Sent, meter.InFlight));
    }

    [Fact]
    public async Task The_closed_model_never_has_more_under_way_than_its_copies()
    {
        int now = 0, most = 0;
        var generator = new LoadGenerator(TimeProvider.System, Waiting.Precisely);
        var meter = new Meter();
        await Task.Factory.StartNew(
            () => generator.Run(
                [LoadSimulation.KeepConstant(7, Second)],
                async _ =>
                {
                    var mine = Interlocked.Increment(ref now);
                    InterlockedMax(ref most, mine);
                    await Task.Yield();
                    Interlocked.Decrement(ref now);
                    return Response.Ok;
                },
                meter, 1, TestContext.Current.CancellationToken),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.InRange(most, 1, 7);
        Assert.True(meter.Ok > 7);
        Assert.Equal(0, meter.InFlight);
    }

    [Fact]
    public void A_load_that_ended_by_count_leaves_the_next_request_to_the_next_load()
    {
        var numbers = new System.Collections.Concurrent.ConcurrentQueue<long>();
        var generator = new LoadGenerator(TimeProvider.System, Waiting.Precisely);
        foreach (var most in (long[])[100, 200])
        {
            var meter = new Meter();
            generator.Run([LoadSimulation.KeepConstant(20, Second * 60)], async number =>
            {
                numbers.Enqueue(number);
                await Task.Yield();
                return Response.Ok;
            }, meter, 1, TestContext.Current.CancellationToken, most);
            Assert.Equal(100, meter.Ok);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(number => (long)number), numbers.Order());
    }

    [Fact]
    public void Refusals_and_failures_are_counted_apart_and_not_timed()
    {
        var generator = new LoadGenerator(TimeProvider.System, Waiting.Precisely);
        var meter = new Meter();
        generator.Run(
            [LoadSimulation.Inject(1_000, Second / 10)],
            number => number % 3 == 0 ? ValueTask.FromResult(Response.Refused("INSUFFICIENT_FUNDS"))
                : number % 3 == 1 ? throw new TimeoutException() : ValueTask.FromResult(Response.Ok),
            meter, 1, TestContext.Current.CancellationToken);
        meter.TakeInterval();
        Assert.Equal((34, 33, 33), (meter.Refused, meter.Failed, meter.Ok));
        Assert.Equal(34, meter.Refusals["INSUFFICIENT_FUNDS"]);
        Assert.Equal(33, meter.Failures["TimeoutException"]);
        Assert.Equal(33, meter.Latency.TotalCount);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
