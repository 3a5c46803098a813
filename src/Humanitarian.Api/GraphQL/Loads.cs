using GraphQL.DataLoader;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Gathers what the fields of one operation ask for one by one, and reads it at once: an entry of a list costs no read of its own. The
/// executer asks for the answers when nothing else of the operation is left to be done.
/// </summary>
/// <param name="read">Reads many; what is not there is left out.</param>
public sealed class Batch<TKey, TValue>(Func<IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TValue>>> read)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock gate = new();
    private Round? open;

    /// <param name="view">What the field answers; gets null for what is not there.</param>
    public IDataLoaderResult<TView> Ask<TView>(TKey key, Func<TValue?, ValueTask<TView>> view)
    {
        lock (gate)
        {
            open ??= new Round();
            open.Keys.Add(key);
            return new Answer<TView>(this, open, key, view);
        }
    }

    private Task<IReadOnlyDictionary<TKey, TValue>> ReadAsync(Round round, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            open = open == round ? null : open;
            return round.Found ??= read([.. round.Keys], cancellationToken);
        }
    }

    private sealed class Round
    {
        public HashSet<TKey> Keys { get; } = [];

        public Task<IReadOnlyDictionary<TKey, TValue>>? Found { get; set; }
    }

    private sealed class Answer<TView>(Batch<TKey, TValue> batch, Round round, TKey key, Func<TValue?, ValueTask<TView>> view) : IDataLoaderResult<TView>
    {
        public async Task<TView> GetResultAsync(CancellationToken cancellationToken = default) =>
            await view((await batch.ReadAsync(round, cancellationToken)).GetValueOrDefault(key));

        async Task<object?> IDataLoaderResult.GetResultAsync(CancellationToken cancellationToken) => await GetResultAsync(cancellationToken);
    }
}

/// <summary>What one operation reads in batches.</summary>
public sealed class Loads
{
    public Loads(LedgerReader reader)
    {
        Books = new Batch<Id, AccountBook>(async (accounts, cancellationToken) =>
        {
            await reader.CurrentAsync(cancellationToken);
            return await reader.BooksAsync(accounts, cancellationToken);
        });
        Records = new Batch<RecordKey, Record>(async (keys, cancellationToken) =>
        {
            var found = new Dictionary<RecordKey, Record>();
            foreach (var kind in keys.GroupBy(key => key.Kind, key => key.Id))
            {
                foreach (var record in await reader.FindAllAsync<Record>(kind.Key, [.. kind], cancellationToken))
                {
                    found[record.Key] = record;
                }
            }

            return found;
        });
    }

    /// <summary>Books of accounts, as of the durable head.</summary>
    public Batch<Id, AccountBook> Books { get; }

    /// <summary>Records, as of the durable head. Who may see one is for the field to say.</summary>
    public Batch<RecordKey, Record> Records { get; }
}
