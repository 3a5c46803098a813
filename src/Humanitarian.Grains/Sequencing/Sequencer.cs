using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Sequencing;

/// <summary>
/// Puts the transactions of one ledger in order and cuts signed blocks. A block is cut as soon as the previous one is durable, so an
/// idle ledger answers in one commit's time and a busy one fills large blocks; ordering, hashing and signing of the next overlap the
/// commit of the last. Its methods and its loop run on one scheduler; only sealing and the store work elsewhere.
/// </summary>
public sealed partial class Sequencer
{
    private readonly LedgerIdentity identity;
    private readonly SequencerServices services;
    private readonly SequencerState state;
    private readonly StoreClock clock;
    private readonly BlockInsert insert;
    private readonly WaitingRoom waiting;
    private readonly LogTree log = new();
    private readonly CancellationTokenSource stopping = new();
    private BlockHeader last = null!;
    private Hash32 lastHash;
    private DurableHead? durable;
    private Address sealer;
    private TaskCompletionSource work = NewSignal();
    private Task loop = Task.CompletedTask;
    private Task<bool> commit = Task.FromResult(true);
    private ulong orderedHeight;
    private long progressed;
    private long promised;
    private List<Pending> inHand = [];
    private List<PendingLease> leasesInHand = [];
    private bool stopped;

    public Sequencer(LedgerIdentity identity, SequencerServices services)
    {
        this.identity = identity;
        this.services = services;
        state = new SequencerState(services.Projections);
        clock = new StoreClock(services.Blocks, services.Time, Stop);
        insert = new BlockInsert(services);
        waiting = new WaitingRoom(services.Limits);
    }

    /// <summary>This sequencer's random epoch, which its first block names and every lease carries.</summary>
    public Id Epoch { get; private set; }

    /// <summary>True once another sequencer has won a height: this one answers RETRY to everything and must be dropped.</summary>
    public bool IsStopped => stopped;

    /// <summary>Reads the log's end, announces the epoch with a block of its own and begins to order.</summary>
    /// <exception cref="LedgerFault">There is no genesis, the key is not the ledger's sealer, or the clock has strayed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await clock.RequireAsync(stopping.Token);
        Epoch = services.Random.NextId();
        (last, lastHash) = await SequencerStart.LoadAsync(identity, services, state, log, cancellationToken);
        sealer = services.Sealer.Address;
        var time = BlockTime();
        orderedHeight = last.Height + 1;
        var first = await services.Offload(() => Seal([], time));
        if (!await CommitAsync(first, []))
        {
            throw new LedgerFault(RefusalCode.Retry, "Another sequencer started on this ledger at the same time.");
        }

