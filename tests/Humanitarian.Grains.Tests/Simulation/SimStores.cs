using System.Runtime.CompilerServices;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>What a test lets go wrong with a call.</summary>
public enum DiskTrouble
{
    /// <summary>It takes until it is released.</summary>
    Holds = 1,

    /// <summary>It has its effect, but its caller is told that it failed.</summary>
    FailsWithEffect = 2,

    /// <summary>It has no effect.</summary>
    FailsWithoutEffect = 3,
}

/// <summary>
/// A machine that stores: a call takes its time there and back, may fail before or after it had its effect, may stall, and has its
/// effect even when its caller has died meanwhile.
/// </summary>
public sealed class SimDisk(SimWorld world)
{
    private readonly SimProcess machine = new(world, "disk");
    private readonly List<SimTimer> effects = [];
    private readonly List<Action> held = [];

    /// <summary>What a test wants to go wrong with a call, by what it is; null for nothing.</summary>
    public Func<string, DiskTrouble?>? Script { get; set; }

    /// <summary>Lets what was held go on, as if it had only taken long.</summary>
    public void Release()
    {
        Script = null;
        held.ForEach(go => go());
        held.Clear();
    }

    public Task<T> CallAsync<T>(string what, Func<T> effect)
    {
        var result = new TaskCompletionSource<T>();
        var trouble = Script?.Invoke(what);
        if (trouble == DiskTrouble.Holds)
        {
            held.Add(() => Call(what, effect, result, null));
        }
        else
        {
            Call(what, effect, result, trouble);
        }

        return result.Task;
    }

    private void Call<T>(string what, Func<T> effect, TaskCompletionSource<T> result, DiskTrouble? trouble)
    {
        var fails = trouble is not null || world.Fault(0.03);
        var failsBefore = trouble == DiskTrouble.FailsWithoutEffect || (trouble is null && fails && world.Chance(0.5));
        effects.RemoveAll(timer => timer.IsCancelled);
        SimTimer? timer = null;
        timer = world.After(machine, Latency(), () =>
        {
            timer!.IsCancelled = true;
            var value = failsBefore ? default : effect();
            if (fails)
            {
                world.Note($"{what} fails {(failsBefore ? "without" : "with")} effect");
            }

            world.After(machine, Latency(), () =>
            {
                if (fails)
                {
                    result.TrySetException(new SimulatedFault($"The store failed: {what}."));
                }
                else
                {
                    result.TrySetResult(value!);
                }
            });
        });
        effects.Add(timer);
    }

    /// <summary>A crash of the machine: what has not had its effect yet never has.</summary>
    public void Tear()
    {
        held.Clear();
        foreach (var timer in effects)
        {
            timer.IsCancelled = true;
        }
    }

    private long Latency() => world.Fault(0.01) ? world.Random.Next(1_000, 15_000) : world.Chance(0.7) ? 0 : world.Random.Next(1, 12);
}

/// <summary>The log of blocks in memory.</summary>
public sealed class SimBlockStore(SimWorld world, SimDisk disk, IEnumerable<StoredBlock> blocks) : IBlockStore
{
    public List<StoredBlock> Blocks { get; } = [.. blocks];

    /// <summary>The store's clock; without one the silos' own count.</summary>
    public Func<DateTimeOffset>? Clock { get; set; }

    public Task<DateTimeOffset?> ClockAsync(CancellationToken cancellationToken = default) =>
        Clock is null ? Task.FromResult<DateTimeOffset?>(null) : disk.CallAsync<DateTimeOffset?>("clock", () => Clock());

    public Task<AppendResult> AppendAsync(StoredBlock block, CancellationToken cancellationToken = default) =>
        disk.CallAsync($"insert {block.Height} {block.Hash}", () => Append(block));

    public Task<BlockHead?> HeadAsync(CancellationToken cancellationToken = default) =>
        disk.CallAsync<BlockHead?>("head", () => new BlockHead(Blocks[^1].Height, Blocks[^1].Hash));

