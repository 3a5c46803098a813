using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Sequencing;

/// <summary>What the sequencer must know of an account it touches.</summary>
internal readonly record struct AccountHead(ulong Entries, bool Exists, bool Closed, bool MustBeAsked)
{
    /// <param name="entries">Number of its last entry.</param>
    /// <param name="record">Null for an account that nobody has opened.</param>
    public static AccountHead Of(ulong entries, AccountRecord? record) => new(entries, record is not null, record?.Status == AccountStatus.Closed, record?.MustBeAsked == true);
}

/// <summary>
/// What the sequencer orders by: the newest version of every record that decisions read, the claims taken, the heads of the
/// accounts in use, the leases given. It runs ahead of durability by the blocks under way, and is dropped whole when one is lost.
/// </summary>
internal sealed partial class SequencerState(IProjectionStore projections)
{
    /// <summary>Milliseconds by which a decision may lie ahead of its block.</summary>
    public const long MaximumAheadMilliseconds = 2_000;

    private const int CachedKeys = 2_000_000;
    private static readonly TimeSpan FillAgainAfter = TimeSpan.FromSeconds(1);
    private readonly OverlayCache<RecordKey, uint> versions = new(CachedKeys);
    private readonly OverlayCache<Id, AccountHead> heads = new(CachedKeys);
    private readonly OverlayCache<Claim, PlaceOf?> claims = new(CachedKeys);
    private readonly Dictionary<Id, ulong> leases = [];
    private readonly ClaimFilter filter = new();
    private ClaimFilter? earlier;
    private ulong nextLease;

    // All that blocks from this height on have written is in memory.
    private ulong wholeFrom;

    /// <summary>The height of the first block that is taken in; all before it is in the projections.</summary>
    public void StartAt(ulong height) => wholeFrom = height;

