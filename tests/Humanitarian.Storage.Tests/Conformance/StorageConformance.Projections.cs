using CsCheck;
using Humanitarian.Domain;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Tests.Conformance;

public abstract partial class StorageConformance
{
    private static readonly ProjectionBatch Nothing = new(0, 0, [], [], [], [], [], [], [], []);

    [Fact]
    public async Task Batch_applies_only_right_after_the_height_reached()
    {
        Assert.Null(await Projections.HeightAsync());
        Assert.False(await Projections.ApplyAsync(Nothing with { FromHeight = 1, ToHeight = 1 }));
        Assert.True(await Projections.ApplyAsync(Nothing with { ToHeight = 4 }));
        Assert.Equal(4ul, await Projections.HeightAsync());

        var change = Nothing with { BalanceChanges = [new BalanceRow(IdOf(1), "USD", Id.None, 5, 0)] };
        Assert.False(await Projections.ApplyAsync(change with { FromHeight = 0, ToHeight = 5 }));
        Assert.False(await Projections.ApplyAsync(change with { FromHeight = 4, ToHeight = 5 }));
        Assert.False(await Projections.ApplyAsync(change with { FromHeight = 6, ToHeight = 6 }));
        Assert.Equal(["height 4"], await ListAsync(Projections.DumpAsync()));

        Assert.True(await Projections.ApplyAsync(change with { FromHeight = 5, ToHeight = 5 }));
        Assert.Equal(5ul, await Projections.HeightAsync());
    }

