using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Redemptions;

/// <summary>A program whose beneficiaries confirm: 600 a day by PIN alone, and two days until who gave a PIN or a card serves.</summary>
public sealed class ConfirmationTests
{
    private const long Day = 86_400_000;
    private readonly World world = new();
    private int commands;

    public ConfirmationTests()
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Read(
            program.Terms.Replace("\"seconds\":3600", "\"seconds\":864000", StringComparison.Ordinal)
                .Replace("{\"rule\":\"noTransfers\"}", "{\"rule\":\"noTransfers\"},{\"rule\":\"confirmedRedemptions\",\"pinPerDayMinor\":600,\"serveAfterDays\":2}", StringComparison.Ordinal)).Value!;
        world.Amend(program with { Terms = TermsJson.Write(terms) });
        world.Order(world.TryReceive(0, 4_000, "money"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1));
        Line[] lines = [World.LineOf(0, 2_000), World.LineOf(1, 2_000)];
        world.Order(world.TryApprove(World.Draft("bulk", World.Voucher, DeliveryMode.Bulk, "2026-1", world.Now + (9 * Day), [new LotPart(World.GrantId(0), 4_000)], lines)));
        world.Order(world.TryRelease("bulk"));
        world.Order(world.TryPay("bulk", 0, lines));
    }

    [Fact]
    public void Redemption_without_the_beneficiarys_word_is_refused()
    {
        Assert.Equal(RefusalCode.ConfirmationRequired, Redeem(100, null).Refusal?.Code);
        Assert.Equal(RefusalCode.PinNotSet, Redeem(100, Confirmation.ByPin).Refusal?.Code);
        Assert.Equal(RefusalCode.CardUnknown, Redeem(100, Answer("any")).Refusal?.Code);
        world.Order(SetPin(World.Registrar));
        Assert.Equal(RefusalCode.ConfirmationRequired, Redeem(100, null).Refusal?.Code);
        world.Order(Redeem(100, Confirmation.ByPin));
    }

    [Fact]
    public void Pin_alone_pays_so_much_a_day_and_the_card_more()
    {
        world.Order(SetPin(World.Registrar));
        world.Order(Issue(World.Registrar, 7));
        world.Order(Redeem(400, Confirmation.ByPin));
        Assert.Equal(RefusalCode.PinLimitExceeded, Redeem(201, Confirmation.ByPin).Refusal?.Code);
        world.Order(Redeem(500, Answer("one")));
        Assert.Equal(RefusalCode.PinLimitExceeded, Redeem(201, Confirmation.ByPin).Refusal?.Code);
        world.Order(Redeem(200, Confirmation.ByPin));
        world.Now += Day;
        world.Order(Redeem(600, Confirmation.ByPin));
    }

    [Fact]
    public void Challenge_is_answered_once_and_in_time()
    {
        world.Order(Issue(World.Registrar, 7));
        var again = Redeem(100, Answer("one")).Value!;
        Assert.Equal([World.Key.CardChallenge(World.IdOf("one"))], world.Order(Redeem(100, Answer("one"))).Claims);
        Assert.NotNull(world.State.Check(again, World.Key));
        Assert.Equal(RefusalCode.ClaimTaken, world.State.Check(Redeem(100, Answer("one")).Value!, World.Key)?.Code);
        Assert.Equal(RefusalCode.DeadlinePassed, Redeem(100, Answer("two") with { Until = world.Now }).Refusal?.Code);
    }

    [Fact]
    public void Blocked_card_pays_nothing_and_somebody_else_issues_the_next()
    {
        world.Order(Issue(World.Registrar, 7));
        Assert.Equal(RefusalCode.WrongState, Issue(World.SecondRegistrar, 8).Refusal?.Code);
        world.Order(Credentials.BlockCard(World.Person(0), world.Scope(World.Registrar), world.State));
        Assert.Equal(RefusalCode.CardBlocked, Redeem(100, Answer("one")).Refusal?.Code);
        Assert.Equal(RefusalCode.WrongState, Credentials.BlockCard(World.Person(0), world.Scope(World.Agent), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.RolesIncompatible, Issue(World.Registrar, 8).Refusal?.Code);
        Assert.Equal(RefusalCode.CardBlocked, Issue(World.SecondRegistrar, 7).Refusal?.Code);
        world.Order(Issue(World.SecondRegistrar, 8));
        world.Order(Redeem(100, Answer("one")));
    }

    [Fact]
    public void Decision_before_a_block_is_not_ordered_after_it()
    {
        world.Order(Issue(World.Registrar, 7));
        var decided = Redeem(100, Answer("one")).Value!;
        world.Order(Credentials.BlockCard(World.Person(0), world.Scope(World.Agent), world.State));
        Assert.Equal(RefusalCode.Stale, world.State.Check(decided, World.Key)?.Code);
    }

    [Theory]
    [InlineData("pin")]
    [InlineData("login")]
    [InlineData("collector")]
    public void Who_gave_a_pin_or_a_login_or_changed_the_collector_does_not_serve_the_person_for_some_days(string what)
    {
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent | Roles.Registrar));
        world.Order(world.TryReceive(0, 100, "more"));
        Line[] lines = [World.LineOf(0, 50), World.LineOf(1, 50)];
        world.Register(World.Administrator, World.Device with { Site = "" });
        world.Order(world.TryApprove(World.Draft("hands", World.Voucher, DeliveryMode.InPerson, "2026-2", world.Now + (9 * Day), [new LotPart(World.GrantId(0), 100)], lines)));
        world.Order(world.TryRelease("hands"));
        var household = world.Get<HouseholdRecord>(RecordKind.Household, World.Household(0))!;
        world.Order(what switch
        {
            "pin" => SetPin(World.Agent),
            "login" => GiveLogin(World.Agent),
            _ => world.TryRegister(World.Agent, household with { Alternates = [World.Person(1)] }),
        });
        Assert.Equal(RefusalCode.ResetterCannotServe, world.TryDeliver("hands", lines[0], 1).Refusal?.Code);
        world.Order(world.TryDeliver("hands", lines[1], 2));
        world.Now += 2 * Day;
        world.Order(world.TryDeliver("hands", lines[0], 3));
    }

    [Fact]
    public void Alternate_confirms_with_their_own_pin_or_card_and_their_pins_limit_counts_for_all_they_come_for()
    {
        Name(World.Registrar);
        world.Order(SetPin(World.Registrar, 1));
        Assert.Equal(RefusalCode.PinNotSet, Redeem(100, Confirmation.ByPin).Refusal?.Code);
        var record = (ConfirmationRecord)world.Order(Redeem(400, Alternate)).Writes[0].Record;
        Assert.Equal((World.Person(1), 400), (record.Account, record.PinMinor));
        Assert.Equal(RefusalCode.PinLimitExceeded, Redeem(201, Alternate).Refusal?.Code);
        Assert.Equal(RefusalCode.PinLimitExceeded, Redeem(201, Confirmation.ByPin, 1).Refusal?.Code);
        Assert.Equal(RefusalCode.CardUnknown, Redeem(201, Answer("one") with { Collector = World.Person(1) }).Refusal?.Code);
        world.Order(Issue(World.Registrar, 7, 1));
        world.Order(Redeem(201, Answer("one") with { Collector = World.Person(1) }));
        world.Order(SetPin(World.Registrar));
        var own = (ConfirmationRecord)world.Order(Redeem(600, Confirmation.ByPin)).Writes[0].Record;
        Assert.Equal((World.Person(0), 600), (own.Account, own.PinMinor));
    }

    [Fact]
    public void Who_is_no_alternate_of_the_beneficiary_confirms_nothing()
    {
        world.Order(SetPin(World.Registrar, 1));
        Assert.Equal(RefusalCode.NotACollector, Redeem(100, Alternate).Refusal?.Code);
        Name(World.Registrar);
        var decided = Redeem(100, Alternate).Value!;
        world.Register(World.Registrar, Household with { Alternates = [] });
        Assert.Equal(RefusalCode.Stale, world.State.Check(decided, World.Key)?.Code);
        Assert.Equal(RefusalCode.NotACollector, Redeem(100, Alternate).Refusal?.Code);
        Name(World.Registrar);
        world.Register(World.Registrar, world.Get<AccountRecord>(RecordKind.Account, World.Person(1))! with { Status = AccountStatus.Frozen });
        Assert.Equal(RefusalCode.NotACollector, Redeem(100, Alternate).Refusal?.Code);
    }

    [Fact]
    public void Nobody_pays_from_another_members_account_and_a_merge_makes_no_alternate()
    {
        world.Order(SetPin(World.Registrar, 1));

        // Person 1 collects for the household of both: person 0's own account stays their own, and so it is the other way round.
        world.Register(World.Registrar, Household with { Accounts = [World.Person(0), World.Person(1)], Collector = World.Person(1), Alternates = [World.Person(0), World.Person(1)] });
        Assert.Equal(RefusalCode.NotACollector, Redeem(100, Alternate).Refusal?.Code);
        world.Register(World.Registrar, Household with { Collector = World.Person(0), Alternates = [World.Person(1)] });
        world.Order(Redeem(100, Alternate));
        world.Order(HouseholdMerges.Decide(
            [World.Household(0), World.Household(1)], World.Person(0), World.IdOf("union"), world.Scope(World.Registrar), world.State));
        Assert.Equal(RefusalCode.NotACollector, Redeem(100, Alternate).Refusal?.Code);
        var union = world.Get<HouseholdRecord>(RecordKind.Household, World.IdOf("union"))!;
        Assert.Equal([World.Person(1)], union.Alternates);
        world.Register(World.Registrar, union with { Alternates = [] });
        world.Register(World.Registrar, union with { Alternates = [World.Person(1)] });
        world.Order(Redeem(100, Alternate));
    }

    [Fact]
    public void Alternates_are_stopped_at_once_by_those_who_help_and_by_the_person_and_named_by_a_registrar()
    {
        world.Order(SetPin(World.Registrar, 1));
        var login = world.NextId();
        world.Order(Credentials.GiveLogin(World.Person(0), login, world.Scope(World.Registrar), world.State));
        foreach (var by in new[] { World.Agent, login, World.Registrar })
        {
            Name(World.Registrar);
            world.Order(Redeem(10, Alternate));
            world.Order(world.TryRegister(by, Household with { Alternates = [] }));
            Assert.Equal(RefusalCode.NotACollector, Redeem(10, Alternate).Refusal?.Code);
        }

        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Agent, Household with { Alternates = [World.Person(1)] }).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(login, Household with { Size = 9 }).Refusal?.Code);
        Name(World.Registrar);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Agent, Household with { Alternates = [], Size = 9 }).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Cashier, Household with { Alternates = [] }).Refusal?.Code);
    }

    [Fact]
    public void Till_that_may_not_be_paid_here_is_not_told_who_collects_for_whom()
    {
        var shop = World.IdOf("other shop");
        world.Register(World.Administrator, AccountRecord.Open(shop, World.Ngo, AccountKind.Vendor));
        foreach (var named in new[] { false, true })
        {
            if (named) Name(World.Registrar);
            Assert.Equal(RefusalCode.VendorNotAccredited, VoucherRedemptions.Decide(
                new RedeemCommand(World.Voucher, World.Person(0), shop, 100, ["food"], World.HashOf("till"), Alternate), world.Scope(World.Cashier, $"till {commands++}"), world.State).Refusal?.Code);
        }
    }

    [Fact]
    public void Who_gave_an_alternate_a_pin_does_not_serve_them_for_some_days()
    {
        var (shop, seller) = (World.IdOf("own shop"), World.IdOf("seller"));
        world.Register(World.Operator, World.Member(seller, World.Ngo, Roles.Vendor | Roles.Registrar));
        world.Register(World.Administrator, AccountRecord.Open(shop, World.Ngo, AccountKind.Vendor));
        world.Register(World.Administrator, new AccreditationRecord(AccreditationRecord.IdOf(World.Voucher, shop), World.Voucher, shop, ["food"], true));
        Name(World.Registrar);
        world.Order(SetPin(seller, 1));
        world.Order(SetPin(World.Registrar));
        Assert.Equal(RefusalCode.ResetterCannotServe, Sell(Alternate).Refusal?.Code);
        world.Order(Sell(Confirmation.ByPin));
        world.Now += 2 * Day;
        world.Order(Sell(Alternate));

        Outcome<Transaction> Sell(Confirmation confirmation) => VoucherRedemptions.Decide(
            new RedeemCommand(World.Voucher, World.Person(0), shop, 100, ["food"], World.HashOf("till"), confirmation), world.Scope(seller, $"till {commands++}"), world.State);
    }

    [Fact]
    public void Who_stops_alternates_frees_nobody_who_named_them_and_is_not_taken_for_them()
    {
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent | Roles.Registrar));
        world.Order(world.TryReceive(0, 100, "more"));
        Line[] lines = [World.LineOf(0, 50)];
        world.Register(World.Administrator, World.Device with { Site = "" });
        world.Order(world.TryApprove(World.Draft("hands", World.Voucher, DeliveryMode.InPerson, "2026-2", world.Now + (9 * Day), [new LotPart(World.GrantId(0), 50)], lines)));
        world.Order(world.TryRelease("hands"));
        Name(World.Registrar);
        world.Order(world.TryRegister(World.Agent, Household with { Alternates = [] }));
        Assert.Equal(World.Registrar, Household.CollectorsSetBy);
        world.Order(world.TryRegister(World.Agent, Household with { Alternates = [World.Person(1)] }));
        world.Order(world.TryRegister(World.Registrar, Household with { Alternates = [] }));
        Assert.Equal(RefusalCode.ResetterCannotServe, world.TryDeliver("hands", lines[0], 1).Refusal?.Code);
        world.Now += 2 * Day;
        world.Order(world.TryDeliver("hands", lines[0], 2));
    }

    [Fact]
    public void Alternates_that_a_merge_brought_along_count_once_some_of_them_are_named()
    {
        world.Register(World.Registrar, AccountRecord.Open(World.Person(2), World.Ngo, AccountKind.Beneficiary));
        world.Register(World.Registrar, Household with { Alternates = [World.Person(1), World.Person(2)] });
        world.Order(HouseholdMerges.Decide(
            [World.Household(0), World.Household(1)], World.Person(0), World.IdOf("union"), world.Scope(World.Registrar), world.State));
        Assert.Equal([World.Person(1), World.Person(2)], Union.Alternates);
        world.Register(World.Registrar, Union with { Size = Union.Size + 1 });
        Assert.Equal(Id.None, Union.CollectorsSetBy);
        world.Register(World.Registrar, Union with { Alternates = [World.Person(1)] });
        Assert.Equal(World.Registrar, Union.CollectorsSetBy);
    }

    [Fact]
    public void Nobody_else_is_named_as_who_changed_a_collector()
    {
        var household = world.Get<HouseholdRecord>(RecordKind.Household, World.Household(0))!;
        var honest = world.TryRegister(World.Registrar, household with { Alternates = [World.Person(1)] }).Value!;
        var record = (HouseholdRecord)honest.Writes[0].Record;
        Assert.Equal((World.Registrar, world.Now), (record.CollectorsSetBy, record.CollectorsSetAt));
        foreach (var forged in new[] { record with { CollectorsSetBy = World.SecondRegistrar }, record with { CollectorsSetBy = Id.None, CollectorsSetAt = 0 }, record with { CollectorsSetAt = 1 } })
        {
            Assert.Equal(RefusalCode.Tampered, world.State.Check(honest with { Writes = [honest.Writes[0] with { Record = forged }] }, World.Key)?.Code);
        }
    }

    [Fact]
    public void Person_acts_as_their_login_on_their_own_credentials_alone()
    {
        var login = world.NextId();
        world.Order(Credentials.GiveLogin(World.Person(0), login, world.Scope(World.Registrar), world.State));
        world.Order(Issue(World.Registrar, 7));
        world.Order(Credentials.IssueCard(World.Person(1), new Address(8, 8, 8), world.Scope(World.Registrar), world.State));
        Assert.Equal(RefusalCode.Forbidden, Credentials.BlockCard(World.Person(1), world.Scope(login), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, SetPin(login).Refusal?.Code);
        world.Order(Credentials.BlockCard(World.Person(0), world.Scope(login), world.State));
        world.Order(Credentials.EndLogin(World.Person(0), world.Scope(login), world.State));
        Assert.Equal(RefusalCode.WrongState, Credentials.EndLogin(World.Person(0), world.Scope(login), world.State).Refusal?.Code);
        world.Order(Issue(World.SecondRegistrar, 9));
        Assert.Equal(RefusalCode.Forbidden, Credentials.BlockCard(World.Person(0), world.Scope(login), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, GiveLogin(World.Agent).Refusal?.Code);
    }

    [Fact]
    public void Credentials_are_changed_by_those_who_may_and_one_thing_at_a_time()
    {
        Assert.Equal(RefusalCode.Forbidden, SetPin(World.Finance).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, SetPin(World.Stranger).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Issue(World.Agent, 7).Refusal?.Code);
        world.Order(SetPin(World.Registrar));
        var known = world.Get<CredentialRecord>(RecordKind.Credential, World.Person(0))!;
        Assert.Equal(RefusalCode.Tampered, world.TryRegister(World.Registrar, known with { PinSetBy = World.SecondRegistrar }).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, world.TryRegister(World.Registrar, known with { Pin = World.IdOf("other"), PinSetAt = world.Now, Card = new Address(1, 2, 3) }).Refusal?.Code);
    }

    [Fact]
    public void What_a_pin_has_paid_is_recorded_as_it_was()
    {
        world.Order(SetPin(World.Registrar));
        var decided = Redeem(400, Confirmation.ByPin).Value!;
        var forged = (ConfirmationRecord)decided.Writes[0].Record with { PinMinor = 1 };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(decided with { Writes = [decided.Writes[0] with { Record = forged }] }, World.Key)?.Code);
    }

    private HouseholdRecord Union => world.Get<HouseholdRecord>(RecordKind.Household, World.IdOf("union"))!;

    private HouseholdRecord Household => world.Get<HouseholdRecord>(RecordKind.Household, World.Household(0))!;

    private static Confirmation Alternate => Confirmation.ByPin with { Collector = World.Person(1) };

    /// <summary>Person 1 may come instead of person 0.</summary>
    private void Name(Id by) => world.Register(by, Household with { Alternates = [World.Person(1)] });

    private Outcome<Transaction> SetPin(Id by, int person = 0) => Credentials.SetPin(World.Person(person), world.NextId(), world.Scope(by), world.State);

    private Outcome<Transaction> GiveLogin(Id by) => Credentials.GiveLogin(World.Person(0), world.NextId(), world.Scope(by), world.State);

    private Outcome<Transaction> Issue(Id by, uint card, int person = 0) => Credentials.IssueCard(World.Person(person), new Address(card, card, card), world.Scope(by), world.State);

    private Confirmation Answer(string challenge) => new(ConfirmationMethod.Card, World.IdOf(challenge), world.Now + World.Minute, default);

    private Outcome<Transaction> Redeem(long amountMinor, Confirmation? confirmation, int person = 0) => VoucherRedemptions.Decide(
        new RedeemCommand(World.Voucher, World.Person(person), World.ShopId(0), amountMinor, ["food"], World.HashOf("till"), confirmation),
        world.Scope(World.Cashier, $"till {commands++}"), world.State);
}