    public Task<StoredBlock?> FindAsync(ulong height, CancellationToken cancellationToken = default) =>
        disk.CallAsync($"find {height}", () => Blocks.ElementAtOrDefault((int)height));

    public async IAsyncEnumerable<StoredBlock> ReadAsync(ulong fromHeight, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var block in await disk.CallAsync($"read {fromHeight}", () => Blocks.Skip((int)fromHeight).ToArray()))
        {
            yield return block;
        }
    }

    public async IAsyncEnumerable<Hash32> HashesAsync(ulong fromHeight, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var block in ReadAsync(fromHeight, cancellationToken))
        {
            yield return block.Hash;
        }
    }

    private AppendResult Append(StoredBlock block)
    {
        var head = Blocks[^1];
        var same = Blocks.ElementAtOrDefault((int)block.Height)?.Hash == block.Hash;
        if (!same && (block.Height != head.Height + 1 || block.Previous != head.Hash))
        {
            world.Note($"conflict at {block.Height}");
            return AppendResult.Conflict;
        }

        if (!same)
        {
            Blocks.Add(block);
            world.Note($"block {block.Height} {block.Hash}");
        }

        return AppendResult.Durable;
    }
}

/// <summary>Projections in memory, with the batches they came from so that a crash can take the newest away.</summary>
public sealed class SimProjectionStore(SimWorld world, SimDisk disk) : IProjectionStore
{
    private readonly List<ProjectionBatch> batches = [];

    public SimTables Tables { get; private set; } = new();

    /// <summary>A crash of the machine: batches that were not synced are gone.</summary>
    public void Tear()
    {
        var kept = world.Random.Next(batches.Count + 1);
        batches.RemoveRange(kept, batches.Count - kept);
        Tables = new SimTables();
        foreach (var batch in batches)
        {
            Tables.Apply(batch);
        }
    }

    public Task<ulong?> HeightAsync(CancellationToken cancellationToken = default) => disk.CallAsync("projected height", () => Tables.Height);

    public Task<bool> ApplyAsync(ProjectionBatch batch, CancellationToken cancellationToken = default) => disk.CallAsync($"project {batch.FromHeight} to {batch.ToHeight}", () =>
    {
        if (!Tables.Apply(batch))
        {
            return false;
        }

        batches.Add(batch);
        return true;
    });