    /// <summary>
    /// Fills the filter of earlier claims from the projections, which takes seconds where there are millions; nobody waits for it, since
    /// until then every claim is asked of the store. A store that is away is asked again.
    /// </summary>
    public async Task FillFilterAsync(TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        while (earlier is null && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                var filling = new ClaimFilter();
                await foreach (var claim in projections.AllClaimsAsync(cancellationToken))
                {
                    filling.Add(claim);
                }

                earlier = filling;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogUnfilled(logger, fault);
                await Task.Delay(FillAgainAfter, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The result that refuses a transaction at its ordered place, or null. Nothing is changed.</summary>
    public SubmitResult? Refuse(Submission submission, Id epoch, long blockTime)
    {
        var transaction = submission.Transaction;
        if (transaction.ValidUntil < blockTime)
        {
            return SubmitResult.Refused(new Refusal(RefusalCode.ValidityPassed, "The decision came too late to be ordered; ask again."));
        }

        if (transaction.DecidedAt > blockTime + MaximumAheadMilliseconds)
        {
            return SubmitResult.Refused(new Refusal(RefusalCode.ClockSkew, "The deciding silo's clock runs ahead of the sequencer's."));
        }

        var taken = TakenClaims(transaction);
        if (taken.Length > 0)
        {
            var first = claims.TryGet(taken[0], out var place) ? place : null;
            return new SubmitResult(new Refusal(RefusalCode.ClaimTaken, "Something that may happen only once has happened already."), 0, 0, first, taken, []);
        }

        var basis = Believed(submission);
        if (Checks.Versions(transaction, key => VersionOf(key, basis)) is { } stale)
        {
            return SubmitResult.Refused(stale);
        }

        if (submission.Expected is { } expected && EntriesOf(expected.Account) != expected.Entries)
        {
            return SubmitResult.Refused(new Refusal(RefusalCode.Stale, "The account has changed; ask again."));
        }

        return LeaseRefusal(submission, transaction, epoch) ?? AccountRefusal(submission, transaction);
    }

    /// <summary>Takes a transaction in: versions, claims and entry numbers.</summary>
    public ulong[] Order(Transaction transaction, ulong height, int position)
    {
        foreach (var write in transaction.Writes)
        {
            versions.Set(write.Record.Key, write.Version, height);
            if (write.Record is AccountRecord account)
            {
                heads.TryGet(account.Id, out var known);
                heads.Set(account.Id, AccountHead.Of(known.Entries, account), height);
            }
        }

        foreach (var claim in transaction.Reopens)
        {
            claims.Set(claim, null, height);
        }

        foreach (var claim in LedgerState.AllClaims(transaction))
        {
            claims.Set(claim, new PlaceOf(height, position), height);
            filter.Add(claim);
        }

        var touched = Effects.TouchedAccounts(transaction);
        var numbers = new ulong[touched.Count];
        for (var index = 0; index < numbers.Length; index++)
        {
            heads.TryGet(touched[index], out var head);
            numbers[index] = head.Entries + 1;
            heads.Set(touched[index], head with { Entries = numbers[index] }, height);
        }

        return numbers;
    }

    /// <summary>
    /// Takes in a transaction of the log with the numbers it was given: what was loaded may be newer than this block already, so that
    /// counting on from there would count it twice.
    /// </summary>
    public void Replay(Transaction transaction, IReadOnlyList<ulong> entries, ulong height, int position)
    {
        Order(transaction, height, position);
        var touched = Effects.TouchedAccounts(transaction);
        for (var index = 0; index < touched.Count; index++)
        {
            heads.TryGet(touched[index], out var head);
            heads.Set(touched[index], head with { Entries = entries[index] }, height);
        }
    }

    /// <summary>A new lease on an account; the older one is void from now on.</summary>
    public Lease Lease(Id account, Id epoch)
    {
        // A lease that was forgotten is void: its holder asks for a new one.
        if (leases.Count > CachedKeys)
        {
            leases.Clear();
        }

        leases[account] = ++nextLease;
        return new Lease(account, epoch, nextLease);
    }

    /// <summary>Number of the account's last ordered entry; loaded before.</summary>
    public ulong EntriesOf(Id account) => heads.TryGet(account, out var head) ? head.Entries : 0;

    /// <summary>True when it is time to forget what the projections hold.</summary>
    public bool IsFull => versions.IsFull || heads.IsFull || claims.IsFull;

    public void Trim(ulong projectedHeight)
    {
        wholeFrom = Math.Max(wholeFrom, projectedHeight + 1);
        versions.Trim(projectedHeight);
        heads.Trim(projectedHeight);
        claims.Trim(projectedHeight);
    }

    private Claim[] TakenClaims(Transaction transaction)
    {
        var reopened = transaction.Reopens.Count == 0 ? null : new HashSet<Claim>(transaction.Reopens);
        List<Claim>? taken = null;
        if (transaction.Command is { } command)
        {
            Note(command.Key);
        }

        foreach (var claim in transaction.Claims)
        {
            Note(claim);
        }

        return taken is null ? [] : [.. taken];

        void Note(Claim claim)
        {
            if (claims.TryGet(claim, out var place) && place is not null && reopened?.Contains(claim) != true)
            {
                (taken ??= []).Add(claim);
            }
        }
    }

    private SubmitResult? LeaseRefusal(Submission submission, Transaction transaction, Id epoch)
    {
        // Every lease it carries must stand, those of accounts that are only credited too: their holders judged by them.
        foreach (var lease in submission.Leases)
        {
            if (lease.Epoch != epoch || !leases.TryGetValue(lease.Account, out var newest) || newest != lease.Number)
            {
                return Void();
            }
        }

        for (var index = 0; index < transaction.Postings.Count; index++)
        {
            var posting = transaction.Postings[index];
            if (posting.AmountMinor < 0 && !WorldAccount.Is(posting.Account, posting.Unit) && !HasLease(submission, posting.Account))
            {
                return Void();
            }
        }

        return null;

        static SubmitResult Void() => SubmitResult.Refused(new Refusal(RefusalCode.LeaseVoid, "The lease on an account is void; it is loaded anew."));
    }

    private static bool HasLease(Submission submission, Id account)
    {
        foreach (var lease in submission.Leases)
        {
            if (lease.Account == account)
            {
                return true;
            }
        }

        return false;
    }

    private SubmitResult? AccountRefusal(Submission submission, Transaction transaction)
    {
        List<Id>? refused = null;
        foreach (var posting in Effects.AllPostings(transaction))
        {
            if (posting.AmountMinor <= 0 || WorldAccount.Is(posting.Account, posting.Unit))
            {
                continue;
            }

            heads.TryGet(posting.Account, out var head);
            if (!head.Exists || head.Closed || (head.MustBeAsked && !HasLease(submission, posting.Account)))
            {
                (refused ??= []).Add(posting.Account);
            }
        }

        return refused is null
            ? null
            : new SubmitResult(new Refusal(RefusalCode.AccountClosed, "An account to be credited is unknown, closed or limited."), 0, 0, null, [], [.. refused]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Earlier claims cannot be read; each one is asked of the store meanwhile.")]
    private static partial void LogUnfilled(ILogger logger, Exception fault);
}
