using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>An organisation that floods waits by itself.</summary>
public sealed class TurnsTests
{
    private static readonly Id Flood = Founding.IdOf("turns flood");
    private static readonly Id Till = Founding.IdOf("turns till");
    private static readonly Id Other = Founding.IdOf("turns other");
    private readonly Clock clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Organisation_alone_runs_all_it_sends_and_beside_others_its_share()
    {
        var turns = new Turns(clock, new TurnLimits(Alone: 20, Beside: 2, Waiting: 100));
        var running = await ManyAsync(turns, Flood, 20);

        // Who comes now is served as soon as there is room at all, and the flood only within its share.
        var till = turns.EnterAsync(Till, Cancel).AsTask();
        var more = turns.EnterAsync(Flood, Cancel).AsTask();
        Assert.False(till.IsCompleted || more.IsCompleted);
        running[0]!.Dispose();
        (await till)!.Dispose();
        foreach (var one in running.Skip(1).Take(17))
        {
            one!.Dispose();
            Assert.False(more.IsCompleted);
            (await turns.EnterAsync(Till, Cancel))!.Dispose();
        }

        running[18]!.Dispose();
        Assert.NotNull(await more);

        // A second later nobody else asks for anything.
        clock.Now += TimeSpan.FromSeconds(2);
        Assert.DoesNotContain(null, await ManyAsync(turns, Flood, 10));
    }

    [Fact]
    public async Task Those_that_wait_are_served_one_organisation_after_the_other()
    {
        var turns = new Turns(clock, new TurnLimits(Alone: 1, Beside: 1, Waiting: 100));
        var first = await turns.EnterAsync(Flood, Cancel);
        var order = new List<Id>();
        var waiting = new[] { Flood, Flood, Flood, Till, Other, Till }.Select(async organisation =>
        {
            using var turn = await turns.EnterAsync(organisation, Cancel);
            lock (order)
            {
                order.Add(organisation);
            }
        }).ToArray();
        first!.Dispose();
        await Task.WhenAll(waiting);
        Assert.Equal([Flood, Till, Other, Flood, Till, Flood], order);
    }

    [Fact]
    public async Task Too_many_that_wait_are_refused_and_one_that_goes_away_is_passed_over()
    {
        var turns = new Turns(clock, new TurnLimits(Alone: 1, Beside: 1, Waiting: 2));
        var first = await turns.EnterAsync(Flood, Cancel);
        using var leaving = new CancellationTokenSource();
        var gone = turns.EnterAsync(Flood, leaving.Token).AsTask();
        var waiting = turns.EnterAsync(Flood, Cancel).AsTask();
        Assert.Null(await turns.EnterAsync(Flood, Cancel));
        var till = turns.EnterAsync(Till, Cancel).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        first!.Dispose();
        (await waiting)!.Dispose();
        (await till)!.Dispose();
        Assert.NotNull(await turns.EnterAsync(Other, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Organisation_that_is_alone_again_runs_all_that_waits_when_one_ends_or_comes(bool ends)
    {
        var turns = new Turns(clock, new TurnLimits(Alone: 20, Beside: 2, Waiting: 10));
        (await turns.EnterAsync(Till, Cancel))!.Dispose();
        var running = await ManyAsync(turns, Flood, 2);
        var waiting = Enumerable.Range(0, 10).Select(_ => turns.EnterAsync(Flood, Cancel).AsTask()).ToArray();
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        clock.Now += TimeSpan.FromSeconds(2);
        if (ends)
        {
            running[0]!.Dispose();
        }
        else
        {
            Assert.NotNull(await turns.EnterAsync(Flood, Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel));
        }

        Assert.DoesNotContain(null, await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromMinutes(1), Cancel));
    }

    private static async Task<IDisposable?[]> ManyAsync(Turns turns, Id organisation, int count)
    {
        var taken = new IDisposable?[count];
        for (var one = 0; one < count; one++)
        {
            taken[one] = await turns.EnterAsync(organisation, Cancel);
        }

        return taken;
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