    public Task ResetAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<At<IReadOnlyList<AccountSnapshot>>> AccountsAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) =>
        ListAsync("accounts", tables => accounts.Distinct().Select(tables.Account));

    public Task<At<IReadOnlyList<LastEntry>>> LastEntriesAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) => ListAsync(
        "last entries", tables => accounts.Distinct().Select(account => new LastEntry(account, tables.Account(account).Entries)).Where(last => last.Number > 0));

    public Task<At<IReadOnlyList<RecordRow>>> RecordsAsync(IReadOnlyList<(int Kind, Id Id)> keys, CancellationToken cancellationToken = default) =>
        ListAsync("records", tables => keys.Distinct().Where(tables.Records.ContainsKey).Select(key => tables.Records[key]));

    public Task<At<IReadOnlyList<RecordRow>>> RecordsOfAsync(
        int kind, Id? parent, Id? after, int limit, bool falling = false, CancellationToken cancellationToken = default) => ListAsync("records of", tables =>
        {
            var rows = tables.Records.Values.Where(row => row.Kind == kind && (parent is null || row.Parent == parent));
            return (falling ? rows.Reverse().Where(row => after is null || row.Id < after) : rows.Where(row => after is null || row.Id > after)).Take(limit);
        });

    public Task<At<IReadOnlyList<ClaimRow>>> ClaimsAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken = default) =>
        ListAsync("claims", tables => claims.Distinct().Where(tables.Claims.ContainsKey).Select(claim => new ClaimRow(claim, tables.Claims[claim])));

    public async IAsyncEnumerable<Claim> AllClaimsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var claim in await disk.CallAsync("all claims", () => Tables.Claims.Keys.ToArray()))
        {
            yield return claim;
        }
    }

    public Task<At<IReadOnlyList<EntryRow>>> EntriesAsync(Id account, ulong? before, int limit, CancellationToken cancellationToken = default) =>
        ListAsync("entries", tables => tables.Entries.Values.Where(row => row.Account == account && (before is null || row.Number < before)).Reverse().Take(limit));

    public Task<At<IReadOnlyList<EntryRow>>> EntriesAfterAsync(Id account, ulong after, int limit, CancellationToken cancellationToken = default) =>
        ListAsync("entries after", tables => tables.Entries.Values.Where(row => row.Account == account && row.Number > after).Take(limit));

    public Task<At<IReadOnlyList<FlowRow>>> FlowsAsync(IReadOnlyList<Id> lots, CancellationToken cancellationToken = default) =>
        ListAsync("flows", tables => tables.Flows.Where(flow => lots.Contains(flow.Key.Lot)).Select(flow => new FlowRow(flow.Key.Lot, flow.Key.Flow, flow.Value)));

    public Task<At<IReadOnlyList<BalanceRow>>> HoldersAsync(Id lot, Id? after, int limit, CancellationToken cancellationToken = default) =>
        ListAsync("holders", tables => tables.Balances.Values.Where(row => row.Lot == lot && !lot.IsNone && (after is null || row.Account > after)).OrderBy(row => row.Account).Take(limit));

    public Task<At<IReadOnlyList<DueRow>>> DueAsync(long now, DueRow? after, int limit, CancellationToken cancellationToken = default) =>
        ListAsync("due", tables => tables.Due
            .Where(row => row.Time <= now && (after is not { } last || row.CompareTo((last.Time, last.Kind, last.Id)) > 0))
            .Select(row => new DueRow(row.Time, row.Kind, row.Id, false)).Take(limit));

    public Task<At<IReadOnlyList<Place>>> PlacesAsync(Hash32 hash, CancellationToken cancellationToken = default) =>
        ListAsync("places", tables => tables.Transactions.Where(row => row.Prefix == hash.A).Select(row => row.Place));

    public IAsyncEnumerable<string> DumpAsync(CancellationToken cancellationToken = default) => Tables.Dump().ToAsyncEnumerable();

    private Task<At<IReadOnlyList<T>>> ListAsync<T>(string what, Func<SimTables, IEnumerable<T>> read) =>
        disk.CallAsync(what, () => new At<IReadOnlyList<T>>(Tables.Height, [.. read(Tables)]));
}

/// <summary>The tables of the projections.</summary>
public sealed class SimTables
{
    public ulong? Height { get; private set; }

    public SortedDictionary<(int Kind, Id Id), RecordRow> Records { get; } = [];

    public SortedDictionary<(Id Account, ulong Number, string Unit), EntryRow> Entries { get; } = new(Comparer<(Id A, ulong N, string U)>.Create(
        (a, b) => a.A.CompareTo(b.A) is not 0 and var byAccount ? byAccount : a.N.CompareTo(b.N) is not 0 and var byNumber ? byNumber : string.CompareOrdinal(a.U, b.U)));

    public Dictionary<(Id Account, string Unit, Id Lot), BalanceRow> Balances { get; } = [];

    public HashSet<TransactionRow> Transactions { get; } = [];

    public Dictionary<Claim, Place> Claims { get; } = [];

    public SortedDictionary<(Id Lot, int Flow), long> Flows { get; } = [];

    public SortedSet<(long Time, int Kind, Id Id)> Due { get; } = [];

