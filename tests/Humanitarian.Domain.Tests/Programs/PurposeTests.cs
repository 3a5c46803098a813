using CsCheck;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>Top-ups, instalments and retroactive payments: bounded by the sum of all that was paid for the period, 50.00 in the voucher program.</summary>
public sealed class PurposeTests
{
    private readonly World world = new();
    private int drafts;

    public PurposeTests()
    {
        world.Order(world.TryReceive(1, 1_000_000, "money"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1, 2));
    }

    [Fact]
    public void A_top_up_adds_to_the_first_payment_up_to_the_entitlement_and_no_further()
    {
        Assert.Equal([], Pay(DisbursementPurpose.Regular, "2026-1", 3_000));
        Assert.Equal([], Pay(DisbursementPurpose.TopUp, "2026-1", 1_500));
        Assert.Equal([RefusalCode.EntitlementExceeded], Pay(DisbursementPurpose.TopUp, "2026-1", 501));
        Assert.Equal([], Pay(DisbursementPurpose.TopUp, "2026-1", 500));
        Assert.Equal(new PaidSoFar(3, 5_000, "cash"), world.State.Paid(World.Person(0), World.Voucher, "2026-1"));
    }

    [Fact]
    public void A_top_up_of_nothing_is_refused() =>
        Assert.Equal([RefusalCode.NotYetAssisted], Pay(DisbursementPurpose.TopUp, "2026-1", 100));

    [Fact]
    public void Instalments_make_up_the_entitlement_and_a_regular_payment_beside_them_is_refused()
    {
        Assert.Equal([], Pay(DisbursementPurpose.Instalment, "2026-1", 2_500));
        Assert.Equal(RefusalCode.ClaimTaken, Refused(DisbursementPurpose.Regular, "2026-1", 100));
        Assert.Equal([], Pay(DisbursementPurpose.Instalment, "2026-1", 2_500));
        Assert.Equal([RefusalCode.EntitlementExceeded], Pay(DisbursementPurpose.Retroactive, "2026-1", 1));
        Assert.Equal([], Pay(DisbursementPurpose.Retroactive, "2025-12", 5_000));
    }

    [Fact]
    public void Another_kind_of_assistance_does_not_come_on_top()
    {
        Assert.Equal([], Pay(DisbursementPurpose.Regular, "2026-1", 1_000));
        Assert.Equal([RefusalCode.AlreadyAssisted], Pay(DisbursementPurpose.TopUp, "2026-1", 1_000, kind: "rent"));
    }

    [Fact]
    public void Payments_on_top_that_are_decided_side_by_side_do_not_both_count()
    {
        Pay(DisbursementPurpose.Regular, "2026-1", 1_000);
        var (one, two) = (Released(DisbursementPurpose.TopUp, "2026-1", "cash", 2_500), Released(DisbursementPurpose.TopUp, "2026-1", "cash", 2_500));
        var (first, second) = (world.TryPay(one, 0, LineOf(2_500)).Value!, world.TryPay(two, 0, LineOf(2_500)).Value!);
        world.Order(first);
        Assert.Equal(RefusalCode.ClaimTaken, world.State.Check(second, World.Key)?.Code);
        Assert.Equal(RefusalCode.EntitlementExceeded, Assert.Single(world.TryPay(two, 0, LineOf(2_500)).Value!.Chunk!.Unpaid).Code);
    }

    [Fact]
    public void Another_member_of_an_assisted_household_does_not_get_an_instalment()
    {
        Pay(DisbursementPurpose.Regular, "2026-1", 1_000);
        world.Order(Households.Enrolments.Decide(
            World.Voucher, World.IdOf("relative"), 0, [World.EnrolmentOf(4) with { Household = World.Household(0) }], world.Scope(World.Registrar), world.State));
        var line = World.LineOf(4, 1_000) with { Household = World.Household(0) };
        var name = Released(DisbursementPurpose.Instalment, "2026-1", "cash", 1_000, line);
        Assert.Equal(RefusalCode.ClaimTaken, world.State.Check(world.TryPay(name, 0, line).Value!, World.Key)?.Code);
    }

    [Fact]
    public void More_than_one_payment_for_a_period_needs_terms_with_an_entitlement()
    {
        var draft = World.Draft("x", World.Community, DeliveryMode.Bulk, "2026-1", world.Now + World.Minute, [new LotPart(World.GrantId(2), 5)], [World.LineOf(0, 5)]);
        Assert.Equal("purpose", world.TryApprove(draft with { Purpose = DisbursementPurpose.TopUp }).Refusal?.Field);
        Assert.Equal("purpose", world.TryApprove(draft with { Purpose = (DisbursementPurpose)9 }).Refusal?.Field);
    }

    [Fact]
    public void The_sum_for_a_period_never_exceeds_the_entitlement_whatever_is_paid_in_whatever_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1], Gen.Long[1, 3_000]).Array[1, 12].Sample(
            payments =>
            {
                var tests = new PurposeTests();
                var sums = new Dictionary<string, long>();
                foreach (var (purpose, period, amount) in payments)
                {
                    var (kind, text) = ((DisbursementPurpose[])[DisbursementPurpose.Regular, DisbursementPurpose.TopUp, DisbursementPurpose.Instalment, DisbursementPurpose.Retroactive], $"2026-{period}");
                    var before = sums.GetValueOrDefault(text);
                    var may = before + amount <= 5_000 && kind[purpose] switch
                    {
                        DisbursementPurpose.Regular => before == 0,
                        DisbursementPurpose.TopUp => before > 0,
                        _ => true,
                    };
                    var paid = tests.TryPay(kind[purpose], text, amount);
                    Assert.Equal(may, paid);
                    sums[text] = before + (paid ? amount : 0);
                    Assert.Equal(sums[text], tests.world.State.Paid(World.Person(0), World.Voucher, text)!.Value.SumMinor);
                }
            },
            iter: 300);

    private static Line LineOf(long amountMinor) => World.LineOf(0, amountMinor);

    /// <summary>Pays person 0 and answers the codes of unpaid lines.</summary>
    private string[] Pay(DisbursementPurpose purpose, string period, long amountMinor, string kind = "cash")
    {
        var name = Released(purpose, period, kind, amountMinor);
        return [.. world.Order(world.TryPay(name, 0, LineOf(amountMinor))).Chunk!.Unpaid.Select(line => line.Code)];
    }

    private bool TryPay(DisbursementPurpose purpose, string period, long amountMinor)
    {
        var paid = world.TryPay(Released(purpose, period, "cash", amountMinor), 0, LineOf(amountMinor)).Value!;
        if (world.State.Check(paid, World.Key) is { } refusal)
        {
            Assert.Equal(RefusalCode.ClaimTaken, refusal.Code);
            return false;
        }

        world.Order(paid);
        return paid.Chunk!.Unpaid.Count == 0;
    }

    private string? Refused(DisbursementPurpose purpose, string period, long amountMinor) =>
        world.State.Check(world.TryPay(Released(purpose, period, "cash", amountMinor), 0, LineOf(amountMinor)).Value!, World.Key)?.Code;

    private string Released(DisbursementPurpose purpose, string period, string kind, long amountMinor, Line? line = null)
    {
        var name = $"list {drafts++}";
        var draft = World.Draft(
            name, World.Voucher, DeliveryMode.Bulk, period, world.Now + (30 * World.Minute), [new LotPart(World.GrantId(1), amountMinor)], [line ?? LineOf(amountMinor)]);
        world.Order(world.TryApprove(draft with { Purpose = purpose, AssistanceKind = kind }));
        world.Order(world.TryRelease(name));
        return name;
    }
}
