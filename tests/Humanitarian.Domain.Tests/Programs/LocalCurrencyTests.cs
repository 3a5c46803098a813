using System.Text.Json.Nodes;
using CsCheck;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Tests.Programs;

public sealed class LocalCurrencyTests
{
    [Fact]
    public void A_deposit_opens_as_many_units_as_the_reserve_gains()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        Assert.Equal((10_000, 10_000, 10_000), (world.Holds(0), world.Reserve(), world.Circulation()));
    }

    // Eusko: of 100 given back 95 are paid out, 3 are a gift and 2 are for running costs.
    [Fact]
    public void Of_a_hundred_converted_back_ninety_five_are_paid_out_three_given_and_two_kept_for_running_costs()
    {
        var world = Local.Open();
        world.Deposit(3, 10_000);
        world.Convert(3, 10_000);
        Assert.Equal((9_500, 300, 200), new BackedByDeposits("EUR", "professional", 30_000, 20_000).Split(10_000));
        Assert.Equal([9_500, 200], world.Log[^1].Postings.Where(posting => posting.Account == WorldAccount.IdOf("EUR")).Select(posting => posting.AmountMinor));
        Assert.Equal((0, 300, 300), (world.Holds(3), world.FundOf(), world.Reserve()));
    }

    // Eusko's sponsors: 3 % of what they change in a year, 30 of them at 100 a month and 60.
    [Theory]
    [InlineData(30, 1_080)]
    [InlineData(60, 2_160)]
    public void A_years_gifts_are_Euskos(long sponsors, long gift) =>
        Assert.Equal(gift, new BackedByDeposits("EUR", "professional", 30_000, 20_000).Split(sponsors * 100 * 12).DonationMinor);

    [Fact]
    public void A_fee_never_creates_or_loses_a_minor_unit() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.Int[0, 499_999], Gen.Int[0, 499_999]).Sample((amount, donation, running) =>
        {
            var split = new BackedByDeposits("EUR", "professional", donation, running).Split(amount);
            return split is { PayoutMinor: >= 0, DonationMinor: >= 0, RunningMinor: >= 0 }
                && (Int128)split.PayoutMinor + split.DonationMinor + split.RunningMinor == amount;
        });

    [Fact]
    public void Only_a_professional_converts_back()
    {
        var world = Local.Open();
        world.Deposit(0, 500);
        Assert.Equal(RefusalCode.MovementForbidden, world.TryConvert(0, 100).Refusal?.Code);
    }

    [Fact]
    public void Only_the_associations_finance_records_deposits_and_conversions()
    {
        var world = Local.Open();
        world.Deposit(3, 500);
        Assert.Equal(RefusalCode.Forbidden, world.TryDeposit(3, 100, World.Registrar).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryConvert(3, 100, World.Stranger).Refusal?.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void An_amount_that_is_not_positive_is_refused(long amountMinor)
    {
        var world = Local.Open();
        Assert.Equal(RefusalCode.AmountNotPositive, world.TryDeposit(3, amountMinor).Refusal?.Code);
        Assert.Equal(RefusalCode.AmountNotPositive, world.TryConvert(3, amountMinor).Refusal?.Code);
    }

    [Fact]
    public void A_payment_waits_until_both_sides_are_charged()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        Assert.Equal(RefusalCode.DemurrageDue, world.TryPay(0, 1, 100).Refusal?.Code);
        world.Pay(0, 1, 100);
        world.PassDays(1);
        Assert.Equal(RefusalCode.DemurrageDue, world.TryPay(0, 1, 100).Refusal?.Code);
        world.Touch(0);
        Assert.Equal(RefusalCode.DemurrageDue, world.TryPay(0, 1, 100).Refusal?.Code);
        world.Touch(1);
        world.Order(world.TryPay(0, 1, 100));
    }

    [Fact]
    public void What_melts_goes_to_the_commons_fund_dust_included()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        world.PassDays(30);
        world.Touch(0);
        Assert.Equal((9_940, 60, 10_000), (world.Holds(0), world.FundOf(), world.Reserve()));
    }

    [Fact]
    public void A_new_account_does_not_melt_for_days_before_its_first()
    {
        var world = Local.Open();
        world.PassDays(400);
        world.Deposit(0, 10_000);
        world.Touch(0);
        Assert.Equal(10_000, world.Holds(0));
    }

    [Fact]
    public void An_account_is_charged_once_a_day_and_never_for_a_clock_that_went_back()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        Assert.Equal(RefusalCode.WrongState, world.TryCharge(0).Refusal?.Code);
        world.PassDays(-3);
        Assert.Equal(RefusalCode.WrongState, world.TryCharge(0).Refusal?.Code);
    }

    [Fact]
    public void A_frozen_account_melts_too()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        world.Register(World.Administrator, Local.Account(0) with { Status = AccountStatus.Frozen });
        world.PassDays(30);
        world.Touch(0);
        Assert.Equal(9_940, world.Holds(0));
    }

    [Fact]
    public void A_new_rate_counts_from_its_day_and_the_old_one_until_then()
    {
        var world = Local.Open(Local.Terms.Replace("\"2020-01-01\",\"dailyFactor\":\"0.99980133200859895743\"}", "\"2020-01-01\",\"dailyFactor\":\"0.9\"}", StringComparison.Ordinal));
        world.Deposit(0, 10_000);
        var tomorrow = DateTimeOffset.FromUnixTimeMilliseconds(world.Now).AddDays(1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Local.SetTerms(world, Local.Terms.Replace("\"2020-01-01\",\"dailyFactor\":\"0.99980133200859895743\"}", $"\"2020-01-01\",\"dailyFactor\":\"0.9\"}},{{\"from\":\"{tomorrow}\",\"dailyFactor\":\"0.5\"}}", StringComparison.Ordinal));
        world.PassDays(3);
        world.Touch(0);
        Assert.Equal(2_250, world.Holds(0));
    }

    [Theory]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.9"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2020-01-02","dailyFactor":"0.99980133200859895743"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2019-01-01","dailyFactor":"0.99980133200859895743"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"},{"from":"YESTERDAY","dailyFactor":"0.9"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"},{"from":"TODAY","dailyFactor":"0.9"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"},{"from":"TODAY","dailyFactor":"1"}""", RefusalCode.DemurragePast)]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"},{"from":"TOMORROW","dailyFactor":"0.9"}""", null)]
    [InlineData("""{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"},{"from":"2020-05-01","dailyFactor":"0.99980133200859895743"}""", null)]
    public void New_terms_change_no_rate_of_a_day_that_has_begun(string epochs, string? code)
    {
        var world = Local.Open();
        Assert.Equal(code, TryTerms(world, Dated(world, epochs)).Refusal?.Code);
    }

    [Fact]
    public void What_has_melted_is_not_forgiven_by_terms_without_demurrage_nor_charged_for_the_time_before_terms_with_it()
    {
        var world = Local.Open();
        var without = Local.Terms.Replace("""{"rule":"demurrage","epochs":[{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"}]},""", "", StringComparison.Ordinal);
        Assert.Equal(RefusalCode.DemurragePast, TryTerms(world, without).Refusal?.Code);
        var never = Local.Open(without);
        Assert.Equal(RefusalCode.DemurragePast, TryTerms(never, Local.Terms).Refusal?.Code);
        Assert.Null(TryTerms(never, Local.Terms.Replace("2020-01-01", Day(never, 1), StringComparison.Ordinal)).Refusal);
    }

    // What circulates would be covered by a reserve in another money, by none, or would have to sum to zero: no verifier would accept it.
    [Theory]
    [InlineData("other money")]
    [InlineData("no money")]
    [InlineData("mutual credit")]
    public void New_terms_keep_the_way_units_come_into_being(string change)
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        var terms = JsonNode.Parse(Local.Terms)!;
        var rules = terms["rules"]!.AsArray();
        var backed = rules.First(rule => (string)rule!["rule"]! == "backedByDeposits")!;
        switch (change)
        {
            case "other money":
                backed["money"] = "USD";
                break;
            case "no money":
                rules.Remove(backed);
                break;
            default:
                rules.Add(new JsonObject { ["rule"] = "mutualCredit" });
                break;
        }

        Assert.Equal(RefusalCode.InvalidInput, TryTerms(world, terms.ToJsonString()).Refusal?.Code);
    }

    private static Outcome<Transaction> TryTerms(World world, string terms) =>
        world.TryPropose(Local.WithTerms(world, terms));

    private static string Dated(World world, string epochs) => Local.Terms.Replace(
        """{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"}""",
        epochs.Replace("YESTERDAY", Day(world, -1), StringComparison.Ordinal).Replace("TODAY", Day(world, 0), StringComparison.Ordinal)
            .Replace("TOMORROW", Day(world, 1), StringComparison.Ordinal),
        StringComparison.Ordinal);

    private static string Day(World world, int later) =>
        DateTimeOffset.FromUnixTimeMilliseconds(world.Now).AddDays(later).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_holding_limit_refuses_more_and_a_payee_without_one_is_refused()
    {
        var world = Local.Open();
        world.Register(World.Administrator, Local.Account(1) with { CeilingMinor = 150 }, Local.Account(2) with { CeilingMinor = long.MaxValue });
        world.Deposit(0, 10_000);
        world.Pay(0, 1, 150);
        Assert.Equal(RefusalCode.AmountOverflow, world.TryPay(0, 1, 1).Refusal?.Code);
        world.Touch(2);
        Assert.Equal(RefusalCode.MovementForbidden, world.TryPay(0, 2, 1).Refusal?.Code);
    }

    // An administrator may give any account of a program credit; units that nobody deposited would come of it.
    [Fact]
    public void An_account_with_credit_pays_and_converts_no_more_than_it_has()
    {
        var world = Local.Open();
        world.Deposit(0, 500);
        world.Deposit(3, 500);
        world.Register(World.Administrator, Local.Account(3) with { FloorMinor = -200 });
        world.Touch(0);
        Assert.Equal(RefusalCode.InsufficientFunds, world.TryPay(3, 0, 501).Refusal?.Code);
        Assert.Equal(RefusalCode.InsufficientFunds, world.TryConvert(3, 501).Refusal?.Code);
        world.Pay(3, 0, 400);
        world.Convert(3, 100);
        Assert.Equal((903, 903, 0), (world.Reserve(), world.Circulation(), world.Holds(3)));
    }

    [Fact]
    public void The_commons_fund_does_not_leave_its_program()
    {
        var world = Local.Open();
        world.GiveToFund(500);
        Assert.Equal(
            RefusalCode.AccountNotOfProgram, Departures.Decide(Local.Fund, world.Scope(World.Registrar), world.State).Refusal?.Code);
    }

    [Fact]
    public void Gifts_to_another_and_to_the_commons_fund_are_covered_by_the_reserve_also_once_they_are_spent_melted_and_converted()
    {
        var world = Local.Open();
        world.Deposit(0, 1_000);
        world.Deposit(3, 2_000);
        world.GiveToFund(500);
        Assert.Equal((3_500, 3_500, 500), (world.Reserve(), world.Circulation(), world.FundOf()));
        world.Order(MemberTransfers.Decide(new TransferCommand(Local.Program, Local.Fund, Local.Member(3), 400), world.Scope(World.Registrar), world.State));
        Assert.Equal((3_500, 3_500, 100), (world.Reserve(), world.Circulation(), world.FundOf()));
        world.PassDays(30);
        world.GiveToFund(1);
        world.Convert(3, 2_000);
        Assert.Equal((1_561, 1_561), (world.Reserve(), world.Circulation()));
        Assert.Equal((385, 176, 1_000), (world.Holds(3), world.FundOf(), world.Holds(0)));
    }

    [Fact]
    public void A_gift_is_recorded_by_finance_only_and_only_for_an_account_of_the_program()
    {
        var world = Local.Open();
        Assert.Equal(RefusalCode.Forbidden, world.TryGiveToFund(100, World.Registrar).Refusal?.Code);
        Assert.Equal(
            RefusalCode.AccountNotOfProgram, Deposits.Decide(Local.Pool, 100, default, world.Scope(World.Finance), world.State).Refusal?.Code);
        Assert.Equal(
            RefusalCode.MovementForbidden, Deposits.Decide(Exchange.Member(0), 100, default, world.Scope(World.Finance), world.State).Refusal?.Code);
        Assert.Equal((0, 0), (world.Reserve(), world.Circulation()));
    }

    [Fact]
    public void A_gift_that_the_reserve_does_not_gain_is_none()
    {
        var world = Local.Open();
        var gift = world.TryGiveToFund(100).Value!;
        Posting[] unbacked = [.. gift.Postings.Take(2)];
        Posting[] elsewhere = [.. gift.Postings.Take(3), gift.Postings[3] with { Account = World.PoolOf(World.Voucher) }];
        Posting[] twice = [gift.Postings[0] with { AmountMinor = -200 }, gift.Postings[1] with { AmountMinor = 200 }, .. gift.Postings.Skip(2)];
        Assert.All(
            new[] { unbacked, elsewhere, twice },
            postings => Assert.Equal(RefusalCode.Tampered, world.State.Check(gift with { Postings = postings }, World.Key)?.Code));
        Assert.Null(world.State.Check(gift, World.Key));
    }

    [Fact]
    public void A_charge_of_another_amount_is_no_charge()
    {
        var world = Local.Open();
        world.Deposit(0, 10_000);
        world.PassDays(30);
        var charge = world.TryCharge(0).Value!;
        Posting[] less = [charge.Postings[0] with { AmountMinor = -59 }, charge.Postings[1] with { AmountMinor = 59 }, .. charge.Postings.Skip(2)];
        Posting[] markOnly = [.. charge.Postings.Skip(2)];
        Posting[] lossOnly = [.. charge.Postings.Take(2)];
        Assert.All(new[] { less, markOnly, lossOnly }, postings => Assert.NotNull(world.State.Check(charge with { Postings = postings }, World.Key)));
        Assert.NotNull(world.State.Check(charge with { Principal = World.Finance }, World.Key));
        Assert.Null(world.State.Check(charge, World.Key));
    }

    [Fact]
    public void A_deposit_without_its_money_is_none()
    {
        var world = Local.Open();
        world.Touch(0);
        var deposit = world.TryDeposit(0, 100).Value!;
        Assert.Equal(RefusalCode.Tampered, world.State.Check(deposit with { Postings = [.. deposit.Postings.Take(2)] }, World.Key)?.Code);
        Posting[] less = [.. deposit.Postings.Take(2), deposit.Postings[2] with { AmountMinor = -99 }, deposit.Postings[3] with { AmountMinor = 99 }];
        Assert.Equal(RefusalCode.Tampered, world.State.Check(deposit with { Postings = less }, World.Key)?.Code);
    }

    [Fact]
    public void Touching_accounts_in_another_order_charges_the_same() =>
        Gen.Select(Gen.Long[0, 90_000].Array[Local.Members], Gen.Int[0, 900], Gen.Shuffle(Enumerable.Range(0, Local.Members).ToArray())).Sample((amounts, days, order) =>
        {
            var (first, second) = (Filled(amounts), Filled(amounts));
            first.PassDays(days);
            second.PassDays(days);
            first.Touch([.. Enumerable.Range(0, Local.Members)]);
            second.Touch(order);
            return Enumerable.Range(0, Local.Members).All(member => first.Holds(member) == second.Holds(member)) && first.FundOf() == second.FundOf();
        }, iter: 40);

    // Each charge rounds down by less than one minor unit.
    [Fact]
    public void Charging_often_takes_at_most_a_minor_unit_more_for_each_charge() =>
        Gen.Select(Gen.Long[0, 90_000], Gen.Int[0, 60].Array[1, 8]).Sample((amount, pauses) =>
        {
            var (often, once) = (Filled([amount]), Filled([amount]));
            foreach (var pause in pauses)
            {
                often.PassDays(pause);
                often.Touch(0);
            }

            once.PassDays(pauses.Sum());
            once.Touch(0);
            return often.Holds(0) <= once.Holds(0) && once.Holds(0) - often.Holds(0) <= pauses.Length;
        }, iter: 60);

    [Fact]
    public void In_any_life_the_reserve_covers_what_circulates_and_nobody_is_below_zero() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, Local.Members - 1], Gen.Int[0, Local.Members - 1], Gen.Long[1, 30_000]).Array[1, 40].Sample(steps =>
        {
            var world = Local.Open();
            foreach (var (kind, one, other, amount) in steps)
            {
                Step(world, kind, one, other, amount);
                Assert.Equal(world.Reserve(), world.Circulation());
                Assert.All(Enumerable.Range(0, Local.Members), member => Assert.InRange(world.Holds(member), 0, Local.Limit));
                Assert.True(world.FundOf() >= 0);
            }
        }, iter: 60);

    private static void Step(World world, int kind, int one, int other, long amount)
    {
        if (kind == 0)
        {
            world.PassDays((int)(amount % 100));
            return;
        }

        world.Touch(one, other);
        var outcome = kind switch
        {
            1 => world.TryDeposit(one, amount),
            2 => world.TryConvert(one, amount),
            _ => world.TryPay(one, other, amount),
        };
        if (outcome.Value is not null)
        {
            world.Order(outcome);
        }
    }

    private static World Filled(long[] amounts)
    {
        var world = Local.Open();
        for (var member = 0; member < amounts.Length; member++)
        {
            world.Touch(member);
            if (amounts[member] > 0)
            {
                world.Deposit(member, amounts[member]);
            }
        }

        return world;
    }
}
