using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Tests.Deliveries;

/// <summary>Deliveries that come too late: what is queued, what a person may make of it, and how often.</summary>
public sealed class LateDeliveryTests
{
    private readonly World world = new();

    public LateDeliveryTests()
    {
        world.Order(world.TryReceive(0, 9_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 2, 4));
        Line[] lines = [Line(0), Line(2), Line(4)];
        world.Order(world.TryApprove(World.Draft("hands", World.Voucher, DeliveryMode.InPerson, "2026-11", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 300)], lines)));
        world.Order(world.TryRelease("hands"));
        world.Order(world.TryDeliver("hands", Line(0), 1));
    }

    [Fact]
    public void A_delivery_after_the_end_is_queued_once_and_paid_from_a_grant()
    {
        Complete();
        world.Order(Queue(2, 2));
        Refused(RefusalCode.Stale, world.Log[^1]);
        var paid = world.Order(Decide(2, World.GrantId(0)));
        var late = world.Get<DeliveryExceptionRecord>(RecordKind.DeliveryException, DeliveryExceptionRecord.IdOf(World.DeviceId, 2))!;
        Assert.Equal((DeliveryExceptionState.Accepted, World.Approver, "SEEN"), (late.State, late.DecidedBy, late.Resolution));
        Assert.Equal(100, world.State.Book(World.Person(2)).Available(World.Unit));
        var paying = world.Get<DisbursementRecord>(RecordKind.Disbursement, late.PaidBy)!;
        Assert.Equal((DisbursementState.Completed, 100, "2026-11"), (paying.State, paying.TotalMinor, paying.Period));
        Assert.Equal(100, world.State.Flow(paying.Lot, LotFlow.Disbursed));
        Assert.InRange(paying.ExpiresAt, world.Now, world.Now + (30 * World.Minute));
        Assert.Equal(0, world.Get<DeliveryBacklogRecord>(RecordKind.DeliveryBacklog, DeliveryBacklogRecord.IdOf(World.DeviceId))!.Open);
        Refused(RefusalCode.WrongState, Decide(2, World.GrantId(0)));
        Refused(RefusalCode.WrongState, Decide(2, Id.None));
        Assert.Contains(World.Key.DisbursementLine(World.IdOf("hands"), World.Person(2)), paid.Claims);
    }

    [Fact]
    public void A_line_that_was_delivered_is_not_paid_late_too()
    {
        Complete();
        world.Order(Queue(0, 2));
        var decided = Decide(2, World.GrantId(0));
        Assert.Equal(RefusalCode.ClaimTaken, (decided.Refusal ?? world.State.Check(decided.Value!, World.Key))?.Code);
        world.Order(Decide(2, Id.None));
    }

    [Fact]
    public void A_counter_that_was_used_is_not_queued_and_a_queued_one_not_delivered()
    {
        world.Order(Queue(0, 7, RefusalCode.AlreadyAssisted));
        Refused(RefusalCode.ClaimTaken, world.TryDeliver("hands", Line(2), 7));
        Complete();
        Refused(RefusalCode.ClaimTaken, Queue(2, 1));
    }

    [Fact]
    public void What_is_not_late_is_not_queued()
    {
        Refused(RefusalCode.WrongState, Queue(2, 2));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.VoucherExpired));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.DeadlinePassed));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.ProgramStopped));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.DeviceRevoked));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.Forbidden));
    }

    [Fact]
    public void A_revoked_device_is_heard_of_what_came_before_its_revocation()
    {
        world.Now += 48 * 60 * World.Minute;
        world.Register(World.Administrator, World.Device with { Active = false });
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.DeviceRevoked, occurredBefore: -24 * 60 * World.Minute + 1_000, at: 24 * 60 * World.Minute));
        world.Order(Queue(2, 2, RefusalCode.DeviceRevoked, occurredBefore: 24 * 60 * World.Minute));
    }

    [Fact]
    public void Who_delivered_does_not_decide_nor_does_who_is_no_approver()
    {
        Complete();
        world.Order(Queue(2, 2));
        Refused(RefusalCode.Forbidden, Decide(2, World.GrantId(0), World.Finance));
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent | Roles.Approver));
        Refused(RefusalCode.RolesIncompatible, Decide(2, World.GrantId(0), World.Agent));
        Refused(RefusalCode.RolesIncompatible, Decide(2, Id.None, World.Agent));
    }

    [Fact]
    public void What_was_never_released_was_never_delivered()
    {
        world.Order(world.TryApprove(World.Draft("gone", World.Voucher, DeliveryMode.InPerson, "2026-12", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 100)], [Line(2)])));
        Refused(RefusalCode.WrongState, Queue(2, 2, RefusalCode.AlreadyAssisted, list: "gone"));
    }

    [Fact]
    public void Acceptance_asks_the_devices_site_and_who_made_the_list()
    {
        Complete();
        world.Order(Queue(2, 2));
        world.Register(World.Administrator, World.Member(World.Registrar, World.Ngo, Roles.Registrar | Roles.Approver));
        Refused(RefusalCode.RolesIncompatible, Decide(2, World.GrantId(0), World.Registrar));
        world.Register(World.Administrator, World.Device with { Site = "elsewhere" });
        Refused(RefusalCode.AgentSiteMismatch, Decide(2, World.GrantId(0)));
        world.Order(Decide(2, Id.None));
    }

    [Fact]
    public void Acceptance_counts_for_the_day_on_which_the_device_signed_beside_what_came_in_time()
    {
        // 100 came in time on this day.
        world.Register(World.Administrator, World.Device with { PerDayMinor = 250 });
        Complete();
        world.Order(Queue(2, 2));
        world.Order(Queue(4, 3));
        world.Order(Queue(4, 4, occurredBefore: 24 * 60 * World.Minute));
        world.Order(Decide(2, World.GrantId(0)));
        Refused(RefusalCode.AgentLimitExceeded, Decide(3, World.GrantId(0)));
        world.Order(Decide(3, Id.None));
        world.Order(Decide(4, World.GrantId(0)));
        Assert.Equal((-200, -100), (SpentOn(0), SpentOn(-1)));

        long SpentOn(long day) => world.State.Book(World.Device.AllowanceOn(Limits.DayOf(world.Now) + day)).Available(UnitRecord.AllowanceOf(World.Unit));
    }

    [Fact]
    public void Acceptance_that_counts_for_no_day_or_another_one_is_broken()
    {
        Complete();
        world.Order(Queue(2, 2));
        var accepted = Decide(2, World.GrantId(0)).Value!;
        var other = World.Device.AllowanceOn(Limits.DayOf(world.Now) + 1);
        Refused(RefusalCode.Tampered, accepted with { Postings = [.. accepted.Postings.SkipLast(2)] });
        Refused(RefusalCode.Tampered, accepted with { Postings = [.. accepted.Postings.SkipLast(2), accepted.Postings[^2] with { Account = other }, accepted.Postings[^1]] });
        world.Order(accepted);
    }

    [Fact]
    public void Acceptance_asks_the_devices_limit_for_one_beneficiary()
    {
        Complete();
        world.Order(Queue(2, 2));
        world.Register(World.Administrator, World.Device with { PerBeneficiaryMinor = 99 });
        Refused(RefusalCode.AgentLimitExceeded, Decide(2, World.GrantId(0)));
        world.Order(Decide(2, Id.None));
    }

    [Fact]
    public void A_device_has_only_so_many_open()
    {
        Complete();
        for (var number = 0; number < LateDeliveries.MaximumOpen; number++)
        {
            world.Order(Queue(2, 100 + (ulong)number));
        }

        Refused(RefusalCode.Busy, Queue(2, 99));
        world.Order(Decide(100, Id.None));
        world.Order(Queue(2, 99));
    }

    private static Line Line(int person) => World.LineOf(person, 100);

    private void Complete() => world.Order(Completions.Decide(World.IdOf("hands"), world.Scope(World.Releaser), world.State));

    private Outcome<Transaction> Queue(int person, ulong counter, string reason = RefusalCode.WrongState, long occurredBefore = 1_000, long at = 0, string list = "hands")
    {
        world.Now += at;
        return LateDeliveries.Decide(
            World.IdOf(list), new Chunk(0, World.HashOf(list + " 0"), [Line(person)], [], []),
            new DeviceStatement(World.DeviceId, world.Now - occurredBefore - at, world.Now + 60_000, counter),
            new Authorisation(World.DeviceId, world.State.VersionOf(new RecordKey(RecordKind.Device, World.DeviceId)), default), reason, world.Scope(World.Agent), world.State);
    }

    private Outcome<Transaction> Decide(ulong counter, Id grant, Id? member = null) => LateDecisions.Decide(
        DeliveryExceptionRecord.IdOf(World.DeviceId, counter), grant, "SEEN", World.IdOf($"late {counter}"), World.IdOf($"late lot {counter}"),
        [world.Sign(member ?? World.Approver)], world.Scope(member ?? World.Approver), world.State);

    private void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, (outcome.Refusal ?? world.State.Check(outcome.Value!, World.Key))?.Code);
}
