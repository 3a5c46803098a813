namespace Humanitarian.Grains.Log;

/// <summary>
/// What the log brings one account that is active on this silo, so that its grain need not search the log for it. One writer, the
/// tail; one reader, the grain.
/// </summary>
/// <param name="most">Entries kept; with none it only tells whether there were any.</param>
public sealed class AccountFeed(int most = AccountFeed.Most)
{
    // More than an account that pays without pause gets in two blocks. One that is credited more often and never asked loads its book
    // anew when it is.
    private const int Most = 16_384;
    private static readonly Link Lost = new(default, null, 0);
    private Link? newest;

    /// <summary>Another feed of the same account; the tail's to keep.</summary>
    internal AccountFeed? Other { get; set; }

    /// <summary>Entries since the last call, in order; null when there were more than are kept: the book must be loaded anew.</summary>
    public IReadOnlyList<TailEntry>? Take()
    {
        if (Volatile.Read(ref newest) is null)
        {
            return [];
        }

        if (Volatile.Read(ref newest) == Lost)
        {
            return null;
        }

        var link = Interlocked.Exchange(ref newest, null);
        if (link == Lost)
        {
            Volatile.Write(ref newest, Lost);
            return null;
        }

        var entries = new TailEntry[link!.Depth];
        for (; link is not null; link = link.Before)
        {
            entries[link.Depth - 1] = link.Entry;
        }

        return entries;
    }

    /// <summary>Nothing can be relied on until the book is loaded anew.</summary>
    public void Lose() => Interlocked.Exchange(ref newest, Lost);

    /// <summary>Forgets what came so far: the book that is loaded after this call has it.</summary>
    public void Restart() => Interlocked.Exchange(ref newest, null);

    internal void Add(TailEntry entry)
    {
        while (true)
        {
            var before = Volatile.Read(ref newest);
            if (before == Lost)
            {
                return;
            }

            var after = (before?.Depth ?? 0) >= most ? Lost : new Link(entry, before, (before?.Depth ?? 0) + 1);
            if (Interlocked.CompareExchange(ref newest, after, before) == before)
            {
                return;
            }
        }
    }

    private sealed class Link(TailEntry entry, Link? before, int depth)
    {
        public TailEntry Entry => entry;

        public Link? Before => before;

        public int Depth => depth;
    }
}
