using CsCheck;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Overlaps;

/// <summary>Two NGOs with voucher programs. Household 0 of the first may be household 0 of the second.</summary>
public sealed class OverlapTests
{
    private readonly World world = new();
    private int lists;

    public OverlapTests()
    {
        world.Order(world.TryReceive(1, 1_000_000, "money"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1, 2));
        OtherNgo.Open(world, 40);
    }

    private static Id Suspicion => OtherNgo.OverlapOf(0, 0);

    private OverlapRecord Record => world.Get<OverlapRecord>(RecordKind.Overlap, Suspicion)!;

    [Fact]
    public void A_strong_suspicion_holds_payments_back_until_its_time_is_over()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        Assert.Equal([RefusalCode.OverlapSuspected], Pay("2026-1", 0));
        Assert.Equal([], Pay("2026-1", 1));
        world.Order(OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Same));
        world.Now += OtherNgo.Hour;
        Assert.Equal(OverlapState.Undecided, Record.StateAt(world.Now));
        Assert.Equal([], Pay("2026-1", 0));
    }

    [Fact]
    public void Both_may_agree_after_the_time_is_over_and_from_then_on_it_counts()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        world.Order(OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Same));
        world.Now += OtherNgo.Hour;
        Assert.Equal([], Pay("2026-1", 0));
        Assert.False(world.State.IsTaken(World.Key.HouseholdAssistance(Suspicion, "cash", "2026-1")));
        world.Order(OtherNgo.TryDecide(world, OtherNgo.Approver, Suspicion, OverlapOpinion.Same));
        Assert.Equal(OverlapState.Same, Record.StateAt(world.Now));
        Assert.Equal([], Pay("2026-2", 0));
        Assert.True(world.State.IsTaken(World.Key.HouseholdAssistance(Suspicion, "cash", "2026-2")));
    }

    // Red while only what both call different is counted: a raiser would go on for ever by saying nothing.
    [Theory]
    [InlineData(OverlapOpinion.None, 1)]
    [InlineData(OverlapOpinion.Unsure, 1)]
    [InlineData(OverlapOpinion.Different, 1)]
    [InlineData(OverlapOpinion.Same, 0)]
    public void A_suspicion_that_the_other_side_refutes_and_the_raiser_does_not_defend_counts_against_it(OverlapOpinion raiser, int refuted)
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        world.Order(OtherNgo.TryDecide(world, OtherNgo.Approver, Suspicion, OverlapOpinion.Different));
        Assert.Equal(1, world.Get<MatchingTallyRecord>(RecordKind.MatchingTally, World.Ngo)!.Refuted);
        if (raiser != OverlapOpinion.None)
        {
            world.Order(OtherNgo.TryDecide(world, World.Approver, Suspicion, raiser));
        }

        Assert.Equal(refuted, world.Get<MatchingTallyRecord>(RecordKind.MatchingTally, World.Ngo)!.Refuted);
    }

    [Fact]
    public void A_shared_telephone_alone_holds_nothing_back()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0, strong: false));
        Assert.Equal([], Pay("2026-1", 0));
    }

    [Fact]
    public void Once_both_say_the_same_either_ones_assistance_counts_for_both()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Same);
        Assert.Equal([], Pay("2026-1", 0));

        // The pair has one claim, which a payment to the other organisation's household would take too.
        Assert.True(world.State.IsTaken(World.Key.HouseholdAssistance(Suspicion, "cash", "2026-1")));
        Assert.False(world.State.IsTaken(World.Key.HouseholdAssistance(OtherNgo.Household(0), "cash", "2026-1")));
        Assert.Equal([], Pay("2026-2", 0));
    }

    [Fact]
    public void What_the_other_had_before_it_was_decided_counts_too()
    {
        Assert.Equal([], Pay("2026-1", 0));
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Same);
        HouseholdOverlapsSay(OtherNgo.Household(0), "2026-1", true);
        HouseholdOverlapsSay(OtherNgo.Household(0), "2026-2", false);
        HouseholdOverlapsSay(World.Household(0), "2026-1", false);
    }

    [Fact]
    public void Different_households_are_both_paid_and_an_appeal_lets_both_decide_again()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        Assert.Equal(RefusalCode.WrongState, Appeal(World.Approver).Refusal?.Code);
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Different);
        Assert.Equal([], Pay("2026-1", 0));
        Assert.Equal(RefusalCode.WrongState, OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Same).Refusal?.Code);
        Assert.Equal(1, world.Get<MatchingTallyRecord>(RecordKind.MatchingTally, World.Ngo)!.Refuted);
        Assert.Equal(RefusalCode.InvalidInput, Appeal(OtherNgo.Approver, reason: "").Refusal?.Code);
        world.Order(Appeal(OtherNgo.Approver));
        Assert.Equal((OverlapState.Open, World.OtherNgo), (Record.StateAt(world.Now), Record.AppealedBy));
        Assert.Equal(0, world.Get<MatchingTallyRecord>(RecordKind.MatchingTally, World.Ngo)!.Refuted);
        Assert.Equal([RefusalCode.OverlapSuspected], Pay("2026-2", 0));
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Same);
        Assert.Equal(RefusalCode.WrongState, Appeal(World.Approver).Refusal?.Code);
    }

    [Fact]
    public void Who_overrides_strong_evidence_or_its_own_word_says_why()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        Assert.Equal(RefusalCode.InvalidInput, OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Different, "").Refusal?.Code);
        world.Order(OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Same, ""));
        Assert.Equal(RefusalCode.InvalidInput, OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Unsure, "because").Refusal?.Code);
        world.Order(OtherNgo.TryDecide(world, World.Approver, Suspicion, OverlapOpinion.Unsure, "VISITED"));
        world.Order(OtherNgo.TryDecide(world, OtherNgo.Approver, Suspicion, OverlapOpinion.Same, ""));
        Assert.Equal(OverlapState.Open, Record.StateAt(world.Now));
    }

    [Fact]
    public void Only_an_approver_of_either_organisation_decides_and_signs()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        Assert.Equal(RefusalCode.Forbidden, OtherNgo.TryDecide(world, World.Registrar, Suspicion, OverlapOpinion.Same).Refusal?.Code);
        Assert.Equal(RefusalCode.NotFound, OtherNgo.TryDecide(world, World.Cashier, Suspicion, OverlapOpinion.Same).Refusal?.Code);
        var unsigned = OverlapDecisions.Decide(Suspicion, OverlapOpinion.Same, "", false, [], world.Scope(World.Approver), world.State);
        Assert.Equal(RefusalCode.SignatureRequired, unsigned.Refusal?.Code);
    }

    [Fact]
    public void Only_what_one_has_enrolled_is_suspected_once_and_not_for_long()
    {
        Assert.Equal(RefusalCode.NotFound, OtherNgo.TrySuspect(world, 3, 0).Refusal?.Code);
        Assert.Equal(RefusalCode.NotEnrolled, Suspect(World.Voucher, World.Household(0), World.Household(1)).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Suspect(OtherNgo.Program, OtherNgo.Household(0), World.Household(0)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, OtherNgo.TrySuspect(world, 0, 0, hours: 0).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, OtherNgo.TrySuspect(world, 0, 0, hours: (14 * 24) + 1).Refusal?.Code);
        world.Order(OtherNgo.TrySuspect(world, 0, 0, hours: 14 * 24));
        Assert.Equal(RefusalCode.AlreadyExists, OtherNgo.TrySuspect(world, 0, 0).Refusal?.Code);
    }

    [Fact]
    public void Too_many_refuted_suspicions_end_an_organisations_matching()
    {
        for (var number = 0; number < MatchingTallyRecord.MinimumRefuted; number++)
        {
            // A household has so many suspicions at most.
            world.Order(OtherNgo.TrySuspect(world, number % 2, number));
            OtherNgo.Agree(world, OtherNgo.OverlapOf(number % 2, number), OverlapOpinion.Different);
        }

        Assert.Equal(RefusalCode.MatchingEnded, OtherNgo.TrySuspect(world, 2, 30).Refusal?.Code);
    }

    [Fact]
    public void A_household_has_a_bounded_number_of_suspicions()
    {
        for (var number = 0; number < OverlapMarkRecord.MaximumOverlaps; number++)
        {
            world.Order(OtherNgo.TrySuspect(world, 0, number));
        }

        Assert.Equal(RefusalCode.WrongState, OtherNgo.TrySuspect(world, 0, 30).Refusal?.Code);
    }

    [Fact]
    public void A_payment_decided_before_a_suspicion_or_its_decision_is_decided_again()
    {
        var before = world.TryPay(Released("2026-1", 0), 0, World.LineOf(0, 100)).Value!;
        world.Order(OtherNgo.TrySuspect(world, 0, 0, strong: false));
        Assert.Equal(RefusalCode.Stale, world.State.Check(before, World.Key)?.Code);
        var between = world.TryPay(Released("2026-1", 0), 0, World.LineOf(0, 100)).Value!;
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Same);
        Assert.Equal(RefusalCode.Stale, world.State.Check(between, World.Key)?.Code);
    }

    [Fact]
    public void A_suspicion_goes_with_its_household_when_that_is_merged()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        world.Order(HouseholdMerges.Decide([World.Household(0), World.Household(1)], Id.None, World.IdOf("union"), world.Scope(World.Registrar), world.State));
        Assert.Equal([RefusalCode.OverlapSuspected], Pay("2026-1", 1));
        OtherNgo.Agree(world, Suspicion, OverlapOpinion.Same);
        Assert.Equal([], Pay("2026-1", 1));
        HouseholdOverlapsSay(OtherNgo.Household(0), "2026-1", true);
    }

    [Fact]
    public void A_forged_payment_of_a_suspected_household_does_not_verify()
    {
        world.Order(OtherNgo.TrySuspect(world, 0, 0));
        var honest = world.TryPay(Released("2026-1", 0), 0, World.LineOf(0, 100)).Value!;
        var forged = honest with { Chunk = honest.Chunk! with { Unpaid = [] }, Postings = [honest.Postings[0] with { AmountMinor = -100 }] };
        Assert.Equal(RefusalCode.OverlapSuspected, world.State.Check(forged, World.Key)?.Code);
    }

    [Fact]
    public void Counts_in_steps_never_tell_fewer_households_than_a_step_apart() => Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, CountStep.Size]).Sample((count, more) =>
    {
        var (told, next) = (CountStep.Of(count), CountStep.Of(count + more));
        Assert.True(told.AtLeast <= count && count < told.FewerThan && told.FewerThan - told.AtLeast == CountStep.Size && told.AtLeast % CountStep.Size == 0);
        Assert.True(next == told || next.AtLeast - told.AtLeast == CountStep.Size);
        Assert.True(count >= CountStep.Size || told == CountStep.Of(0));
    });

    private void HouseholdOverlapsSay(Id household, string period, bool assisted) => Assert.Equal(
        assisted,
        HouseholdOverlaps.WasAssisted(household, HouseholdOverlaps.Of(household, world.State), world.Now, "cash", period, world.State, World.Key));

    private Outcome<Transaction> Suspect(Id program, Id own, Id other) => OverlapSuspicions.Decide(
        new SuspectCommand(program, own, other, true, world.Now + OtherNgo.Hour), world.Scope(World.Registrar), world.State);

    private Outcome<Transaction> Appeal(Id approver, string reason = "NEW_DOCUMENTS") =>
        OverlapDecisions.Appeal(Suspicion, reason, world.Now + OtherNgo.Hour, [world.Sign(approver)], world.Scope(approver), world.State);

    /// <summary>Pays one person and answers why not.</summary>
    private string[] Pay(string period, int person) =>
        [.. world.Order(world.TryPay(Released(period, person), 0, World.LineOf(person, 100))).Chunk!.Unpaid.Select(unpaid => unpaid.Code)];

    private string Released(string period, int person)
    {
        var name = $"overlap list {lists++}";
        world.Order(world.TryApprove(World.Draft(
            name, World.Voucher, DeliveryMode.Bulk, period, world.Now + (200 * World.Minute), [new LotPart(World.GrantId(1), 100)], [World.LineOf(person, 100)])));
        world.Order(world.TryRelease(name));
        return name;
    }
}