    [Fact]
    public async Task Of_concurrent_batches_at_one_height_exactly_one_applies()
    {
        var batch = Nothing with { BalanceChanges = [new BalanceRow(IdOf(1), "USD", Id.None, 5, 0)] };
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Projections.ApplyAsync(batch))));
        Assert.Single(results, applied => applied);
        Assert.Equal(5, Assert.Single((await Projections.AccountsAsync([IdOf(1)])).Value).Balances.Single().AvailableMinor);
    }

    [Fact]
    public Task Batches_cut_anywhere_leave_what_the_model_says() =>
        Gen.Select(ProjectionModel.GenBlocks, Gen.Int[1, 4].Array[0, 12]).SampleAsync(
            async (drawn, cuts) =>
            {
                var blocks = ProjectionModel.Number(drawn);
                var expected = ProjectionModel.Replay(blocks).Lines();
                Assert.Equal(expected, await DumpAfterAsync(blocks, [blocks.Count]));
                Assert.Equal(expected, await DumpAfterAsync(blocks, cuts));
                Assert.Equal(expected, await DumpAfterAsync(blocks, []));
            },
            iter: 60,
            threads: 1);

    [Fact]
    public async Task Balance_that_comes_to_zero_vanishes_and_can_come_back()
    {
        var row = new BalanceRow(IdOf(1), "USD", IdOf(5), 70, 30);
        await ApplyAsync(Nothing with { BalanceChanges = [row] });
        await ApplyAsync(Nothing with { BalanceChanges = [row with { AvailableMinor = -70, HeldMinor = 0 }] });
        Assert.Equal(row with { AvailableMinor = 0 }, Assert.Single((await Projections.HoldersAsync(IdOf(5), null, 9)).Value));

        await ApplyAsync(Nothing with { BalanceChanges = [row with { AvailableMinor = 0, HeldMinor = -30 }] });
        Assert.Empty((await Projections.HoldersAsync(IdOf(5), null, 9)).Value);
        Assert.Equal(["height 2"], await ListAsync(Projections.DumpAsync()));

        await ApplyAsync(Nothing with { BalanceChanges = [row] });
        Assert.Equal(row, Assert.Single((await Projections.AccountsAsync([IdOf(1)])).Value.Single().Balances));
    }

    [Fact]
    public async Task Sum_beyond_64_bits_is_a_fault_and_nothing_of_the_batch_stays()
    {
        await ApplyAsync(Nothing with { BalanceChanges = [new BalanceRow(IdOf(1), "USD", Id.None, long.MaxValue, 0)] });
        var before = await ListAsync(Projections.DumpAsync());
        var batch = Nothing with
        {
            FromHeight = 1,
            ToHeight = 1,
            BalanceChanges = [new BalanceRow(IdOf(0), "USD", Id.None, 1, 0), new BalanceRow(IdOf(1), "USD", Id.None, 1, 0)],
            Claims = [new ClaimRow(ClaimOf(1), new Place(1, 0))],
        };
        await Assert.ThrowsAnyAsync<Exception>(() => Projections.ApplyAsync(batch));
        Assert.Equal(before, await ListAsync(Projections.DumpAsync()));
    }

    [Fact]
    public async Task Extreme_amounts_come_back_exactly()
    {
        var rows = new[] { new BalanceRow(IdOf(1), "A", Id.None, long.MaxValue, long.MinValue), new BalanceRow(IdOf(1), "B", Id.None, long.MinValue, 1) };
        await ApplyAsync(Nothing with { BalanceChanges = rows });
        Assert.Equal(rows, (await Projections.AccountsAsync([IdOf(1)])).Value.Single().Balances);
    }

    [Fact]
    public async Task Reopened_claim_is_free_and_can_be_taken_elsewhere()
    {
        await ApplyAsync(Nothing with { Claims = [new ClaimRow(ClaimOf(1), new Place(0, 3)), new ClaimRow(ClaimOf(2), new Place(0, 4))] });
        await ApplyAsync(Nothing with { ReopenedClaims = [ClaimOf(1), ClaimOf(7)] });
        Assert.Equal([new ClaimRow(ClaimOf(2), new Place(0, 4))], (await Projections.ClaimsAsync([ClaimOf(1), ClaimOf(2), ClaimOf(2)])).Value);
        Assert.Equal([ClaimOf(2)], await ListAsync(Projections.AllClaimsAsync()));

        await ApplyAsync(Nothing with { Claims = [new ClaimRow(ClaimOf(1), new Place(2, 9)), new ClaimRow(ClaimOf(2), new Place(2, 8))] });
        Assert.Equal(
            [new ClaimRow(ClaimOf(1), new Place(2, 9)), new ClaimRow(ClaimOf(2), new Place(2, 8))],
            (await Projections.ClaimsAsync([ClaimOf(1), ClaimOf(2)])).Value);
    }

    [Fact]
    public async Task All_claims_stream_over_many_pages_in_order()
    {
        var claims = Enumerable.Range(0, 2500).Select(ClaimOf).ToList();
        await ApplyAsync(Nothing with { Claims = [.. claims.Select(claim => new ClaimRow(claim, new Place(0, 0))).Reverse()] });
        Assert.Equal(claims, await ListAsync(Projections.AllClaimsAsync()));
    }

    [Fact]
    public async Task Accounts_come_once_each_with_their_last_number_and_unknown_ones_empty()
    {
        await ApplyAsync(Nothing with
        {
            Entries = [Entry(1, 1), Entry(1, 2), Entry(1, 2) with { Unit = "EUR" }],
            BalanceChanges = [new BalanceRow(IdOf(1), "USD", IdOf(5), 3, 1), new BalanceRow(IdOf(1), "EUR", Id.None, 1, 0)],
        });
        var answer = await Projections.AccountsAsync([IdOf(2), IdOf(1), IdOf(2)]);

        Assert.Equal(0ul, answer.Height);
        Assert.Equal([(IdOf(2), 0ul, 0), (IdOf(1), 2ul, 2)], answer.Value.Select(a => (a.Account, a.Entries, a.Balances.Count)));
        Assert.Equal(["EUR", "USD"], answer.Value[1].Balances.Select(balance => balance.Unit));
    }

    [Fact]
    public async Task Entries_page_by_falling_number()
    {
        await ApplyAsync(Nothing with { Entries = [.. Enumerable.Range(1, 10).Select(number => Entry(1, number)), Entry(2, 1)] });
        async Task<IEnumerable<ulong>> Numbers(ulong? before, int limit) =>
            (await Projections.EntriesAsync(IdOf(1), before, limit)).Value.Select(entry => entry.Number);
        Assert.Equal([10ul, 9ul, 8ul], await Numbers(null, 3));
        Assert.Equal([7ul, 6ul], await Numbers(8, 2));
        Assert.Equal([1ul], await Numbers(2, 5));
        Assert.Empty(await Numbers(1, 5));
        Assert.Equal(Entry(2, 1), (await Projections.EntriesAsync(IdOf(2), null, 5)).Value.Single());
    }

    [Fact]
    public async Task Last_entries_are_told_of_those_accounts_that_have_any()
    {
        Assert.Empty((await Projections.LastEntriesAsync([IdOf(1)])).Value);
        await ApplyAsync(Nothing with { Entries = [.. Enumerable.Range(1, 10).Select(number => Entry(1, number)), Entry(1, 10) with { Unit = "EUR" }, Entry(2, 1)] });
        var answer = await Projections.LastEntriesAsync([IdOf(2), IdOf(3), IdOf(1), IdOf(1)]);
        Assert.Equal(0ul, answer.Height);
        Assert.Equal([new LastEntry(IdOf(1), 10), new LastEntry(IdOf(2), 1)], answer.Value.OrderBy(last => last.Account));
        Assert.Empty((await Projections.LastEntriesAsync([])).Value);
    }

    [Fact]
    public async Task Entries_page_by_rising_number_too()
    {
        await ApplyAsync(Nothing with { Entries = [.. Enumerable.Range(1, 10).Select(number => Entry(1, number)), Entry(1, 2) with { Unit = "EUR" }, Entry(2, 1)] });
        async Task<IEnumerable<(ulong, string)>> After(ulong after, int limit) =>
            (await Projections.EntriesAfterAsync(IdOf(1), after, limit)).Value.Select(entry => (entry.Number, entry.Unit));
        var unit = Entry(1, 1).Unit;
        Assert.Equal([(1ul, unit), (2ul, "EUR"), (2ul, unit)], await After(0, 3));
        Assert.Equal([(9ul, unit), (10ul, unit)], await After(8, 5));
        Assert.Empty(await After(10, 5));
        Assert.Empty(await After(long.MaxValue, 5));
        Assert.Equal(Entry(2, 1), (await Projections.EntriesAfterAsync(IdOf(2), 0, 5)).Value.Single());
    }

    [Fact]
    public async Task Records_keep_the_newest_version_and_page_by_id_under_their_parent()
    {
        await ApplyAsync(Nothing with { Records = [Record(3, 1, parent: 8), Record(3, 0, parent: 8), Record(3, 2, parent: 9), Record(4, 1, parent: 8)] });
        await ApplyAsync(Nothing with { Records = [Record(3, 1, parent: 9) with { Version = 2, Content = new byte[] { 5, 6 } }] });

        var moved = Assert.Single((await Projections.RecordsAsync([(3, IdOf(1)), (3, IdOf(77))])).Value);
        Assert.Equal((2u, IdOf(9)), (moved.Version, moved.Parent));
        Assert.Equal([5, 6], moved.Content.ToArray());

        async Task<IEnumerable<Id>> Ids(Id? parent, Id? after, int limit, bool falling = false) =>
            (await Projections.RecordsOfAsync(3, parent, after, limit, falling)).Value.Select(record => record.Id);
        Assert.Equal([IdOf(0), IdOf(1), IdOf(2)], await Ids(null, null, 9));
        Assert.Equal([IdOf(1), IdOf(2)], await Ids(IdOf(9), null, 9));
        Assert.Equal([IdOf(1)], await Ids(IdOf(9), null, 1));
        Assert.Equal([IdOf(2)], await Ids(IdOf(9), IdOf(1), 1));
        Assert.Equal([IdOf(2)], await Ids(null, IdOf(1), 5));
        Assert.Equal([IdOf(2), IdOf(1), IdOf(0)], await Ids(null, null, 9, falling: true));
        Assert.Equal([IdOf(1), IdOf(0)], await Ids(null, IdOf(2), 9, falling: true));
        Assert.Equal([IdOf(2)], await Ids(IdOf(9), null, 1, falling: true));
    }

    [Fact]
    public async Task Holders_of_a_lot_page_by_account_and_the_absent_lot_has_none()
    {
        await ApplyAsync(Nothing with
        {
            BalanceChanges =
            [
                .. Enumerable.Range(0, 5).Select(account => new BalanceRow(IdOf(account), "USD", IdOf(50), 1, 0)),
                new BalanceRow(IdOf(1), "USD", IdOf(51), 1, 0),
                new BalanceRow(IdOf(1), "USD", Id.None, 1, 0),
            ],
        });
        async Task<IEnumerable<Id>> Holders(Id lot, Id? after, int limit) =>
            (await Projections.HoldersAsync(lot, after, limit)).Value.Select(balance => balance.Account);
        Assert.Equal([IdOf(0), IdOf(1)], await Holders(IdOf(50), null, 2));
        Assert.Equal([IdOf(2), IdOf(3), IdOf(4)], await Holders(IdOf(50), IdOf(1), 9));
        Assert.Equal([IdOf(1)], await Holders(IdOf(51), null, 9));
        Assert.Empty(await Holders(Id.None, null, 9));
    }

    [Fact]
    public async Task Flows_add_up_by_lot()
    {
        await ApplyAsync(Nothing with { FlowChanges = [new FlowRow(IdOf(1), 2, 5), new FlowRow(IdOf(1), 1, 4), new FlowRow(IdOf(2), 1, 3)] });
        await ApplyAsync(Nothing with { FlowChanges = [new FlowRow(IdOf(1), 2, 10)] });
        Assert.Equal([new FlowRow(IdOf(1), 1, 4), new FlowRow(IdOf(1), 2, 15)], (await Projections.FlowsAsync([IdOf(1), IdOf(9)])).Value);
    }

    [Fact]
    public async Task Due_work_comes_earliest_first_until_it_is_done()
    {
        await ApplyAsync(Nothing with { Due = [new DueRow(30, 1, IdOf(1), false), new DueRow(10, 2, IdOf(2), false), new DueRow(20, 1, IdOf(3), false)] });
        Assert.Equal([IdOf(2), IdOf(3)], (await Projections.DueAsync(20, null, 9)).Value.Select(due => due.Id));
        Assert.Equal([IdOf(2)], (await Projections.DueAsync(99, null, 1)).Value.Select(due => due.Id));
        Assert.Equal([IdOf(1)], (await Projections.DueAsync(99, new DueRow(20, 1, IdOf(3), false), 9)).Value.Select(due => due.Id));

        await ApplyAsync(Nothing with { Due = [new DueRow(10, 2, IdOf(2), true), new DueRow(5, 2, IdOf(9), true)] });
        Assert.Equal([IdOf(3), IdOf(1)], (await Projections.DueAsync(99, null, 9)).Value.Select(due => due.Id));
    }

    [Fact]
    public async Task Transaction_is_found_by_its_hash()
    {
        var (one, other) = (new Hash32(ulong.MaxValue, 1, 2, 3), new Hash32(7, 1, 2, 3));
        await ApplyAsync(Nothing with { Transactions = [new TransactionRow(other, new Place(0, 1)), new TransactionRow(one, new Place(0, 3))] });
        Assert.Equal([new Place(0, 3)], (await Projections.PlacesAsync(one)).Value);
        Assert.Equal([new Place(0, 1)], (await Projections.PlacesAsync(other)).Value);
        Assert.Empty((await Projections.PlacesAsync(new Hash32(8, 1, 2, 3))).Value);

        // Two hashes that begin alike: whoever asks finds the right one in the blocks.
        await ApplyAsync(Nothing with { Transactions = [new TransactionRow(one with { B = 9 }, new Place(1, 0))] });
        Assert.Equal([new Place(0, 3), new Place(1, 0)], (await Projections.PlacesAsync(one)).Value);
    }

    [Fact]
    public async Task Every_answer_is_of_one_height_while_batches_are_applied()
    {
        const int Last = 60;
        async Task Write()
        {
            for (var height = 0; height <= Last; height++)
            {
                await ApplyAsync(Nothing with
                {
                    BalanceChanges = [new BalanceRow(IdOf(1), "USD", Id.None, 1, 0), new BalanceRow(IdOf(2), "USD", Id.None, -1, 0)],
                });
            }
        }

        var writing = Task.Run(Write);
        while (await Projections.HeightAsync() is not Last)
        {
            var answer = await Projections.AccountsAsync([IdOf(1), IdOf(2)]);
            var balances = answer.Value.SelectMany(account => account.Balances).ToList();
            Assert.Equal(0, balances.Sum(balance => balance.AvailableMinor));
            Assert.Equal(answer.Height is { } height ? (long)height + 1 : 0, balances.Sum(balance => Math.Max(0, balance.AvailableMinor)));
        }

        await writing;
    }

    [Fact]
    public async Task Reset_forgets_everything_and_a_rebuild_gives_the_same()
    {
        var batch = Nothing with
        {
            Records = [Record(3, 1, parent: 8)],
            BalanceChanges = [new BalanceRow(IdOf(1), "USD", IdOf(5), 3, 1)],
            Entries = [Entry(1, 1)],
            Transactions = [new TransactionRow(HashOf(1), new Place(0, 0))],
            Claims = [new ClaimRow(ClaimOf(1), new Place(0, 0))],
            FlowChanges = [new FlowRow(IdOf(1), 2, 5)],
            Due = [new DueRow(30, 1, IdOf(1), false)],
        };
        await ApplyAsync(batch);
        var dump = await ListAsync(Projections.DumpAsync());
        Assert.Equal(8, dump.Count);

        await Projections.ResetAsync();
        Assert.Null(await Projections.HeightAsync());
        Assert.Empty(await ListAsync(Projections.DumpAsync()));
        await ApplyAsync(batch);
        Assert.Equal(dump, await ListAsync(Projections.DumpAsync()));

        await ReopenAsync();
        Assert.Equal(dump, await ListAsync(Projections.DumpAsync()));
    }

    protected static EntryRow Entry(int account, int number) => new(IdOf(account), (ulong)number, "USD", 10 * number, -number, 3, 4, 5, 1_700_000_000_000);

    protected static RecordRow Record(int kind, int id, int parent) => new(kind, IdOf(id), IdOf(parent), 1, new byte[] { 1, 2, 3 });

    /// <summary>Applies changes as the next height.</summary>
    protected async Task ApplyAsync(ProjectionBatch changes)
    {
        var next = await Projections.HeightAsync() + 1 ?? 0;
        Assert.True(await Projections.ApplyAsync(changes with { FromHeight = next, ToHeight = next }));
    }

    /// <summary>The dump after applying the blocks in batches of these sizes, whatever remains block by block.</summary>
    private async Task<List<string>> DumpAfterAsync(List<ProjectionModel.Block> blocks, int[] sizes)
    {
        await Projections.ResetAsync();
        var from = 0;
        foreach (var size in sizes.Concat(Enumerable.Repeat(1, blocks.Count)))
        {
            var run = blocks.Skip(from).Take(size).ToList();
            if (run.Count > 0)
            {
                Assert.True(await Projections.ApplyAsync(ProjectionModel.Batch((ulong)from, run)));
            }

            from += run.Count;
        }

        return await ListAsync(Projections.DumpAsync());
    }
}
