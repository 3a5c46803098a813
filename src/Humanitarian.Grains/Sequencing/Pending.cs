using Humanitarian.Domain;

namespace Humanitarian.Grains.Sequencing;

/// <summary>A submission that waits for its outcome.</summary>
internal sealed class Pending(Submission submission)
{
    public Submission Submission { get; } = submission;

    public ulong[] Entries { get; set; } = [];

    public TaskCompletionSource<SubmitResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>An account that waits for its lease.</summary>
internal sealed class PendingLease(Id account)
{
    public Id Account { get; } = account;

    public Lease Lease { get; set; }

    public ulong Entries { get; set; }

    public TaskCompletionSource<LeaseGrant> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
