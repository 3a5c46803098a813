using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Tests.Transactions;

/// <summary>What somebody with an own organisation, or with the sealer's key, might try.</summary>
public sealed class ForgedRecordTests
{
    private readonly World world = new();

    [Fact]
    public void Another_organisations_member_is_not_taken_over() =>
        Refused(RefusalCode.InvalidInput, World.Stranger, World.Member(World.Approver, World.OtherNgo, Roles.Approver));

    [Fact]
    public void An_administrator_does_not_strip_an_operator()
    {
        var second = World.IdOf("second administrator");
        world.Register(World.Operator, World.Member(second, World.Operators, Roles.Administrator));
        Refused(RefusalCode.Forbidden, second, World.Member(World.Operator, World.Operators, Roles.Reader));
    }

    [Fact]
    public void Another_organisations_household_is_not_rewritten()
    {
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        Refused(RefusalCode.InvalidInput, World.Stranger, new HouseholdRecord(World.Household(0), World.OtherNgo, 9, [], World.Person(0), []));
    }

    [Fact]
    public void Another_organisations_device_is_not_taken_over() =>
        Refused(RefusalCode.InvalidInput, World.Stranger, World.Device with { Organisation = World.OtherNgo, Member = World.Stranger });

    [Fact]
    public void The_outside_of_the_ledger_is_nobodys_account()
    {
        foreach (var unit in new[] { World.Unit, "~EUR", "XYZ", "ABCDEFGHIJKL" })
        {
            Refused(RefusalCode.InvalidInput, World.Administrator, AccountRecord.Open(WorldAccount.IdOf(unit), World.Ngo, AccountKind.Organisation));
        }

        Assert.False(WorldAccount.IsReserved(World.Person(0)));
        var line = World.EnrolmentOf(0) with { Account = WorldAccount.IdOf(World.Unit) };
        Assert.Equal(RefusalCode.Tampered, Enrolments.Decide(World.Voucher, World.IdOf("l"), 0, [line], world.Scope(World.Registrar), world.State).Refusal?.Code);
    }

    [Theory]
    [InlineData(AccountKind.World)]
    [InlineData(AccountKind.Allowance)]
    [InlineData((AccountKind)99)]
    public void Accounts_of_the_ledgers_own_kinds_are_not_opened(AccountKind kind) =>
        Refused(RefusalCode.InvalidInput, World.Administrator, AccountRecord.Open(World.IdOf("new"), World.Ngo, kind));

    [Fact]
    public void A_registrar_grants_no_credit_and_a_vendor_has_none()
    {
        var office = world.Get<AccountRecord>(RecordKind.Account, World.OfficeAccount)!;
        Refused(RefusalCode.Forbidden, World.Registrar, office with { FloorMinor = -100 });
        Refused(RefusalCode.InvalidInput, World.Operator, World.Shop(0) with { FloorMinor = -100 });
        world.Register(World.Administrator, office with { FloorMinor = -100 });
    }

    [Fact]
    public void Credit_moves_nothing_in_a_program_that_grants_back()
    {
        world.Order(world.TryEnrol(World.Community, "list", 0, 1));
        world.Register(World.Administrator, world.Get<AccountRecord>(RecordKind.Account, World.Person(0))! with { FloorMinor = -100 });
        Assert.Equal(
            RefusalCode.InsufficientFunds,
            MemberTransfers.Decide(new TransferCommand(World.Community, World.Person(0), World.Person(1), 50), world.Scope(World.Registrar), world.State).Refusal?.Code);
    }

    [Fact]
    public void Limits_are_not_drawn_under_a_balance()
    {
        world.Disburse("d", "2026-1", 300);
        var account = world.Get<AccountRecord>(RecordKind.Account, World.Person(0))!;
        Refused(RefusalCode.WrongState, World.Registrar, account with { CeilingMinor = 299 });
        world.Register(World.Registrar, account with { CeilingMinor = 300 });
    }

