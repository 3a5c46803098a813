using Humanitarian.Grains.Log;
using Humanitarian.Grains.Tests.Simulation;
using Humanitarian.Storage.Projections;
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
    public Task Changes_are_held_until_they_are_projected_and_transactions_of_the_newest_blocks_only() => Rig.RunAsync(async rig =>
    {
        for (var transfer = 0; transfer < 20; transfer++)
        {
            Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        }

        var tail = new LedgerTail(wholeMost: 12);
        await new LogFollower(rig.Cluster.Blocks, tail).FollowToHeadAsync();
        var head = (ulong)rig.Cluster.Blocks.Blocks.Count - 1;
        Assert.Equal(head, tail.BlockAt(head)!.Height);
        Assert.Null(tail.BlockAt(head - 5));
        Assert.Equal(head - 5, tail.ChangesAt(head - 5)!.Height);
        var mark = Assert.Single(tail.ChangesAt(head - 5)!.Transactions);
        Assert.Equal([new Place(head - 5, 0)], tail.Read(null, snapshot => new[] { snapshot.Transaction(mark.Hash)!.Value })!);
        Assert.Equal(20, tail.Read(null, snapshot => snapshot.Entries(SimStory.Beneficiary(0)))!.Count(entry => entry.Changes[0].AvailableMinor == -1));

        // What is forgotten altogether is no longer counted among the whole.
        tail.Prune(head, 0);
        Assert.Equal(head, tail.BlockAt(head)!.Height);
        Assert.Null(tail.ChangesAt(head - 1));
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
