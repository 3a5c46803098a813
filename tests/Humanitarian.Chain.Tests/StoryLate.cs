using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    /// <summary>Two deliveries come after their list is completed: one is paid, the other rejected.</summary>
    public void QueueLate()
    {
        Line[] lines = [.. Enumerable.Range(0, 3).Select(i => LineOf("hands", i, 7_000 + i))];
        Chain.Order(Late("hands", lines, 1, 3));
        Chain.Order(Late("hands", lines, 0, 4));
        Chain.Cut();
        OpenSites();
        Chain.Order(DecideLate(3, Grant, Approver));
        Chain.Order(DecideLate(4, Id.None, Approver));
        Chain.Cut();
    }

    /// <summary>The device is assigned to every site from now on.</summary>
    public void OpenSites() => Chain.Register(Administrator, Chain.State.Peek<DeviceRecord>(RecordKind.Device, Device).Record! with { Site = "" });

    public Outcome<Transaction> Late(string name, Line[] lines, int index, ulong counter)
    {
        var (statement, chunk, signature) = SignDelivery(name, lines, index, counter);
        return LateDeliveries.Decide(ChainBuilder.IdOf(name), chunk, statement, signature, RefusalCode.WrongState, Chain.Scope(Agent), Chain.State);
    }

    /// <param name="grant">None to reject.</param>
    public Outcome<Transaction> DecideLate(ulong counter, Id grant, Id member)
    {
        var late = Chain.State.Peek<DeliveryExceptionRecord>(RecordKind.DeliveryException, DeliveryExceptionRecord.IdOf(Device, counter)).Record!;
        var payment = ChainBuilder.IdOf($"late {counter}");
        var decided = late with
        {
            State = grant.IsNone ? DeliveryExceptionState.Rejected : DeliveryExceptionState.Accepted, DecidedBy = member, Resolution = "SEEN", PaidBy = grant.IsNone ? Id.None : payment,
        };
        return LateDecisions.Decide(
            late.Id, grant, "SEEN", payment, ChainBuilder.IdOf($"lot of late {counter}"),
            [Chain.Authorise(member, SignedAction.DecideDeliveryException, SignedObjects.ObjectOf(decided), grant.IsNone ? 0 : late.AmountMinor)],
            Chain.Scope(member), Chain.State);
    }
}