    public bool Apply(ProjectionBatch batch)
    {
        if (batch.FromHeight != (Height is { } height ? height + 1 : 0))
        {
            return false;
        }

        foreach (var row in batch.Records)
        {
            Records[(row.Kind, row.Id)] = row;
        }

        foreach (var row in batch.BalanceChanges)
        {
            var key = (row.Account, row.Unit, row.Lot);
            var old = Balances.GetValueOrDefault(key);
            var sum = row with { AvailableMinor = old.AvailableMinor + row.AvailableMinor, HeldMinor = old.HeldMinor + row.HeldMinor };
            Balances[key] = sum;
            if ((sum.AvailableMinor, sum.HeldMinor) == (0, 0))
            {
                Balances.Remove(key);
            }
        }

        batch.Entries.ToList().ForEach(row => Entries.Add((row.Account, row.Number, row.Unit), row));
        batch.Transactions.ToList().ForEach(row => Transactions.Add(row));
        batch.Claims.ToList().ForEach(row => Claims[row.Claim] = row.Place);
        batch.ReopenedClaims.ToList().ForEach(claim => Claims.Remove(claim));
        batch.FlowChanges.ToList().ForEach(row => Flows[(row.Lot, row.Flow)] = Flows.GetValueOrDefault((row.Lot, row.Flow)) + row.AmountMinor);
        foreach (var row in batch.Due)
        {
            _ = row.Done ? Due.Remove((row.Time, row.Kind, row.Id)) : Due.Add((row.Time, row.Kind, row.Id));
        }

        Height = batch.ToHeight;
        return true;
    }

    public AccountSnapshot Account(Id account) => new(
        account,
        Entries.Keys.Where(key => key.Account == account).Select(key => key.Number).DefaultIfEmpty().Max(),
        [.. Balances.Values.Where(row => row.Account == account)]);

    public IEnumerable<string> Dump() => new[] { $"height {Height}" }
        .Concat(Records.Values.Select(ProjectionText.Line))
        .Concat(Entries.Values.Select(row => ProjectionText.Line(row)))
        .Concat(Balances.Values.Select(row => ProjectionText.Line(row)).Order(StringComparer.Ordinal))
        .Concat(Transactions.Select(row => ProjectionText.Line(row)).Order(StringComparer.Ordinal))
        .Concat(Claims.Select(row => ProjectionText.Line(new ClaimRow(row.Key, row.Value))).Order(StringComparer.Ordinal))
        .Concat(Flows.Select(row => ProjectionText.Line(new FlowRow(row.Key.Lot, row.Key.Flow, row.Value))))
        .Concat(Due.Select(row => ProjectionText.Line(new DueRow(row.Time, row.Kind, row.Id, false))));
}

/// <summary>Side state in memory; its losses cost no money, so it has no faults here.</summary>
public sealed class SimSideStore : ISideStore
{
    private readonly Dictionary<(string Kind, string Key), SideDocument> documents = [];
    private readonly Dictionary<Id, List<ListRowEntry>> lists = [];

    public Task<SideDocument?> FindAsync(string kind, string key, CancellationToken cancellationToken = default) => Task.FromResult(documents.GetValueOrDefault((kind, key)));

    public Task<bool> PutAsync(SideDocument document, CancellationToken cancellationToken = default)
    {
        var current = documents.GetValueOrDefault((document.Kind, document.Key))?.Version ?? 0;
        if (current != document.Version)
        {
            return Task.FromResult(false);
        }

        documents[(document.Kind, document.Key)] = document with { Version = current + 1 };
        return Task.FromResult(true);
    }

    public Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken = default) => Task.FromResult(documents.Remove((kind, key)));

    public Task<IReadOnlyList<SideDocument>> ListAsync(string kind, string? owner, string? after, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task AddRowsAsync(Id list, IReadOnlyList<ListRowEntry> rows, CancellationToken cancellationToken = default)
    {
        lists[list] = [.. rows];
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ListRowEntry>> RowsAsync(Id list, long fromLine, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ListRowEntry>>([.. lists.GetValueOrDefault(list, []).Skip((int)fromLine).Take(limit)]);

    public Task DeleteRowsAsync(Id list, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<SideEntry> AllAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task RestoreAsync(IReadOnlyList<SideDocument> documents, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
