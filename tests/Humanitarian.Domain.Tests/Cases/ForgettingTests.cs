using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Cases;

/// <summary>What is kept of a person is deleted by two members, when it may be.</summary>
public sealed class ForgettingTests
{
    private const long Day = 86_400_000;
    private readonly World world = new();
    private readonly Id protector = World.IdOf("protector");

    public ForgettingTests()
    {
        world.Register(World.Administrator, World.Member(protector, World.Ngo, Roles.Protection));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
    }

    [Fact]
    public void Retention_that_has_ended_lets_two_members_forget_a_closed_account()
    {
        Tell(LawfulBasis.PublicInterest, 1);
        Refused(RefusalCode.RetentionNotEnded, Forget(World.Registrar));
        world.Now += 2 * Day;
        Refused(RefusalCode.RetentionNotEnded, Forget(World.Registrar, ForgettingReason.Request));
        Refused(RefusalCode.Forbidden, Forget(World.Finance));
        world.Order(Forget(World.Registrar));
        Refused(RefusalCode.RolesIncompatible, Forget(World.Registrar));
        Refused(RefusalCode.WrongState, Forget(protector));
        Close();
        Refused(RefusalCode.Forbidden, Forget(World.SecondRegistrar));
        var ordered = world.Order(Forget(protector));
        Assert.All(ordered.Writes, write => Assert.True(write.Record.NamesPerson));
        Assert.True(world.Get<ForgettingRecord>(RecordKind.Forgetting, World.Person(0))!.IsForgotten);
        Refused(RefusalCode.WrongState, Forget(protector));
    }

    [Fact]
    public void Nothing_new_is_kept_of_who_is_forgotten()
    {
        world.Order(Forget(World.Registrar, ForgettingReason.Request));
        Close();
        world.Order(Forget(protector, ForgettingReason.Request));
        Refused(RefusalCode.AccountClosed, Credentials.SetPin(World.Person(0), world.NextId(), world.Scope(World.Registrar), world.State));
        Refused(RefusalCode.AccountClosed, world.TryRegister(protector, new CaseRecord(
            World.IdOf("case"), World.Ngo, World.Person(0), Id.None, CaseKind.Question, CaseStatus.Open, false, World.HashOf("said"), protector, protector)));
        Refused(RefusalCode.AccountClosed, world.TryRegister(World.Registrar, Notice(LawfulBasis.Consent, 1)));
    }

    [Fact]
    public void Consent_that_is_taken_back_and_a_legitimate_interest_let_the_person_ask_and_other_grounds_do_not()
    {
        Tell(LawfulBasis.LegalObligation, 1);
        Refused(RefusalCode.RetentionNotEnded, Forget(World.Registrar, ForgettingReason.Request));
        Tell(LawfulBasis.LegitimateInterest, 1);
        Assert.Null(Forget(World.Registrar, ForgettingReason.Request).Refusal);
        Tell(LawfulBasis.Consent, 1);
        Refused(RefusalCode.RetentionNotEnded, Forget(World.Registrar, ForgettingReason.Request));
        world.Order(PrivacyNoticeRecord.Withdraw(World.Person(0), world.Scope(World.Registrar), world.State));
        world.Order(Forget(World.Registrar, ForgettingReason.Request));

        // Who agrees again keeps it from being confirmed.
        Tell(LawfulBasis.Consent, 1);
        Close();
        Refused(RefusalCode.RetentionNotEnded, Forget(protector, ForgettingReason.Request));
    }

    [Fact]
    public void Decision_is_recorded_as_it_was_made()
    {
        var proposed = new ForgettingRecord(World.Person(0), World.Ngo, ForgettingReason.Request, World.Registrar, world.Now, Id.None, 0);
        Refused(RefusalCode.Tampered, world.TryRegister(World.Registrar, proposed with { ForgottenBy = protector, ForgottenAt = world.Now }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Registrar, proposed with { Id = World.ShopId(0) }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Stranger, proposed with { Organisation = World.Donor }));
        world.Order(world.TryRegister(World.Registrar, proposed));
        Close();
        Refused(RefusalCode.Tampered, world.TryRegister(protector, proposed with { ForgottenBy = World.Administrator, ForgottenAt = world.Now }));
        Refused(RefusalCode.Tampered, world.TryRegister(protector, proposed with { ProposedBy = World.SecondRegistrar, ForgottenBy = protector, ForgottenAt = world.Now }));
    }

    private Outcome<Transaction> Forget(Id by, ForgettingReason reason = ForgettingReason.RetentionEnded) =>
        Forgettings.Decide(World.Person(0), reason, world.Scope(by), world.State);

    private PrivacyNoticeRecord Notice(LawfulBasis basis, long days) => new(World.Person(0), World.Ngo, basis, "2026-1", (world.Now / Day) + days, World.Registrar);

    private void Tell(LawfulBasis basis, long days) => world.Order(world.TryRegister(World.Registrar, Notice(basis, days)));

    private void Close() => world.Order(world.TryRegister(
        World.Administrator, world.Get<AccountRecord>(RecordKind.Account, World.Person(0))! with { Status = AccountStatus.Closed }));

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
