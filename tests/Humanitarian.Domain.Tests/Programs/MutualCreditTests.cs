using CsCheck;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

public sealed class MutualCreditTests
{
    private const string Levied =
        """{"preset":"own","rules":[{"rule":"mutualCredit"},{"rule":"creditLimit","openingMinor":200,"maximumMinor":500},{"rule":"levy","payerPerMillion":20000,"payeePerMillion":20000}]}""";

    [Fact]
    public void A_payment_makes_as_much_debt_as_credit()
    {
        var world = new World();
        world.Trade(0, 1, 60);
        Assert.Equal((-60, 60), (world.Balance(0), world.Balance(1)));
    }

    [Fact]
    public void A_payment_past_the_limit_is_refused_and_one_up_to_it_is_not()
    {
        var world = new World();
        world.Trade(0, 1, 80);
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryTrade(0, 1, 21).Refusal?.Code);
        world.Trade(0, 1, 20);
        Assert.Equal(-100, world.Balance(0));
    }

    [Fact]
    public void The_limit_grows_by_what_is_received_up_to_the_cap()
    {
        var world = With(acceptanceAbove: 10_000);
        Assert.Equal(100, LimitOf(world, 0));
        world.Trade(1, 0, 70);
        Assert.Equal(170, LimitOf(world, 0));
        world.Trade(0, 1, 240);
        Assert.Equal((-170, RefusalCode.CreditLimitReached), (world.Balance(0), world.TryTrade(0, 1, 1).Refusal?.Code));
        for (var round = 0; round < 20; round++)
        {
            world.Trade(1, 0, 50);
            world.Trade(0, 1, 50);
        }

        Assert.Equal(Exchange.Cap, LimitOf(world, 0));
        world.Trade(0, 2, 330);
        Assert.Equal((-500, RefusalCode.CreditLimitReached), (world.Balance(0), world.TryTrade(0, 2, 1).Refusal?.Code));
    }

    [Fact]
    public void A_limit_of_zero_to_begin_with_is_refused_because_nobody_could_make_the_first_payment() =>
        Assert.Equal(RefusalCode.InvalidInput, TermsJson.Read(Exchange.Terms.Replace("\"openingMinor\":100", "\"openingMinor\":0", StringComparison.Ordinal)).Refusal?.Code);

    [Fact]
    public void An_account_beyond_a_lowered_limit_moves_back_inward_but_not_further_out()
    {
        var world = new World();
        world.Trade(0, 1, 80);
        world.ChangeTerms(Exchange.Terms.Replace("\"openingMinor\":100", "\"openingMinor\":50", StringComparison.Ordinal));
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryTrade(0, 1, 1).Refusal?.Code);
        world.Trade(1, 0, 10);
        Assert.Equal(-70, world.Balance(0));
    }

    [Fact]
    public void An_account_above_a_holding_limit_pays_but_receives_no_more()
    {
        var world = new World();
        world.Register(World.Registrar, Exchange.Account(1) with { CeilingMinor = 50 });
        world.Trade(0, 1, 50);
        Assert.Equal(RefusalCode.AmountOverflow, world.TryTrade(0, 1, 1).Refusal?.Code);
        world.Trade(1, 0, 1);
        world.Trade(0, 1, 1);
        Assert.Equal(50, world.Balance(1));
    }

    [Fact]
    public void What_waits_for_acceptance_counts_against_the_limit()
    {
        var world = new World();
        world.Order(world.TryPromise("hedge", 0, 1, 90));
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryTrade(0, 1, 11).Refusal?.Code);
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryPromise("more", 0, 2, 11).Refusal?.Code);
        world.Trade(0, 1, 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void An_amount_that_is_not_positive_is_refused(long amountMinor)
    {
        var world = new World();
        Assert.Equal(RefusalCode.AmountNotPositive, world.TryTrade(0, 1, amountMinor).Refusal?.Code);
        Assert.Equal(RefusalCode.AmountNotPositive, world.TryPromise("p", 0, 1, amountMinor).Refusal?.Code);
    }

    [Fact]
    public void Nobody_pays_themselves()
    {
        var world = new World();
        Assert.Equal(RefusalCode.SelfPayment, world.TryTrade(0, 0, 5).Refusal?.Code);
        Assert.Equal(RefusalCode.SelfPayment, world.TryPromise("p", 0, 0, 5).Refusal?.Code);
    }

    [Fact]
    public void An_account_outside_the_program_takes_no_part()
    {
        var world = new World();
        world.Register(World.Registrar, AccountRecord.Open(World.IdOf("outsider"), World.Ngo, AccountKind.Member));
        Assert.Equal(RefusalCode.AccountNotOfProgram, world.TryTrade(Exchange.Member(0), World.IdOf("outsider"), 5).Refusal?.Code);
        Assert.Equal(RefusalCode.AccountNotOfProgram, world.TryTrade(Exchange.Member(0), World.ShopId(0), 5).Refusal?.Code);
    }

    // Whoever opens a second program in the same unit with no rules at all could otherwise empty or fill the first one's accounts.
    [Fact]
    public void Units_move_under_their_own_programs_terms_only()
    {
        var world = new World();
        world.Trade(0, 1, 60);
        var lax = OpenLax(world);
        Assert.Equal(RefusalCode.AccountNotOfProgram, world.TryTrade(Exchange.Member(1), Exchange.Member(2), 5, lax).Refusal?.Code);
        var redeemed = VoucherRedemptions.Decide(
            new RedeemCommand(lax, Exchange.Member(1), World.ShopId(0), 5, [], default), world.Scope(World.Cashier), world.State);
        Assert.Equal(RefusalCode.AccountNotOfProgram, redeemed.Refusal?.Code);
    }

    [Fact]
    public void A_larger_payment_waits_for_the_payee_and_becomes_theirs_when_they_accept()
    {
        var world = new World();
        Assert.Equal(RefusalCode.AcceptanceRequired, world.TryTrade(0, 1, 81).Refusal?.Code);
        world.Order(world.TryPromise("roof", 0, 1, 90));
        Assert.Equal(((-90, 90), 0), (world.Has(Exchange.Member(0)), world.Balance(1)));
        world.Order(world.TryAccept("roof"));
        Assert.Equal(((-90, 0), 90), (world.Has(Exchange.Member(0)), world.Balance(1)));
        Assert.Equal(190, LimitOf(world, 1));
    }

    [Fact]
    public void A_pending_payment_ends_once()
    {
        var world = new World();
        world.Order(world.TryPromise("a", 0, 1, 10));
        world.Order(world.TryPromise("b", 0, 1, 10));
        world.Order(world.TryAccept("a"));
        world.Order(world.TryEnd("b", World.Registrar));
        Assert.Equal((-10, 0), world.Has(Exchange.Member(0)));
        foreach (var name in new[] { "a", "b" })
        {
            Assert.Equal(RefusalCode.HoldEnded, world.TryAccept(name).Refusal?.Code);
            Assert.Equal(RefusalCode.HoldEnded, world.TryEnd(name, World.Registrar).Refusal?.Code);
            world.Now += 7_200_000;
            Assert.Equal(RefusalCode.HoldEnded, world.TryEnd(name, Id.None).Refusal?.Code);
        }
    }

    [Fact]
    public void A_pending_payment_goes_back_when_its_time_is_over_and_is_then_nobodys_to_accept_or_release()
    {
        var world = new World();
        world.Order(world.TryPromise("a", 0, 1, 10, seconds: 600));
        Assert.Equal(RefusalCode.Forbidden, world.TryEnd("a", Id.None).Refusal?.Code);
        world.Now += 600_000;
        Assert.Equal(RefusalCode.DeadlinePassed, world.TryAccept("a").Refusal?.Code);
        Assert.Equal(RefusalCode.DeadlinePassed, world.TryEnd("a", World.Registrar).Refusal?.Code);
        world.Order(world.TryEnd("a", Id.None));
        Assert.Equal((0, 0), world.Has(Exchange.Member(0)));
    }

    [Fact]
    public void A_pending_payment_waits_no_longer_than_the_terms_say()
    {
        var world = new World();
        Assert.Equal(RefusalCode.InvalidInput, world.TryPromise("a", 0, 1, 10, seconds: 3_601).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryPromise("a", 0, 1, 10, seconds: 0).Refusal?.Code);
    }

    [Fact]
    public void Payments_do_not_wait_where_the_terms_do_not_say_so()
    {
        var world = Exchange.With(Levied);
        Assert.Equal(RefusalCode.MovementForbidden, world.TryPromise("a", 0, 1, 10).Refusal?.Code);
    }

    [Fact]
    public void Only_the_associations_people_act_for_an_account()
    {
        var world = new World();
        Assert.Equal(RefusalCode.Forbidden, world.TryTrade(Exchange.Member(0), Exchange.Member(1), 5, principal: World.Stranger).Refusal?.Code);
        world.Order(world.TryPromise("a", 0, 1, 10));
        Assert.Equal(RefusalCode.Forbidden, world.TryEnd("a", World.Stranger).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryEnd("a", World.Cashier).Refusal?.Code);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-40)]
    public void Whoever_leaves_with_a_balance_leaves_it_to_the_commons_fund_and_the_account_closes(long balance)
    {
        var world = new World();
        world.Trade(balance < 0 ? 0 : 1, balance < 0 ? 1 : 0, Math.Abs(balance));
        Assert.Equal(RefusalCode.AccountNotEmpty, world.TryRegister(World.Registrar, Exchange.Account(0) with { Status = AccountStatus.Closed }).Refusal?.Code);
        world.Order(world.TryDepart(0));
        Assert.Equal((0, balance), (world.Balance(0), world.Has(Exchange.Fund).Available));
        Assert.Equal(RefusalCode.AccountClosed, world.TryTrade(1, 0, 5).Refusal?.Code);
    }

    [Fact]
    public void Whoever_leaves_at_zero_closes_the_account_though_it_has_received()
    {
        var world = new World();
        world.Trade(1, 0, 30);
        world.Trade(0, 1, 30);
        Assert.Equal(RefusalCode.WrongState, world.TryDepart(0).Refusal?.Code);
        world.Register(World.Registrar, Exchange.Account(0) with { Status = AccountStatus.Closed });
    }

    [Fact]
    public void The_fund_takes_over_no_more_debt_than_the_terms_and_its_own_limit_say()
    {
        var world = new World();
        world.Trade(0, 1, 61);
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryDepart(0).Refusal?.Code);
        world.Trade(1, 0, 1);
        world.Register(World.Administrator, Exchange.FundAccount(credit: 59));
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryDepart(0).Refusal?.Code);
        world.Register(World.Administrator, Exchange.FundAccount(credit: 60));
        world.Order(world.TryDepart(0));
    }

    [Fact]
    public void Nobody_leaves_while_something_is_set_aside()
    {
        var world = new World();
        world.Trade(1, 0, 40);
        world.Order(world.TryPromise("a", 0, 1, 10));
        Assert.Equal(RefusalCode.AccountNotEmpty, world.TryDepart(0).Refusal?.Code);
    }

    [Fact]
    public void A_balance_stays_where_the_terms_share_none()
    {
        var world = Exchange.With(Levied);
        world.Trade(1, 0, 40);
        Assert.Equal(RefusalCode.AccountNotEmpty, world.TryDepart(0).Refusal?.Code);
    }

    // Community Exchange System, 2% on a price of 100: seller +98, buyer −102, treasury +4.
    [Fact]
    public void A_levy_is_a_share_of_the_price_from_both_sides()
    {
        var world = Exchange.With(Levied);
        world.Trade(0, 1, 100);
        Assert.Equal((98, -102, 4), (world.Balance(1), world.Balance(0), world.Has(Exchange.Fund).Available));
    }

    [Fact]
    public void A_levy_counts_against_the_payers_limit()
    {
        var world = Exchange.With(Levied);
        Assert.Equal(RefusalCode.CreditLimitReached, world.TryTrade(0, 1, 198).Refusal?.Code);
        world.Trade(0, 1, 197);
        Assert.Equal(-200, world.Balance(0));
    }

    [Fact]
    public void A_registrar_gives_credit_within_the_terms_and_an_administrator_beyond()
    {
        var world = new World();
        var late = Exchange.Account(7, 501);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Registrar, late).Refusal?.Code);
        Assert.Null(world.TryRegister(World.Administrator, late).Refusal);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Exchange.Account(7, CreditLimit.LargestMinor + 1)).Refusal?.Code);
    }

    [Fact]
    public void An_account_of_a_program_belongs_to_its_organisation()
    {
        var world = new World();
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Stranger, Exchange.Account(7) with { Organisation = World.OtherNgo }).Refusal?.Code);
        Assert.Equal(
            RefusalCode.InvalidInput,
            world.TryRegister(World.Administrator, AccountRecord.Open(World.IdOf("second fund"), World.Ngo, AccountKind.CommonsFund, Exchange.Program)).Refusal?.Code);
    }

    [Fact]
    public void What_rules_add_is_refused_when_it_is_left_out_or_changed()
    {
        var world = new World();
        var decided = world.TryTrade(0, 1, 50).Value!;
        Assert.Equal(4, decided.Postings.Count);
        Assert.Equal(RefusalCode.Tampered, world.State.Check(decided with { Postings = [.. decided.Postings.Take(2)] }, World.Key)?.Code);
        Posting[] doubled = [.. decided.Postings.Take(2), .. decided.Postings.Skip(2).Select(leg => leg with { AmountMinor = 2 * leg.AmountMinor })];
        Assert.Equal(RefusalCode.Tampered, world.State.Check(decided with { Postings = doubled }, World.Key)?.Code);
    }

    [Fact]
    public void The_shipped_preset_is_valid() => Assert.NotNull(TermsJson.Read(TermsJson.Preset("mutual-credit")!).Value);

    // Against the recurrence itself: L' = min(cap, L + received) while L < cap; a payment passes exactly when it stays above −L.
    [Fact]
    public void Payments_pass_exactly_within_the_growing_limit() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Long[1, 200]).Array[1, 60].Sample(
        trades =>
        {
            var world = With(acceptanceAbove: 10_000);
            var (balances, limits) = (new long[Exchange.Members], Enumerable.Repeat(100L, Exchange.Members).ToArray());
            foreach (var (payer, payee, amount) in trades.Where(trade => trade.Item1 != trade.Item2))
            {
                var outcome = world.TryTrade(payer, payee, amount);
                Assert.Equal(balances[payer] - amount >= -limits[payer], outcome.Refusal is null);
                if (outcome.Refusal is null)
                {
                    world.Order(outcome);
                    (balances[payer], balances[payee]) = (balances[payer] - amount, balances[payee] + amount);
                    limits[payee] = limits[payee] < Exchange.Cap ? Math.Min(Exchange.Cap, limits[payee] + amount) : limits[payee];
                }

                Assert.Equal(balances, Enumerable.Range(0, Exchange.Members).Select(world.Balance));
                Assert.Equal(0, balances.Sum());
            }
        },
        iter: 300);

    private static World With(long acceptanceAbove) =>
        Exchange.With(Exchange.Terms.Replace("\"aboveMinor\":80", $"\"aboveMinor\":{acceptanceAbove}", StringComparison.Ordinal));

    private static long LimitOf(World world, int member)
    {
        var rule = TermsJson.Of(world.Get<ProgramRecord>(RecordKind.Program, Exchange.Program)!).Rules.OfType<CreditLimit>().Single();
        return rule.LimitOf(world.Get<AccountRecord>(RecordKind.Account, Exchange.Member(member))!, world.State.Book(Exchange.Member(member)), Exchange.Unit);
    }

    private static Id OpenLax(World world)
    {
        var lax = World.IdOf("lax");
        world.Register(
            World.Administrator,
            new ProgramRecord(lax, World.Ngo, "lax", Exchange.Unit, TermsJson.Write(new Terms("own", [])), 1, World.PoolOf(lax), World.QueueOf(lax), true),
            AccountRecord.Open(World.PoolOf(lax), World.Ngo, AccountKind.ProgramPool, lax),
            AccountRecord.Open(World.QueueOf(lax), World.Ngo, AccountKind.ReturnQueue, lax));
        return lax;
    }
}