        services.Queues.ReadFrom(() => stopped ? default : waiting.Counts);
        loop = Task.WhenAll(RunAsync(), state.FillFilterAsync(services.Time, services.Logger, stopping.Token));
    }

    /// <summary>Answers once the transaction is durable or refused.</summary>
    public async Task<SubmitResult> SubmitAsync(Submission submission) => (await SubmitAsync([submission]))[0];

    /// <summary>Answers once each transaction is durable or refused, in the order of the submissions.</summary>
    public Task<SubmitResult[]> SubmitAsync(Submission[] submissions)
    {
        var batch = new PendingBatch(submissions.Length);
        for (var index = 0; index < submissions.Length; index++)
        {
            if (stopped)
            {
                batch.Answer(index, SubmitResult.Refused(RetryRefusal()));
            }
            else if (services.IsBehind() || !waiting.TryAdd(new Pending(submissions[index], batch, index)))
            {
                batch.Answer(index, SubmitResult.Refused(new Refusal(RefusalCode.Busy, "The ledger is busy; ask again in a second.")));
            }
        }

        work.TrySetResult();
        return batch.All;
    }

    /// <summary>Gives a lease, which voids the older one at once; answers when everything ordered under that is durable or dropped.</summary>
    public Task<LeaseGrant> LeaseAsync(Id account)
    {
        var pending = new PendingLease(account);
        if (stopped || !waiting.TryAdd(pending))
        {
            return Task.FromResult(new LeaseGrant(default, 0, 0, stopped ? RetryRefusal() : new Refusal(RefusalCode.Busy, "The ledger is busy; ask again in a second.")));
        }

        work.TrySetResult();
        return pending.Result.Task;
    }

    /// <summary>
    /// The durable end of the log, confirmed by the store: a sequencer that was replaced and does not know it must not answer reads.
    /// While nothing is under way its time is now, which is a promise: nothing whose validity ended before is ordered any more.
    /// </summary>
    /// <exception cref="LedgerFault">Another sequencer has taken over, or the clock has strayed.</exception>
    public async Task<DurableHead> HeadAsync()
    {
        var stored = await StoredHeadAsync();
        if (stored?.Height > Head().Height)
        {
            // One that gave up leaves the height in doubt, which the check below takes for lost.
            await ((Task)commit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (stopped || stored?.Height > Head().Height)
        {
            Stop();
            throw TakenOver();
        }

        await clock.RequireAsync(stopping.Token);
        if (orderedHeight > Head().Height)
        {
            return Head();
        }

        promised = BlockTime();
        return Head() with { Time = promised };
    }

    private async Task<BlockHead?> StoredHeadAsync()
    {
        try
        {
            return await services.Blocks.HeadAsync(stopping.Token);
        }
        catch (OperationCanceledException) when (stopped)
        {
            throw TakenOver();
        }
    }

    private DurableHead Head() => durable ?? throw new InvalidOperationException("The sequencer has not started.");

    /// <summary>How long what was taken in has waited without a block becoming durable; zero while nothing waits.</summary>
    public TimeSpan StalledFor => inHand.Count + leasesInHand.Count > 0 || orderedHeight > Head().Height ? services.Time.GetElapsedTime(progressed) : TimeSpan.Zero;

    /// <summary>Stops ordering; what is under way is brought to its end.</summary>
    public async Task StopAsync()
    {
        Stop();
        await loop;
    }

    private async Task RunAsync()
    {
        try
        {
            while (!stopped)
            {
                var (batch, asked) = waiting.Drain();
                (inHand, leasesInHand) = (batch, asked);
                if (batch.Count + asked.Count == 0)
                {
                    await work.Task;
                    work = NewSignal();
                    continue;
                }

                progressed = orderedHeight == Head().Height ? services.Time.GetTimestamp() : progressed;
                if (state.IsFull)
                {
                    state.Trim(await services.Projections.HeightAsync(stopping.Token) ?? 0);
                }

                await clock.RequireAsync(stopping.Token);
                await state.LoadAsync(batch.ConvertAll(pending => pending.Submission), asked.ConvertAll(pending => pending.Account), stopping.Token);
                var time = BlockTime();
                var (ordered, refused) = Order(batch, time);
                Grant(asked);
                if (ordered.Count == 0)
                {
                    _ = AnswerAsync(refused, asked, commit);
                    continue;
                }

                orderedHeight = last.Height + 1;
                var block = await services.Offload(() => Seal(ordered, time));
                var previous = commit;
                commit = CommitAfterAsync(previous, block, ordered);
                _ = AnswerAsync(refused, asked, commit);
                await previous;
                if (ordered.Exists(static pending => pending.Submission.Transaction.Kind == TransactionKind.KeyChange))
                {
                    // The next block needs the new key, which this sequencer does not have.
                    await commit;
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception fault)
        {
            LogFault(services.Logger, fault);
        }
        finally
        {
            Stop();
            await ((Task)commit).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            var (left, leasesLeft) = waiting.Close();
            inHand.Concat(left).ToList().ForEach(pending => pending.Answer(SubmitResult.Refused(RetryRefusal())));
            leasesInHand.Concat(leasesLeft).ToList().ForEach(pending => pending.Result.TrySetResult(new LeaseGrant(default, 0, 0, RetryRefusal())));
        }
    }

    private async Task<bool> CommitAfterAsync(Task<bool> previous, FollowedBlock block, List<Pending> ordered)
    {
        try
        {
            if (await previous && await CommitAsync(block, ordered))
            {
                return true;
            }
        }
        catch (Exception fault)
        {
            // Whether it is durable is unknown here; who waits asks the log.
            ordered.ForEach(pending => pending.Fail(fault));
            throw;
        }

        foreach (var pending in ordered)
        {
            pending.Answer(SubmitResult.Refused(RetryRefusal()));
        }

        return false;
    }

    private async Task<bool> CommitAsync(FollowedBlock block, List<Pending> ordered)
    {
        try
        {
            if (!await insert.CommitAsync(block, ordered.Count))
            {
                Stop();
                return false;
            }
        }
        catch (Exception)
        {
            Stop();
            throw;
        }

        var header = block.Block.Header;
        durable = new DurableHead(header.Height, block.Hash, header.Time, header.Epoch);
        progressed = services.Time.GetTimestamp();
        services.Durable(block);
        for (var position = 0; position < ordered.Count; position++)
        {
            ordered[position].Answer(SubmitResult.Durable(header.Height, position));
        }

        return true;
    }

    private (List<Pending> Ordered, List<(Pending Pending, SubmitResult Result)> Refused) Order(List<Pending> batch, long time)
    {
        var ordered = new List<Pending>(batch.Count);
        var refusals = new List<(Pending, SubmitResult)>();
        foreach (var pending in batch)
        {
            if (pending.Unit is { } unit)
            {
                if (unit[0] == pending)
                {
                    OrderUnit(unit, time, ordered, refusals);
                }

                continue;
            }

            if (state.Refuse(pending.Submission, Epoch, time) is { } refused)
            {
                refusals.Add((pending, refused));
                services.Telemetry.NotOrdered(refused.Refusal!.Code);
                continue;
            }

            pending.Entries = state.Order(pending.Submission.Transaction, last.Height + 1, ordered.Count);
            ordered.Add(pending);
        }

        return (ordered, refusals);
    }

    private void Grant(List<PendingLease> asked)
    {
        services.Telemetry.LeasesGranted(asked.Count);
        foreach (var pending in asked)
        {
            pending.Lease = state.Lease(pending.Account, Epoch);
            pending.Entries = state.EntriesOf(pending.Account);
        }
    }

    /// <summary>
    /// Refuses, and hands leases out, when everything ordered before is durable or dropped: a refusal may rest on it, and a lease's
    /// holder must find it in the log.
    /// </summary>
    private async Task AnswerAsync(List<(Pending Pending, SubmitResult Result)> refused, List<PendingLease> asked, Task<bool> ordered)
    {
        bool kept;
        try
        {
            kept = await ordered;
        }
        catch (Exception)
        {
            // The fault is told by whoever waits for the block itself.
            kept = false;
        }

        foreach (var (pending, result) in refused)
        {
            pending.Answer(kept ? result : SubmitResult.Refused(RetryRefusal()));
        }

        foreach (var pending in asked)
        {
            pending.Result.TrySetResult(kept
                ? new LeaseGrant(pending.Lease, pending.Entries, Head().Height, null)
                : new LeaseGrant(default, 0, 0, RetryRefusal()));
        }
    }

    /// <param name="time">The time the transactions were judged by: validity that ends later stands at the block's time too.</param>
    private FollowedBlock Seal(List<Pending> ordered, long time)
    {
        var transactions = new OrderedTransaction[ordered.Count];
        for (var position = 0; position < transactions.Length; position++)
        {
            transactions[position] = new OrderedTransaction(ordered[position].Submission.Encoded, services.Random.NextId(), ordered[position].Entries);
        }

        var header = new BlockHeader(
            last.Height + 1, lastHash, BlockTree.Root(BlockTree.Leaves(transactions)), (ulong)transactions.Length, time, Epoch, log.Size, log.Root, sealer);
        var hash = header.Hash(identity.Domain);
        var block = new Block(header, services.Sealer.Sign(hash), transactions);
        (last, lastHash) = (header, hash);
        log.Append(hash);
        return new FollowedBlock(block, hash, ordered.ConvertAll(pending => pending.Submission.Transaction));
    }

    private long BlockTime() => Math.Max(Math.Max(last.Time, promised), services.Time.GetUtcNow().ToUnixTimeMilliseconds());

    private void Stop()
    {
        stopped = true;
        stopping.Cancel();
        work.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static LedgerFault TakenOver() => new(RefusalCode.Retry, "Another sequencer has taken over.");

    private static Refusal RetryRefusal() => new(RefusalCode.Retry, "Another sequencer has taken over; ask again.");

    [LoggerMessage(Level = LogLevel.Critical, Message = "The sequencer stopped on a fault.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
