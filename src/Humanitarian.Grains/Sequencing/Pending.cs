using Humanitarian.Domain;

namespace Humanitarian.Grains.Sequencing;

/// <summary>Submissions that came in one call and are answered together, so that each costs no task of its own.</summary>
internal sealed class PendingBatch(int count)
{
    private readonly SubmitResult?[] results = new SubmitResult?[count];
    private readonly TaskCompletionSource<SubmitResult[]> all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = count;

    public Task<SubmitResult[]> All => all.Task;

    /// <summary>Answers one submission; the first answer stands.</summary>
    public void Answer(int index, SubmitResult result)
    {
        if (Interlocked.CompareExchange(ref results[index], result, null) is null && Interlocked.Decrement(ref left) == 0)
        {
            all.TrySetResult(results!);
        }
    }

    /// <summary>The outcome of some is unknown: whoever waits asks the log, for all of them.</summary>
    public void Fail(Exception fault) => all.TrySetException(fault);
}

/// <summary>A submission that waits for its outcome.</summary>
internal sealed class Pending(Submission submission, PendingBatch batch, int index)
{
    public Submission Submission { get; } = submission;

    public ulong[] Entries { get; set; } = [];

    /// <summary>All of its unit, in order, itself included; null when it stands by itself.</summary>
    public Pending[]? Unit { get; init; }

    public void Answer(SubmitResult result) => batch.Answer(index, result);

    public void Fail(Exception fault) => batch.Fail(fault);
}

/// <summary>An account that waits for its lease.</summary>
internal sealed class PendingLease(Id account)
{
    public Id Account { get; } = account;

    public Lease Lease { get; set; }

    public ulong Entries { get; set; }

    public TaskCompletionSource<LeaseGrant> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