    [Fact]
    public void An_enroller_does_not_pass_to_another_while_the_enrolment_stands()
    {
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        var enrolment = world.Get<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(World.Voucher, World.Person(0)))!;
        Refused(RefusalCode.Tampered, World.SecondRegistrar, enrolment with { EnrolledBy = World.SecondRegistrar });
        world.Register(World.SecondRegistrar, enrolment with { Active = false });
        Refused(RefusalCode.Tampered, World.SecondRegistrar, enrolment);
        world.Register(World.SecondRegistrar, enrolment with { EnrolledBy = World.SecondRegistrar });
    }

    [Fact]
    public void A_move_that_met_a_withdrawal_brings_nobody_back_and_a_withdrawal_moves_nobody()
    {
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        var enrolment = world.Get<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(World.Voucher, World.Person(0)))!;
        world.Register(World.Registrar, enrolment with { Site = "south" });
        Refused(RefusalCode.Stale, World.Registrar, enrolment with { Active = false });
        world.Register(World.Registrar, enrolment with { Site = "south", Active = false });
        Refused(RefusalCode.Stale, World.Registrar, enrolment);
    }

    [Fact]
    public void Nobody_is_enrolled_with_another_organisations_account_or_household()
    {
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1));
        var foreign = World.IdOf("foreign person");
        world.Register(World.Stranger, AccountRecord.Open(foreign, World.OtherNgo, AccountKind.Beneficiary));
        var enrolment = new EnrolmentRecord(EnrolmentRecord.IdOf(World.Voucher, foreign), World.Voucher, foreign, World.Household(0), World.Registrar, "", true);
        Refused(RefusalCode.InvalidInput, World.Registrar, enrolment);
        var line = World.EnrolmentOf(0) with { Account = foreign };
        Assert.Equal(RefusalCode.Tampered, Enrolments.Decide(World.Voucher, World.IdOf("l"), 0, [line], world.Scope(World.Registrar), world.State).Refusal?.Code);
    }

    [Fact]
    public void An_accreditation_whose_id_collides_accredits_nobody_else()
    {
        // Somebody chooses their vendor's account so that its accreditation in their own program has the id of another pair.
        var crafted = new Id(
            World.Community.High ^ AccreditationRecord.IdOf(World.Voucher, World.OfficeAccount).High,
            unchecked(AccreditationRecord.IdOf(World.Voucher, World.OfficeAccount).Low - World.Community.Low));
        world.Register(World.Operator, AccountRecord.Open(crafted, World.Shops, AccountKind.Vendor));
        world.Register(World.Administrator, new AccreditationRecord(AccreditationRecord.IdOf(World.Community, crafted), World.Community, crafted, [], true));
        Assert.NotNull(Ledgers.LedgerViews.Accreditation(world.State, World.Community, crafted));
        Assert.Null(Ledgers.LedgerViews.Accreditation(world.State, World.Voucher, World.OfficeAccount));
    }

    [Fact]
    public void Records_of_money_are_not_written_by_hand()
    {
        world.Disburse("d", "2026-1", 300);
        foreach (var kind in new[] { RecordKind.Lot, RecordKind.Hold, RecordKind.Disbursement, RecordKind.Ledger })
        {
            var record = world.State.Records.First(entry => entry.Record.Kind == kind).Record;
            Refused(RefusalCode.Tampered, World.Operator, record);
        }
    }

    [Fact]
    public void A_programs_own_lots_only_are_spent_and_settled()
    {
        world.Disburse("d", "2026-1", 300);
        world.Order(world.TryEnrol(World.Community, "list c", 0, 1));
        Assert.Equal(
            RefusalCode.InsufficientFunds,
            MemberTransfers.Decide(new TransferCommand(World.Community, World.Person(0), World.Person(1), 50), world.Scope(World.Registrar), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.InsufficientFunds, Redeem(World.Community, 0, 50).Refusal?.Code);
        world.Order(Redeem(World.Voucher, 0, 50));
        Assert.Equal(
            RefusalCode.InsufficientFunds,
            SettlementRequests.Decide(World.Community, World.ShopId(0), World.IdOf("s"), 50, world.Now + 9_000, world.Scope(World.Cashier), world.State).Refusal?.Code);
    }

    [Fact]
    public void What_a_donation_backs_reaches_a_vendor_by_redemption_only()
    {
        var terms = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        world.Amend(terms with { Terms = TermsJson.Write(TermsJson.Read(World.CommunityTerms).Value!) });
        world.Disburse("d", "2026-1", 300);
        Assert.Equal(
            RefusalCode.TransferForbidden,
            MemberTransfers.Decide(new TransferCommand(World.Voucher, World.Person(0), World.ShopId(0), 50), world.Scope(World.Registrar), world.State).Refusal?.Code);
    }

    [Fact]
    public void A_hold_whose_time_has_passed_is_not_released()
    {
        world.Disburse("d", "2026-1", 300);
        world.Order(Redeem(World.Voucher, 0, 50));
        world.Order(SettlementRequests.Decide(World.Voucher, World.ShopId(0), World.IdOf("s"), 50, world.Now + 9_000, world.Scope(World.Cashier), world.State));
        world.Now += 9_000;
        Assert.Equal(RefusalCode.DeadlinePassed, Holds.HoldEnds.Decide(World.IdOf("s"), world.Scope(World.Cashier), world.State).Refusal?.Code);
        world.Order(Holds.HoldEnds.Decide(World.IdOf("s"), world.Scope(Id.None), world.State));
        Assert.Equal(RefusalCode.HoldEnded, Holds.HoldEnds.Decide(World.IdOf("s"), world.Scope(Id.None), world.State).Refusal?.Code);
    }

    [Fact]
    public void A_lot_is_not_swept_before_its_disbursement_is_completed()
    {
        world.Disburse("d", "2026-1", 300);
        world.Now += 40 * World.Minute;
        Assert.Equal(RefusalCode.WrongState, Sweep().Refusal?.Code);
        world.Order(Completions.Decide(World.IdOf("d"), world.Scope(Id.None), world.State));
        world.Order(Sweep());
    }

    [Fact]
    public void An_organisation_is_suspended_by_signature_and_never_freed_of_separate_roles()
    {
        var organisation = world.Get<OrganisationRecord>(RecordKind.Organisation, World.Ngo)!;
        Assert.Equal(RefusalCode.SignatureRequired, Registry.Decide([organisation with { Active = false }], [], world.Scope(World.Operator), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, Registry.Decide([organisation with { SeparateRoles = false }], [], world.Scope(World.Operator), world.State).Refusal?.Code);
        var own = world.Get<OrganisationRecord>(RecordKind.Organisation, World.Operators)! with { Active = false };
        Assert.Equal(RefusalCode.InvalidInput, Registry.Decide([own], [], world.Scope(World.Operator), world.State).Refusal?.Code);
    }

    [Fact]
    public void A_second_genesis_and_another_ledgers_transaction_are_refused()
    {
        Assert.Equal(RefusalCode.Tampered, world.State.Check(world.Log[0] with { Ledger = World.IdOf("x"), Writes = [] }, World.Key)?.Code);
        var receipt = world.TryReceive(0, 5, "r").Value!;
        Assert.Equal(RefusalCode.Tampered, world.State.Check(receipt with { Ledger = World.IdOf("x") }, World.Key)?.Code);
    }

    [Fact]
    public void Without_the_closed_part_a_transfer_writes_nothing_and_moves_no_pool()
    {
        world.Order(world.TryReceive(0, 500, "r"));
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var move = new PairedMove(Side.Available(program.Pool), Side.Available(Id.None, true), World.Unit, [new LotPart(World.IdOf("r"), 5)]);
        var open = world.Scope(World.Registrar).Draft(TransactionKind.Transfer, true) with
        {
            Program = program.Id, TermsVersion = 1, Postings = move.Postings(), HasClosedPart = false,
        };
        Assert.NotNull(world.State.Check(open, null));
        Assert.NotNull(world.State.Check(open with { Writes = [new RecordWrite(1, World.Member(World.IdOf("x"), World.Ngo, Roles.Approver))] }, null));
    }

    [Fact]
    public void Amounts_at_the_edge_are_refused_and_never_thrown()
    {
        world.Disburse("d", "2026-1", 300);
        world.Order(GrantOutflowsCost(0));
        foreach (var amount in new[] { long.MaxValue, long.MaxValue - 1, long.MinValue, -1, 0 })
        {
            Assert.NotNull(GrantOutflowsCost(1, amount).Refusal);
            Assert.NotNull(Redeem(World.Voucher, 0, amount).Refusal);
            Assert.NotNull(world.TryDeliver("d", World.LineOf(0, amount), 1).Refusal);
            Assert.NotNull(world.TryPay("d", 0, World.LineOf(0, amount), World.LineOf(1, amount)).Refusal);
        }

        // The second grant may receive all that fits; the pool, which has more already, may not.
        world.Order(world.TryReceive(0, 1, "one"));
        Assert.Equal(RefusalCode.AmountOverflow, world.TryReceive(1, long.MaxValue, "all").Refusal?.Code);
        world.Order(world.TryReceive(1, long.MaxValue - 1_000, "most"));
    }

    private Outcome<Transaction> GrantOutflowsCost(int number, long amountMinor = 1)
    {
        if (number == 0)
        {
            world.Order(world.TryReceive(0, 10, "for costs"));
        }

        return Grants.Costs.Decide(new Grants.CostCommand(World.GrantId(0), "staff", amountMinor, false, default), world.NextId(), world.Scope(World.Finance), world.State);
    }

    private Outcome<Transaction> Redeem(Id program, int person, long amountMinor) => VoucherRedemptions.Decide(
        new RedeemCommand(program, World.Person(person), World.ShopId(0), amountMinor, ["food"], World.HashOf("till")), world.Scope(World.Cashier), world.State);

    private Outcome<Transaction> Sweep() => LotExpiries.Decide(World.IdOf("lot of d"), [World.Person(0)], world.Scope(Id.None), world.State);

    private void Refused(string code, Id principal, params Record[] records) => Assert.Equal(code, world.TryRegister(principal, records).Refusal?.Code);
}
