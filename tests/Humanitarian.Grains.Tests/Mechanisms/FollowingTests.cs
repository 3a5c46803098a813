using Humanitarian.Grains.Log;
using Humanitarian.Grains.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>What a silo keeps of the log that others order and project.</summary>
public sealed class FollowingTests
{
    // Red when a writer forgets only what it has written itself: the tail of a silo that is never the first would grow for ever.
    [Fact]
    public Task A_silo_forgets_what_another_has_projected() => Rig.RunAsync(async rig =>
    {
        for (var transfer = 0; transfer < 20; transfer++)
        {
            Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        }

        var head = (ulong)rig.Cluster.Blocks.Blocks.Count - 1;
        await rig.UntilAsync(async () => await rig.Cluster.Projections.HeightAsync() >= head);
        var tail = new LedgerTail();
        var follower = new LogFollower(rig.Cluster.Blocks, tail);
        await follower.FollowToHeadAsync();
        var followed = tail.Weight;
        var writer = new ProjectionWriter(
            follower, rig.Cluster.Projections, new SimTime(rig.World, rig.Cluster.Clients), new ProjectionLimits(10, 0, int.MaxValue), NullLogger<ProjectionWriter>.Instance);

        Assert.False(await writer.WriteBatchAsync(default));
        Assert.True(tail.Weight < followed / 5, $"{tail.Weight} of {followed} left");
    });

    [Fact]
    public Task Who_follows_is_woken_by_blocks_and_told_of_the_account_they_watch() => Rig.RunAsync(async rig =>
    {
        var tail = new LedgerTail();
        var follower = new LogFollower(rig.Cluster.Blocks, tail);
        await follower.FollowToHeadAsync();
        using var payer = new AccountWatch(tail, SimStory.Beneficiary(0));
        using var other = new AccountWatch(tail, SimStory.Beneficiary(2));
        var moved = follower.Moved;
        Assert.False(payer.Touched());

        Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        Assert.False(moved.IsCompleted);
        await follower.FollowToHeadAsync();

        Assert.True(moved.IsCompleted);
        Assert.False(follower.Moved.IsCompleted);
        Assert.Equal((true, false, false), (payer.Touched(), payer.Touched(), other.Touched()));
        payer.Dispose();
        Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        await follower.FollowToHeadAsync();
        Assert.False(payer.Touched());
    });
}
