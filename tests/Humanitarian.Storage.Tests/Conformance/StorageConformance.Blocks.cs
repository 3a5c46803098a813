using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Storage.Tests.Conformance;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task Empty_store_has_no_head_and_no_block()
    {
        Assert.Null(await Blocks.HeadAsync());
        Assert.Null(await Blocks.FindAsync(0));
        Assert.Null(await Blocks.FindAsync(ulong.MaxValue));
        Assert.Empty(await ListAsync(Blocks.ReadAsync(0)));
    }

    [Fact]
    public async Task Blocks_in_sequence_are_durable_and_move_the_head()
    {
        for (var height = 0; height < 3; height++)
        {
            Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(height)));
            Assert.Equal(new BlockHead((ulong)height, BlockAt(height).Hash), await Blocks.HeadAsync());
        }

        AssertSame(BlockAt(1), await Blocks.FindAsync(1));
    }

    [Fact]
    public async Task First_block_with_a_predecessor_conflicts()
    {
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(0) with { Previous = HashOf(5) }));
        Assert.Null(await Blocks.HeadAsync());
    }

    [Fact]
    public async Task First_block_above_height_zero_conflicts()
    {
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(1)));
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(1) with { Previous = Hash32.Zero }));
        Assert.Null(await Blocks.HeadAsync());
    }

    [Fact]
    public async Task Wrong_predecessor_conflicts_and_leaves_the_head()
    {
        await AppendChainAsync(2);
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(2) with { Previous = BlockAt(0).Hash }));
        Assert.Equal(1ul, (await Blocks.HeadAsync())?.Height);
    }

    [Fact]
    public async Task Gap_conflicts_even_with_the_heads_hash()
    {
        await AppendChainAsync(2);
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(3) with { Previous = BlockAt(1).Hash }));
        Assert.Null(await Blocks.FindAsync(3));
    }

    [Fact]
    public async Task Same_block_again_is_durable_also_below_the_head()
    {
        await AppendChainAsync(3);
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(2)));
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(0)));
        Assert.Equal(2ul, (await Blocks.HeadAsync())?.Height);
    }

    [Fact]
    public async Task Other_block_at_a_taken_height_conflicts_and_the_first_stays()
    {
        await AppendChainAsync(3);
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(2) with { Hash = HashOf(99) }));
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(1) with { Hash = HashOf(99) }));
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(0) with { Hash = HashOf(99) }));
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(BlockAt(2) with { Bytes = new byte[] { 1 } }));
        AssertSame(BlockAt(2), await Blocks.FindAsync(2));
    }

    [Fact]
    public async Task Of_concurrent_appends_at_one_height_exactly_one_wins()
    {
        await AppendChainAsync(1);
        for (var height = 1; height <= 20; height++)
        {
            var head = await Blocks.HeadAsync();
            var rivals = Enumerable.Range(0, 4)
                .Select(writer => new StoredBlock((ulong)height, HashOf((1000 * height) + writer), head!.Value.Hash, new byte[] { (byte)writer }))
                .ToList();
            var results = await Task.WhenAll(rivals.Select(block => Task.Run(() => Blocks.AppendAsync(block))));

            var winner = Assert.Single(rivals.Zip(results), pair => pair.Second == AppendResult.Durable).First;
            AssertSame(winner, await Blocks.FindAsync((ulong)height));
        }

        var blocks = await ListAsync(Blocks.ReadAsync(0));
        Assert.Equal(21, blocks.Count);
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.Equal(pair.First.Hash, pair.Second.Previous));
    }

    [Fact]
    public async Task Reading_gives_blocks_in_order_from_a_height_to_the_head()
    {
        await AppendChainAsync(600);
        var read = await ListAsync(Blocks.ReadAsync(40));
        Assert.Equal(Enumerable.Range(40, 560).Select(height => (ulong)height), read.Select(block => block.Height));
        AssertSame(BlockAt(599), read[^1]);
        Assert.Empty(await ListAsync(Blocks.ReadAsync(600)));
        Assert.Equal(read.Select(block => block.Hash), await ListAsync(Blocks.HashesAsync(40)));
    }

    [Fact]
    public async Task Appending_while_reading_does_not_wait_for_the_reader()
    {
        await AppendChainAsync(2);
        await using var reader = Blocks.ReadAsync(0).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(2)));
        Assert.True(await reader.MoveNextAsync());
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Large_and_empty_blocks_come_back_byte_for_byte()
    {
        var large = Enumerable.Range(0, 5_000_000).Select(i => unchecked((byte)(i * 31))).ToArray();
        await Blocks.AppendAsync(BlockAt(0) with { Bytes = large });
        await Blocks.AppendAsync(BlockAt(1) with { Bytes = Array.Empty<byte>() });
        var recurring = BlockAt(2) with { Bytes = new byte[100_000] };
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(recurring));
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(recurring));
        Assert.Equal(AppendResult.Conflict, await Blocks.AppendAsync(recurring with { Bytes = new byte[99_999] }));
        AssertSame(recurring, await Blocks.FindAsync(2));
        Assert.True((await Blocks.FindAsync(0))!.Bytes.Span.SequenceEqual(large));
        Assert.Equal(0, (await Blocks.FindAsync(1))!.Bytes.Length);
        Assert.Equal(3, (await ListAsync(Blocks.ReadAsync(0))).Count);
    }

    [Fact]
    public async Task Cancelled_append_writes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Blocks.AppendAsync(BlockAt(0), new CancellationToken(canceled: true)));
        Assert.Null(await Blocks.HeadAsync());
    }

    [Fact]
    public async Task Blocks_are_there_after_reopening_and_the_chain_goes_on()
    {
        await AppendChainAsync(3);
        await ReopenAsync();
        Assert.Equal(new BlockHead(2, BlockAt(2).Hash), await Blocks.HeadAsync());
        Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(3)));
    }

    protected static StoredBlock BlockAt(int height) => new(
        (ulong)height,
        HashOf(height + 1),
        height == 0 ? Hash32.Zero : HashOf(height),
        Enumerable.Range(0, 100).Select(i => unchecked((byte)(i + height))).ToArray());

    protected async Task AppendChainAsync(int count)
    {
        for (var height = 0; height < count; height++)
        {
            Assert.Equal(AppendResult.Durable, await Blocks.AppendAsync(BlockAt(height)));
        }
    }

    protected static void AssertSame(StoredBlock expected, StoredBlock? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Height, expected.Hash, expected.Previous), (actual.Height, actual.Hash, actual.Previous));
        Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
    }
}
