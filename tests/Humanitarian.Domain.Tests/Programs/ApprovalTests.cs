using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>How many approve follows from the total, as the terms say; what is cancelled or paused moves nothing.</summary>
public sealed class ApprovalTests
{
    private readonly World world = new();
    private readonly Id second = World.IdOf("second approver");
    private readonly Id third = World.IdOf("third approver");

    public ApprovalTests()
    {
        world.Register(
            World.Administrator, World.Member(second, World.Ngo, Roles.Approver | Roles.Releaser), World.Member(third, World.Ngo, Roles.Approver));
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Of(program);
        var stricter = terms with { Rules = [.. terms.Rules, new ApprovalsByAmount([new ApprovalStep(1_000, 2), new ApprovalStep(2_000, 3)])] };
        world.Amend(program with { Terms = TermsJson.Write(stricter) });
        world.Order(world.TryReceive(0, 10_000, "money"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1));
    }

    [Theory]
    [InlineData(999, 1)]
    [InlineData(1_000, 2)]
    [InlineData(1_999, 2)]
    [InlineData(2_000, 3)]
    public void A_total_takes_as_many_approvers_as_its_step_says(long totalMinor, int needed)
    {
        var draft = Draft("pay", totalMinor);
        Id[] approvers = [World.Approver, second, third];
        for (var count = 1; count <= needed; count++)
        {
            Assert.Equal(count == 1 ? RefusalCode.NotFound : RefusalCode.WrongState, world.TryRelease("pay").Refusal?.Code);
            world.Order(world.TryApprove(draft, approvers[count - 1]));
            Assert.Equal(count < needed ? DisbursementState.PartlyApproved : DisbursementState.Approved, State("pay"));
        }

        Assert.Equal(RefusalCode.WrongState, world.TryApprove(draft, approvers[^1]).Refusal?.Code);
        world.Order(world.TryRelease("pay"));
        Assert.Equal(DisbursementState.Released, State("pay"));
    }

    [Fact]
    public void Nobody_approves_twice_and_none_of_the_approvers_releases()
    {
        var draft = Draft("pay", 1_500);
        world.Order(world.TryApprove(draft, second));
        Assert.Equal(RefusalCode.RolesIncompatible, world.TryApprove(draft, second).Refusal?.Code);
        world.Order(world.TryApprove(draft));
        Assert.Equal(RefusalCode.RolesIncompatible, world.TryRelease("pay", second).Refusal?.Code);
        world.Order(world.TryRelease("pay"));
    }

    [Fact]
    public void What_was_approved_under_older_terms_takes_as_many_approvers_as_the_terms_in_effect_ask_for()
    {
        world.Order(world.TryApprove(Draft("pay", 999)));
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        world.Amend(program with { Terms = program.Terms.Replace("1000", "900", StringComparison.Ordinal) });
        Assert.Equal(RefusalCode.WrongState, world.TryRelease("pay").Refusal?.Code);
        world.Order(world.TryApprove(Draft("pay", 999), second));
        Assert.Equal(DisbursementState.Approved, State("pay"));
        world.Order(world.TryRelease("pay"));
    }

    [Fact]
    public void A_forged_record_of_approvers_is_refused()
    {
        var honest = world.TryApprove(Draft("pay", 1_500)).Value!;
        var record = (DisbursementRecord)honest.Writes[0].Record;
        DisbursementRecord[] forged =
        [
            record with { State = DisbursementState.Approved },
            record with { State = DisbursementState.Approved, CoApprovers = [second] },
            record with { CoApprovers = [second] },
        ];
        Assert.All(forged, one => Assert.Equal(
            RefusalCode.Tampered, world.State.Check(honest with { Writes = [honest.Writes[0] with { Record = one }] }, World.Key)?.Code));
    }

    [Fact]
    public void What_is_cancelled_is_never_released_and_what_is_released_is_not_cancelled()
    {
        world.Order(world.TryApprove(Draft("given up", 500)));
        world.Order(Change("given up", DisbursementState.Cancelled, World.Approver));
        Assert.Equal(RefusalCode.WrongState, world.TryRelease("given up").Refusal?.Code);
        Assert.Equal(RefusalCode.WrongState, Change("given up", DisbursementState.Released, World.Releaser).Refusal?.Code);

        world.Order(world.TryApprove(Draft("out", 500)));
        world.Order(world.TryRelease("out"));
        Assert.Equal(RefusalCode.WrongState, Change("out", DisbursementState.Cancelled, World.Approver).Refusal?.Code);
    }

    [Fact]
    public void A_paused_disbursement_pays_nothing_until_a_releaser_resumes_it()
    {
        world.Order(world.TryApprove(Draft("pay", 500)));
        world.Order(world.TryRelease("pay"));
        world.Order(Change("pay", DisbursementState.Paused, World.Approver));
        Assert.Equal(RefusalCode.WrongState, world.TryPay("pay", 0, World.LineOf(0, 500)).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Change("pay", DisbursementState.Released, World.Approver).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Change("pay", DisbursementState.Released, World.Stranger).Refusal?.Code);
        world.Order(Change("pay", DisbursementState.Released, World.Releaser));
        world.Order(world.TryPay("pay", 0, World.LineOf(0, 500)));
    }

    [Fact]
    public void A_paused_disbursement_can_be_completed_and_its_rest_goes_back()
    {
        world.Order(world.TryApprove(Draft("pay", 500)));
        world.Order(world.TryRelease("pay"));
        world.Order(Change("pay", DisbursementState.Paused, World.Approver));
        Assert.Equal(RefusalCode.Forbidden, Completions.Decide(World.IdOf("pay"), world.Scope(Id.None), world.State).Refusal?.Code);
        world.Order(Completions.Decide(World.IdOf("pay"), world.Scope(World.Releaser), world.State));
        Assert.Equal(10_000, world.State.Book(World.PoolOf(World.Voucher)).Available(World.Unit));
    }

    [Fact]
    public void Steps_that_do_not_rise_are_refused()
    {
        Assert.NotNull(new ApprovalsByAmount([]).Validate());
        Assert.NotNull(new ApprovalsByAmount([new ApprovalStep(0, 1)]).Validate());
        Assert.NotNull(new ApprovalsByAmount([new ApprovalStep(5, 2), new ApprovalStep(5, 3)]).Validate());
        Assert.NotNull(new ApprovalsByAmount([new ApprovalStep(0, 10)]).Validate());
        Assert.Null(new ApprovalsByAmount([new ApprovalStep(0, 2), new ApprovalStep(5, 3)]).Validate());
    }

    private static DisbursementRecord Draft(string name, long totalMinor) => World.Draft(
        name, World.Voucher, DeliveryMode.Bulk, "2026-1", World.Start + (30 * World.Minute), [new LotPart(World.GrantId(0), totalMinor)], [World.LineOf(0, totalMinor)]);

    private Outcome<Transaction> Change(string name, DisbursementState to, Id member) =>
        StateChanges.Decide(World.IdOf(name), to, world.Scope(member), world.State);

    private DisbursementState State(string name) => world.Get<DisbursementRecord>(RecordKind.Disbursement, World.IdOf(name))!.State;
}
