using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class InvitationTests
{
    private static readonly Id Invited = World.IdOf("invitation");
    private static readonly Hash32 Code = World.HashOf("code");
    private static readonly Address Key = new(7, 7, 7);
    private readonly World world = new();

    [Fact]
    public void Whoever_holds_the_code_becomes_what_the_invitation_says_once()
    {
        world.Register(World.Administrator, Invitation() with { Scope = new MemberScope([World.Voucher], []) });
        Refused(RefusalCode.InvitationUnknown, Join(World.HashOf("guess")));
        world.Order(Join(Code));
        var member = world.Get<MemberRecord>(RecordKind.Member, Invited)!;
        Assert.Equal((World.Ngo, Roles.Approver, Key, true), (member.Organisation, member.Roles, member.Address, member.Active));
        Assert.Equal(new MemberScope([World.Voucher], []), member.Scope);
        Refused(RefusalCode.InvitationEnded, Join(Code));
        Assert.Equal(Code, world.Get<InvitationRecord>(RecordKind.Invitation, Invited)!.Code);
    }

    [Fact]
    public void Withdrawn_or_expired_or_of_a_dismissed_administrator_nobody_joins()
    {
        world.Register(World.Administrator, Invitation());
        world.Order(Invitations.Withdraw(Invited, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));
        Refused(RefusalCode.InvitationEnded, Join(Code));
        Refused(RefusalCode.InvitationEnded, Invitations.Withdraw(Invited, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));

        var late = World.IdOf("late");
        world.Register(World.Administrator, Invitation() with { Id = late });
        world.Now += 60 * World.Minute;
        Refused(RefusalCode.InvitationEnded, Join(Code, late));

        var dismissed = World.IdOf("dismissed");
        world.Register(World.Administrator, Invitation() with { Id = dismissed, ExpiresAt = world.Now + World.Minute });
        world.Register(World.Operator, World.Member(World.Administrator, World.Ngo, Roles.Reader));
        Refused(RefusalCode.InvitationEnded, Join(Code, dismissed));
    }

    [Fact]
    public void Only_an_administrator_invites_and_nobody_into_what_they_may_not_give()
    {
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Approver, Invitation() with { InvitedBy = World.Approver }));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Stranger, Invitation() with { InvitedBy = World.Stranger }));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Administrator, Invitation() with { Roles = Roles.Operator }));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Administrator, Invitation() with { Roles = Roles.None }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Invitation() with { ExpiresAt = world.Now }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Invitation() with { ExpiresAt = world.Now + Invitations.MaximumMilliseconds + 1 }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, Invitation() with { InvitedBy = World.Operator }));
    }

    [Fact]
    public void Who_joins_makes_nothing_more_of_themselves()
    {
        var invitation = Invitation();
        world.Register(World.Administrator, invitation);
        var joined = invitation with { State = InvitationState.Joined, Code = Code };
        var member = new MemberRecord(Invited, World.Ngo, Key, Roles.Approver, true);
        Outcome<Transaction> Forge(Id principal, InvitationRecord next, MemberRecord record) => Registry.Decide(
            [next, record], [new Authorisation(principal, world.State.VersionOf(new RecordKey(RecordKind.Member, principal)), default)], world.Scope(principal), world.State);
        Refused(RefusalCode.Tampered, Forge(Invited, joined, member with { Roles = Roles.Approver | Roles.Releaser }));
        Refused(RefusalCode.Tampered, Forge(Invited, joined, member with { Organisation = World.OtherNgo }));
        Refused(RefusalCode.Tampered, Forge(Invited, joined with { ExpiresAt = invitation.ExpiresAt + 1 }, member));
        Refused(RefusalCode.Tampered, Forge(Invited, joined with { Code = World.HashOf("guess") }, member));
        Refused(RefusalCode.Tampered, Forge(World.Administrator, joined, member));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, joined));
        Refused(RefusalCode.InvalidInput, Forge(Invited, joined, member with { Address = Address.Zero }));
        world.Order(Forge(Invited, joined, member));
    }

    private InvitationRecord Invitation() => new(
        Invited, World.Ngo, Roles.Approver, null, world.Now + (10 * World.Minute), Joins.HashOf(Code), InvitationState.Open, Hash32.Zero, World.Administrator);

    private Outcome<Transaction> Join(Hash32 code, Id? invitation = null) => Joins.Decide(
        invitation ?? Invited, code, Key, [new Authorisation(invitation ?? Invited, 0, default)], world.Scope(invitation ?? Invited), world.State);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
