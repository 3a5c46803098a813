using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Cases;

/// <summary>Cases of a beneficiary, and what they were told of their data.</summary>
public sealed class CaseTests
{
    private readonly World world = new();
    private readonly Id helper = World.IdOf("helper");
    private readonly Id protector = World.IdOf("protector");

    public CaseTests()
    {
        world.Register(World.Administrator, World.Member(helper, World.Ngo, Roles.HelpLine), World.Member(protector, World.Ngo, Roles.Protection));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
    }

    [Fact]
    public void Case_goes_its_way_and_ends()
    {
        var opened = Opened("case", helper);
        world.Order(world.TryRegister(helper, opened));
        world.Order(world.TryRegister(protector, opened with { Status = CaseStatus.Resolved, ChangedBy = protector, Content = World.HashOf("answer") }));
        world.Order(world.TryRegister(helper, opened with { Status = CaseStatus.Closed, Content = World.HashOf("end") }));
        Assert.Equal(RefusalCode.WrongState, world.TryRegister(helper, opened with { Status = CaseStatus.Open, Content = World.HashOf("more") }).Refusal?.Code);
    }

    [Fact]
    public void Sensitive_case_is_past_the_help_line_once_it_is_opened()
    {
        var opened = Opened("case", helper) with { Sensitive = true };
        world.Order(world.TryRegister(helper, opened));
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(helper, opened with { Sensitive = false, Content = World.HashOf("more") }).Refusal?.Code);
        world.Order(world.TryRegister(protector, opened with { Status = CaseStatus.InProgress, ChangedBy = protector, Content = World.HashOf("more") }));
    }

    [Fact]
    public void Case_is_of_ones_own_beneficiary_and_stays_what_it_is_about()
    {
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Finance, Opened("case", World.Finance)).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Stranger, Opened("case", World.Stranger)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(helper, Opened("case", protector)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(helper, Opened("case", helper) with { CaseKind = CaseKind.Dispute }).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(helper, Opened("case", helper) with { Account = World.ShopId(0) }).Refusal?.Code);
        world.Order(world.TryRegister(helper, Opened("case", helper)));
        Assert.Equal(RefusalCode.Tampered, world.TryRegister(helper, Opened("case", helper) with { CaseKind = CaseKind.Data }).Refusal?.Code);
    }

    [Fact]
    public void Notice_names_who_gave_it_and_a_retention_to_come()
    {
        var notice = new PrivacyNoticeRecord(World.Person(0), World.Ngo, LawfulBasis.VitalInterests, "2026-1", (world.Now / 86_400_000) + 30, World.Registrar);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Registrar, notice with { RetainUntil = 1 }).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Registrar, notice with { GivenBy = helper }).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Registrar, notice with { Version = "" }).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(World.Finance, notice with { GivenBy = World.Finance }).Refusal?.Code);
        world.Order(world.TryRegister(World.Registrar, notice));
    }

    [Fact]
    public void Person_opens_a_case_of_their_own_and_who_gave_the_login_does_not_answer_it()
    {
        world.Register(World.Administrator, World.Member(World.Registrar, World.Ngo, Roles.Registrar | Roles.HelpLine));
        world.Order(world.TryEnrol(World.Voucher, "more", 1));
        var login = LoginOf(0);
        var opened = Opened("own", login) with { CaseKind = CaseKind.Dispute, Entry = 3 };
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(login, opened with { Account = World.Person(1) }).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(login, opened with { Entry = 0 }).Refusal?.Code);
        world.Order(world.TryRegister(login, opened));
        var answered = opened with { Status = CaseStatus.Resolved, Content = World.HashOf("answer") };
        Assert.Equal(RefusalCode.Forbidden, world.TryRegister(login, answered).Refusal?.Code);
        Assert.Equal(RefusalCode.RolesIncompatible, world.TryRegister(World.Registrar, answered with { ChangedBy = World.Registrar }).Refusal?.Code);
        world.Order(world.TryRegister(helper, answered with { ChangedBy = helper }));
    }

    [Fact]
    public void Consent_is_taken_back_by_the_person_or_on_their_word_and_no_other_ground()
    {
        var login = LoginOf(0);
        var notice = new PrivacyNoticeRecord(World.Person(0), World.Ngo, LawfulBasis.Consent, "2026-1", (world.Now / 86_400_000) + 30, World.Registrar);
        world.Order(world.TryRegister(World.Registrar, notice));
        Assert.Equal(RefusalCode.Tampered, world.TryRegister(helper, notice with { WithdrawnAt = world.Now + 1 }).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, world.TryRegister(helper, notice with { WithdrawnAt = world.Now, Version = "2026-2" }).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(World.Finance), world.State).Refusal?.Code);
        world.Order(PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(login), world.State));
        Assert.Equal(RefusalCode.WrongState, PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(helper), world.State).Refusal?.Code);
        world.Order(world.TryRegister(World.Registrar, notice));
        world.Order(PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(helper), world.State));
        world.Order(world.TryRegister(World.Registrar, notice with { Basis = LawfulBasis.LegalObligation }));
        Assert.Equal(RefusalCode.WrongState, PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(login), world.State).Refusal?.Code);
    }

    private Id LoginOf(int person)
    {
        var login = world.NextId();
        world.Order(Credentials.GiveLogin(World.Person(person), login, world.Scope(World.Registrar), world.State));
        return login;
    }

    private static CaseRecord Opened(string name, Id by) => new(
        World.IdOf(name), World.Ngo, World.Person(0), Id.None, CaseKind.Complaint, CaseStatus.Open, false, World.HashOf("said"), by, by);
}
