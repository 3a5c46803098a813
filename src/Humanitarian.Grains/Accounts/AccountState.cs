using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Accounts;

/// <summary>
/// One account as its grain keeps it: a prefix of the log as its book, less open reservations, under a lease. Credits reach it
/// through the log alone, and so do its own debits: a reservation ends when its entry is followed or when it can no longer be
/// ordered, never by a time-out.
/// </summary>
internal sealed class AccountState(Id account, LedgerServices services)
{
    private static readonly TimeSpan AskLogAfter = TimeSpan.FromMilliseconds(20);
    private readonly Dictionary<Hash32, Reservation> reservations = [];
    private readonly Dictionary<CommandKey, int> commands = [];
    private readonly AccountFeed feed = new();
    private readonly SemaphoreSlim alone = new(1);
    private Task<Refusal?>? readying;
    private bool isWatched;

    public Id Account => account;

    public AccountBook? Book { get; private set; }

    public Lease? Lease { get; private set; }

    /// <summary>True when the account can decide: it has a lease and a book.</summary>
    public bool IsReady => Lease is not null && Book is not null;

    /// <summary>True while one command has the account for itself: nobody else may reserve.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>Makes sure of a lease and of a book that is current up to what this silo has followed.</summary>
    public async Task<Refusal?> ReadyAsync()
    {
        if (Lease is null || Book is null)
        {
            var mine = readying ??= AcquireAsync();
            try
            {
                if (await mine is { } refusal)
                {
                    return refusal;
                }
            }
            finally
            {
                // Others wait for the same; the first to go on must not take away what a later one has begun.
                readying = readying == mine ? null : readying;
            }
        }

        return Sync() ? null : await ReloadAsync();
    }

    /// <summary>Reserves what a transaction takes from or brings to this account, in the same turn as its decision.</summary>
    public void Reserve(Hash32 transaction, Transaction decided)
    {
        var changes = Effects.ChangesOf(decided, account);
        if (changes.Count == 0)
        {
            return;
        }

        if (!reservations.TryAdd(transaction, new Reservation(changes, decided.ValidUntil, Lease!.Value.Epoch, decided.Command)))
        {
            return;
        }

        if (decided.Command is { } command)
        {
            commands[command] = commands.GetValueOrDefault(command) + 1;
        }

        foreach (var change in changes)
        {
            Book!.Reserve(change);
        }
    }

    /// <summary>True while an earlier attempt of the same command may still be ordered.</summary>
    public bool IsUnderWay(CommandKey command) => commands.ContainsKey(command);

    /// <summary>The grain goes, and the log brings it nothing any more; a call that still answers after this loads the book anew.</summary>
    public void Leave()
    {
        services.Reader.Follower.Tail.Unwatch(account, feed);
        isWatched = false;
        feed.Lose();
    }

    /// <summary>Waits for the account, and has it for itself until <see cref="LeaveAlone"/>.</summary>
    public async Task EnterAloneAsync()
    {
        await alone.WaitAsync();
        IsAlone = true;
    }

    public void LeaveAlone()
    {
        IsAlone = false;
        alone.Release();
    }

    /// <summary>Waits until no command has the account for itself.</summary>
    public async Task WhenSharedAsync()
    {
        while (IsAlone)
        {
            await alone.WaitAsync();
            alone.Release();
        }
    }

    /// <summary>Gives a reservation back: its transaction was definitely refused.</summary>
    public void Drop(Hash32 transaction)
    {
        if (Remove(transaction) is { } reservation)
        {
            foreach (var change in reservation.Changes)
            {
                Book?.Release(change);
            }
        }
    }

    /// <summary>The lease is void: the next decision takes a new one and finds the state after everything ordered under this one.</summary>
    public void DropLease(Lease used)
    {
        if (Lease == used)
        {
            Lease = null;
        }
    }

    /// <summary>
    /// Reservations whose outcome nobody told are over once the durable log has passed the time until which they could be ordered,
    /// or names another epoch: then they are in the log, or nowhere.
    /// </summary>
    public void Expire(DurableHead head)
    {
        foreach (var (transaction, reservation) in reservations)
        {
            if (head.Time > reservation.ValidUntil || head.Epoch != reservation.Epoch)
            {
                Drop(transaction);
            }
        }
    }

    /// <summary>
    /// Waits until nothing is reserved, before the account tightens its own limits or status. Nobody may ever tell what became of a
    /// reservation, so it asks the log.
    /// </summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            await ReadyAsync();
            if (reservations.Count == 0)
            {
                return;
            }

            await Task.Delay(AskLogAfter, services.Time);
            var head = await services.Reader.CurrentAsync();
            await ReadyAsync();
            Expire(head);
        }
    }

    /// <summary>Applies what the log has brought; false when the book has to be loaded anew.</summary>
    public bool Sync()
    {
        if (Book is null || feed.Take() is not { } entries)
        {
            return false;
        }

        foreach (var entry in entries)
        {
            Drop(entry.Transaction);
            if (entry.Number <= Book.Entries)
            {
                continue;
            }

            foreach (var change in entry.Changes)
            {
                Book.Apply(change);
            }

            Book.Entries = entry.Number;
        }

        return true;
    }

    private async Task<Refusal?> AcquireAsync()
    {
        var grant = await services.Gateway.LeaseAsync(account);
        if (grant.Refusal is { } refusal)
        {
            return refusal;
        }

        await services.Reader.Follower.FollowAsync(grant.Height);
        Lease = grant.Lease;

        // A lease that finds the account where it was left renews without a reload.
        return Book is not null && Sync() && Book.Entries >= grant.Entries ? null : await ReloadAsync();
    }

    /// <summary>Loads the book anew. Reservations that are in the log by now are over; the others are taken from the new book.</summary>
    private async Task<Refusal?> ReloadAsync()
    {
        while (true)
        {
            // First, so that no entry falls between feed and book: those that the book counts already are not applied again.
            Watch();
            var ordered = new List<Hash32>();
            foreach (var transaction in reservations.Keys.ToArray())
            {
                if (await services.Reader.PlaceOfAsync(transaction) is not null)
                {
                    ordered.Add(transaction);
                }
            }

            Book = await services.Reader.FollowedBookAsync(account);
            foreach (var transaction in ordered)
            {
                Remove(transaction);
            }

            foreach (var change in reservations.Values.SelectMany(reservation => reservation.Changes))
            {
                Book.Reserve(change);
            }

            if (Sync())
            {
                return null;
            }
        }
    }

    private Reservation? Remove(Hash32 transaction)
    {
        if (reservations.Remove(transaction, out var reservation) && reservation.Command is { } command)
        {
            if (commands[command] == 1)
            {
                commands.Remove(command);
            }
            else
            {
                commands[command]--;
            }
        }

        return reservation;
    }

    private void Watch()
    {
        feed.Restart();
        if (!isWatched)
        {
            services.Reader.Follower.Tail.Watch(account, feed);
            isWatched = true;
        }
    }

    private sealed record Reservation(ArraySegment<BalanceChange> Changes, long ValidUntil, Id Epoch, CommandKey? Command);
}
