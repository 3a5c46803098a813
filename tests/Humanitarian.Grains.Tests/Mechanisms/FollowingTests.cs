using Humanitarian.Domain;
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

    // Red when Forget takes a record away that a later block wrote again, and when Record or Claims look before the height they are asked for.
    [Fact]
    public Task A_read_finds_the_newest_record_and_what_became_of_claims_from_a_height_on() => Rig.RunAsync(async rig =>
    {
        var first = await WrittenAsync(rig, false);
        var second = await WrittenAsync(rig, true);
        var tail = new LedgerTail();
        await new LogFollower(rig.Cluster.Blocks, tail).FollowToHeadAsync();
        var key = new RecordKey(RecordKind.Member, SimStory.Registrar);
        (uint Version, Domain.Record Record)? Found(ulong? projected) => tail.Read(projected, snapshot => new[] { snapshot.Record(key) })![0];
        var newest = Found(null)!.Value;
        Assert.Equal((true, newest.Version), (((Domain.Organisations.MemberRecord)newest.Record).Active, Found(first)!.Value.Version));
        Assert.Contains(newest.Record, tail.Read(first, snapshot => snapshot.RecordsOf(RecordKind.Member, SimStory.Ngo))!);
        Assert.Null(Found(second));

        // Few are asked of each block, many of all blocks in one walk.
        var claims = tail.ChangesFrom(0, int.MaxValue).SelectMany(block => block.Claims).Select(change => change.Claim).Distinct().ToArray();
        var each = claims.Chunk(1).SelectMany(one => tail.Read(null, snapshot => snapshot.Claims(one))!).ToDictionary();
        Assert.True(claims.Length > 16);
        Assert.Equal(each.OrderBy(claim => claim.Key), tail.Read(null, snapshot => snapshot.Claims(claims))!.OrderBy(claim => claim.Key));
        Assert.Equal(tail.ChangesAt(second)!.Claims.Select(change => change.Claim).Order(), tail.Read(second - 1, snapshot => snapshot.Claims(claims))!.Keys.Order());

        tail.Prune(first, 0);
        Assert.Equal(newest, Found(first));
    });

    private static async Task<ulong> WrittenAsync(Rig rig, bool active)
    {
        var done = await rig.Story.RegisterAsync(
            SimStory.Admin, rig.Story.Member(SimStory.Registrar, SimStory.Ngo, Domain.Organisations.Roles.Registrar) with { Active = active });
        Rig.Done(done.Refusal);
        return done.Height;
    }

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
