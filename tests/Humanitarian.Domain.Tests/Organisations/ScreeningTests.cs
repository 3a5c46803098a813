using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class ScreeningTests
{
    private static readonly Id Vendor = World.IdOf("vendor");
    private static readonly Id Shop = World.IdOf("vendor's shop");
    private readonly World world = new();

    public ScreeningTests()
    {
        world.Register(World.Operator, new OrganisationRecord(Vendor, "vendor", OrganisationKind.Vendor, true, true), AccountRecord.Open(Shop, Vendor, AccountKind.Vendor));
        Ask(World.Voucher, "UN", "EU");
    }

    private long Today => Limits.DayOf(world.Now);

    [Fact]
    public void A_vendor_is_accredited_only_with_a_clear_result_of_each_list_that_still_counts()
    {
        Refused(RefusalCode.ScreeningRequired, Accredit());
        world.Register(World.Administrator, Result("UN"));
        Refused(RefusalCode.ScreeningRequired, Accredit());
        world.Register(World.Administrator, Result("EU", ScreeningOutcome.Review));
        Refused(RefusalCode.ScreeningRequired, Accredit());
        world.Register(World.Administrator, Result("EU", ScreeningOutcome.Hit));
        Refused(RefusalCode.ScreeningRequired, Accredit());
        world.Register(World.Administrator, Result("EU", days: 1));
        world.Order(Accredit());
        world.Now += 2 * 24 * 60 * World.Minute;
        Refused(RefusalCode.ScreeningRequired, Accredit());
        world.Register(World.Administrator, Accreditation with { Active = false });
    }

    [Fact]
    public void A_provider_is_instructed_only_while_its_screening_counts()
    {
        const long Day = 24 * 60 * World.Minute;
        world.WithCash();
        Ask(CashWorld.Program, "UN");
        var line = World.LineOf(0, 100);
        var draft = CashWorld.CashDraft("cash list", "2026-1", Id.None, world.Now + (9 * Day), [line]);
        Refused(RefusalCode.ScreeningRequired, world.TryApprove(draft));
        world.Register(World.Administrator, Result("UN", subject: CashWorld.Provider, days: 1));
        world.Order(world.TryApprove(draft));
        world.Order(world.TryRelease("cash list"));
        world.Now += 2 * Day;
        Refused(RefusalCode.ScreeningRequired, world.TryInstruct("cash list", 0, line));
        world.Register(World.Administrator, Result("UN", subject: CashWorld.Provider));
        world.Order(world.TryInstruct("cash list", 0, line));
    }

    // Red without Screened.Check and the check of settlements: a vendor found on a list later was paid on.
    [Fact]
    public void A_vendor_that_is_found_on_a_list_later_is_neither_redeemed_at_nor_settled()
    {
        var clerk = World.IdOf("clerk");
        Outcome<Transaction> Redeem(string receipt) => VoucherRedemptions.Decide(
            new RedeemCommand(World.Voucher, World.Person(0), Shop, 50, ["food"], World.HashOf(receipt)), world.Scope(clerk), world.State);
        Outcome<Transaction> Settle() => SettlementApprovals.Decide(
            World.IdOf("s"), 50, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance), world.State);
        world.Register(World.Operator, World.Member(clerk, Vendor, Roles.Vendor));
        world.Register(World.Administrator, Result("UN", days: 0));
        world.Register(World.Administrator, Result("EU"));
        world.Order(Accredit());
        world.Disburse("d", "2026-1", 300);
        world.Order(Redeem("before"));
        world.Order(SettlementRequests.Decide(World.Voucher, Shop, World.IdOf("s"), 50, world.Now + (99 * World.Minute), world.Scope(clerk), world.State));
        world.Register(World.Administrator, Result("UN", ScreeningOutcome.Hit));
        Refused(RefusalCode.ScreeningRequired, Redeem("after"));
        Refused(RefusalCode.ScreeningRequired, Settle());
        world.Register(World.Administrator, Result("UN", ScreeningOutcome.Review));
        world.Order(Redeem("again"));
        world.Order(Settle());
    }

    [Fact]
    public void Beneficiaries_are_never_screened()
    {
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        Refused(RefusalCode.ScreeningForbidden, world.TryRegister(World.Administrator, Result("UN", subject: World.Person(0))));
        Refused(RefusalCode.ScreeningForbidden, world.TryRegister(World.Administrator, Result("UN", subject: World.Household(0))));
    }

    [Fact]
    public void Staff_are_screened_by_their_own_organisation_and_donors_and_strangers_are_not()
    {
        var staff = Result("UN", subject: World.Finance) with { OfMember = true };
        var ordered = world.Order(world.TryRegister(World.Administrator, staff));
        Assert.True(ordered.HasClosedPart);
        Assert.DoesNotContain(ordered.Reads, read => !read.NamesPerson && read.Key.Id == World.Finance);
        Assert.All(ordered.Writes, write => Assert.True(write.Record.NamesPerson));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, staff with { OfMember = false }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN") with { OfMember = true }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", subject: World.Stranger) with { OfMember = true }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", subject: World.Stranger)));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", subject: World.Donor)));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", subject: World.OfficeAccount)));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Approver, Result("UN") with { ScreenedBy = World.Approver }));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Stranger, Result("UN") with { ScreenedBy = World.Stranger }));
    }

    [Fact]
    public void A_result_is_dated_bounded_and_not_followed_by_an_older_one()
    {
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN") with { OnDay = Today + 2, ValidUntil = Today + 3 }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", days: Screenings.MaximumDays + 1)));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Result("UN", days: -1)));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, Result("UN") with { List = "EU" }));
        world.Register(World.Administrator, Result("UN"));
        Refused(RefusalCode.WrongState, world.TryRegister(World.Administrator, Result("UN") with { OnDay = Today - 1 }));
        world.Register(World.Administrator, Result("UN", ScreeningOutcome.Hit));
    }

    private void Ask(Id id, params string[] lists)
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, id)!;
        var terms = TermsJson.Of(program);
        world.Amend(program with { Terms = TermsJson.Write(terms with { Rules = [.. terms.Rules, new Screened(lists)] }) });
    }

    private AccreditationRecord Accreditation => new(AccreditationRecord.IdOf(World.Voucher, Shop), World.Voucher, Shop, [], true);

    private Outcome<Transaction> Accredit() => world.TryRegister(World.Administrator, Accreditation);

    private ScreeningRecord Result(string list, ScreeningOutcome outcome = ScreeningOutcome.Clear, long days = 30, Id? subject = null) => new(
        ScreeningRecord.IdOf(World.Ngo, subject ?? Vendor, list), World.Ngo, subject ?? Vendor, list, Today, outcome, Today + days, World.Administrator);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
