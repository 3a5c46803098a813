using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Humanitarian.Domain.Deliveries;

/// <summary>Where a late delivery stands.</summary>
public enum DeliveryExceptionState
{
    /// <summary>Nobody has decided yet.</summary>
    Open = 1,

    /// <summary>It was paid.</summary>
    Accepted = 2,

    /// <summary>It is not paid.</summary>
    Rejected = 3,
}

/// <summary>
/// A delivery that an agent's device signed and that came too late to be ordered: a signed fact that a person decides. It uses up the
/// device's counter, so nothing is queued twice, nor what was delivered before.
/// </summary>
/// <param name="Agent">The member whose device it was.</param>
/// <param name="OccurredAt">Unix milliseconds by the device's clock.</param>
/// <param name="Reason">The refusal's code.</param>
/// <param name="QueuedAt">Unix milliseconds.</param>
/// <param name="Resolution">The code that the deciding member gave as reason; empty while open.</param>
/// <param name="PaidBy">The disbursement of one line that paid it; none while open and when rejected.</param>
public sealed record DeliveryExceptionRecord(
    Id Id, Id Program, Id Disbursement, Id Device, Id Agent, ulong Counter, Id Account, Id Household, long AmountMinor, long OccurredAt, string Reason,
    long QueuedAt, DeliveryExceptionState State, Id DecidedBy, string Resolution, Id PaidBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.DeliveryException;
    public override Id Parent => Program;
    public override bool NamesPerson => true;

    /// <summary>The id of what a device signed under a counter.</summary>
    public static Id IdOf(Id device, ulong counter)
    {
        var number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, counter);
        return Id.FromBytes(SHA256.HashData([.. "delivery exception"u8, .. device.ToBytes(), .. number]));
    }
}

/// <summary>How many late deliveries of a device wait for a decision.</summary>
/// <param name="Open">From 0 to <see cref="LateDeliveries.MaximumOpen"/>.</param>
public sealed record DeliveryBacklogRecord(Id Id, Id Device, int Open) : Record(Id)
{
    public override RecordKind Kind => RecordKind.DeliveryBacklog;
    public override Id Parent => Device;

    /// <summary>The id of a device's backlog.</summary>
    public static Id IdOf(Id device) => Id.FromBytes(SHA256.HashData([.. "delivery backlog"u8, .. device.ToBytes()]));
}
