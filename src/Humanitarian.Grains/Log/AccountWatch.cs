using Humanitarian.Domain;

namespace Humanitarian.Grains.Log;

/// <summary>Tells whether the log has touched an account, at no cost of a read. Dispose it: the tail keeps it until then.</summary>
public sealed class AccountWatch : IDisposable
{
    private readonly AccountFeed feed = new(most: 0);
    private readonly LedgerTail tail;
    private readonly Id account;

    internal AccountWatch(LedgerTail tail, Id account)
    {
        (this.tail, this.account) = (tail, account);
        tail.Watch(account, feed);
    }

    /// <summary>True when this silo has followed an entry of the account since the last call.</summary>
    public bool Touched()
    {
        if (feed.Take() is not null)
        {
            return false;
        }

        feed.Restart();
        return true;
    }

    public void Dispose() => tail.Unwatch(account, feed);
}
