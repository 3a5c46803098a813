using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Grains.Log;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Reading;

/// <summary>The newest followed version of records in use on this silo. Blocks update it while the tail is locked, so it never falls behind.</summary>
public sealed class RecordCache
{
    private const int Capacity = 1_000_000;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<RecordKey, Versioned<Record>> records = new();
    private readonly LedgerTail tail;
    private readonly IProjectionStore projections;
    private readonly Gathered<RecordKey, bool> loads;

    public RecordCache(LedgerTail tail, IProjectionStore projections)
    {
        (this.tail, this.projections) = (tail, projections);
        loads = new Gathered<RecordKey, bool>(async keys =>
        {
            await LoadManyAsync([.. keys.Distinct()]);
            return new bool[keys.Count];
        });
        tail.Appended += block =>
        {
            // Only what is in use: a list of a million people must not fill the memory of every silo that follows.
            foreach (var write in block.Transactions.SelectMany(transaction => transaction.Writes).Where(write => records.ContainsKey(write.Record.Key)))
            {
                records[write.Record.Key] = new Versioned<Record>(write.Version, write.Record);
            }
        };
    }

    /// <summary>The height that the next block must have, as far as this silo has followed.</summary>
    public ulong NextHeight => tail.NextHeight;

    /// <summary>False when the record, or its absence, has to be loaded first.</summary>
    public bool TryGet(RecordKey key, out Versioned<Record> record) => records.TryGetValue(key, out record);

    /// <summary>Loads records, and the absence of those that do not exist; together with whoever else asks meanwhile.</summary>
    public Task LoadAsync(IReadOnlyCollection<RecordKey> keys) => Task.WhenAll(keys.Select(loads.AskAsync));

    /// <summary>Reads records past the cache, for one who needs many of them once: a sweep over a whole list must not fill it.</summary>
    public async Task<IReadOnlyDictionary<RecordKey, Versioned<Record>>> ReadAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken cancellationToken = default)
    {
        var found = new Dictionary<RecordKey, Versioned<Record>>(keys.Count);
        await ReadAsync(keys, (key, record) => found[key] = record, cancellationToken);
        return found;
    }

    private async Task LoadManyAsync(IReadOnlyCollection<RecordKey> keys)
    {
        if (records.Count > Capacity)
        {
            records.Clear();
        }

        await ReadAsync(keys, (key, record) => records[key] = record, CancellationToken.None);
    }

    private async Task ReadAsync(IReadOnlyCollection<RecordKey> keys, Action<RecordKey, Versioned<Record>> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            var rows = await projections.RecordsAsync([.. keys.Select(key => ((int)key.Kind, key.Id))], cancellationToken);
            var stored = rows.Value.ToDictionary(row => new RecordKey((RecordKind)row.Kind, row.Id));
            var done = tail.Read(rows.Height, snapshot =>
            {
                foreach (var key in keys)
                {
                    take(key, snapshot.Record(key) is { } newer ? new Versioned<Record>(newer.Version, newer.Record)
                        : stored.TryGetValue(key, out var row) ? new Versioned<Record>(row.Version, RecordCodec.Decode(row.Content.Span))
                        : default);
                }

                return this;
            });
            if (done is not null)
            {
                return;
            }
        }
    }
}
