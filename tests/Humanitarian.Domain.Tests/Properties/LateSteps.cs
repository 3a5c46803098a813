using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Deliveries that come too late, in random lives.</summary>
internal static class LateSteps
{
    private static readonly string[] Reasons =
        [RefusalCode.WrongState, RefusalCode.AlreadyAssisted, RefusalCode.VoucherExpired, RefusalCode.DeviceRevoked, RefusalCode.DeadlinePassed, RefusalCode.Forbidden];

    private static Outcome<Transaction>? Nothing => null;

    public static Outcome<Transaction>? Decide(Step step, World world, int number) => step.Act == Act.QueueLate ? Queue(step, world, number) : Decide(step, world);

    private static Outcome<Transaction>? Queue(Step step, World world, int number) =>
        step.Disbursement(world) is { Mode: DeliveryMode.InPerson, ChunkRoots.Count: > 0 } d && Step.LinesOf(d, 0) is var lines
            ? LateDeliveries.Decide(
                d.Id, new Chunk(0, World.HashOf($"{Step.Name(d)} 0"), [lines[step.B % lines.Length]], [], []),
                new DeviceStatement(World.DeviceId, world.Now - 1_000, world.Now + (step.A == 5 ? -1 : 60_000), 10_000 + (ulong)(number % 40)),
                new Authorisation(World.DeviceId, world.State.VersionOf(new RecordKey(RecordKind.Device, World.DeviceId)), default),
                Reasons[step.C % Reasons.Length], world.Scope(World.Agent), world.State)
            : Nothing;

    private static Outcome<Transaction>? Decide(Step step, World world)
    {
        DeliveryExceptionRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<DeliveryExceptionRecord>()];
        return all.Length == 0 ? Nothing : LateDecisions.Decide(
            all[((step.A * 8) + step.C) % all.Length].Id, step.B < 5 ? World.GrantId(step.B % 3) : Id.None, "SEEN", world.NextId(), world.NextId(),
            [world.Sign(World.Approver)], world.Scope(World.Approver), world.State);
    }
}

internal sealed partial class Model
{
    private readonly HashSet<(Id Disbursement, Id Account)> paidLate = [];

    private void PaidLate(Transaction transaction)
    {
        if (transaction.Postings.Count == 0)
        {
            return;
        }

        var late = (DeliveryExceptionRecord)transaction.Writes[^1].Record;
        Must(paidLate.Add((late.Disbursement, late.Account)), "a late line was paid twice");
        Must(!paidLines.Contains((late.Disbursement, 0, late.Account.GetHashCode())), "a delivered line was paid late too");
        Lots(transaction, "drawn", -1);
        Lots(transaction, "disbursed", 1);
        Count(transaction, new Line(late.Account, late.Household, late.AmountMinor, Id.None));
    }
}
