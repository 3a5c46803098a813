namespace Humanitarian.Grains.Sequencing;

/// <summary>
/// Newest values of keys: what recent blocks wrote, over a cache of what the projections hold. A value written above the projected
/// height must stay; the rest may go when the cache is full.
/// </summary>
internal sealed class OverlayCache<TKey, TValue>(int limit)
    where TKey : notnull
{
    private readonly Dictionary<TKey, (TValue Value, ulong Height)> entries = [];
    private readonly int limit = limit;
    private int nextSweep = limit;

    public bool TryGet(TKey key, out TValue value)
    {
        var found = entries.TryGetValue(key, out var entry);
        value = entry.Value;
        return found;
    }

    public bool Contains(TKey key) => entries.ContainsKey(key);

    /// <summary>A value that a block at this height gives the key; 0 for one read from the projections.</summary>
    public void Set(TKey key, TValue value, ulong height) => entries[key] = (value, height);

    public bool IsFull => entries.Count >= nextSweep;

    /// <summary>Forgets what is projected, when there is too much.</summary>
    public void Trim(ulong projectedHeight)
    {
        if (!IsFull)
        {
            return;
        }

        foreach (var (key, entry) in entries)
        {
            if (entry.Height <= projectedHeight)
            {
                entries.Remove(key);
            }
        }

        // Sweep again only after as much has come in, so that a slow projection does not make every block pay for a sweep.
        nextSweep = Math.Max(limit, entries.Count * 2);
    }
}
