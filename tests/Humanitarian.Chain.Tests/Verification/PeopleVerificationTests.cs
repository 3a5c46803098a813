using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>Who may do what and what is stopped, as anybody checks it from the chain alone.</summary>
public sealed class PeopleVerificationTests
{
    private static readonly Id Manager = ChainBuilder.IdOf("manager");
    private static readonly Id Invited = ChainBuilder.IdOf("invited");
    private static readonly Hash32 Code = ChainBuilder.EvidenceOf("code");
    private readonly Story story = new();

    public PeopleVerificationTests()
    {
        story.Found();
        story.Fund();
        story.Enrol();
        story.DisburseInBulk();
        Chain.Register(Story.Operator, Member(Manager, Roles.ProgramManager));
        Chain.Register(Story.Administrator, new InvitationRecord(
            Invited, Story.Ngo, Roles.Finance, null, Chain.Now + 100_000, Joins.HashOf(Code), InvitationState.Open, Hash32.Zero, Story.Administrator));
        Chain.Cut();
    }

    [Fact]
    public async Task Stops_waivers_invitations_and_acting_roles_verify()
    {
        Signed(Manager, signatures => Stop(Manager, signatures));
        Signed(Manager, signatures => Resume(Manager, signatures));
        Signed(Story.Administrator, signatures => Resume(Story.Administrator, signatures));
        var waiver = new SeparationWaiver("why", Chain.Now, Chain.Now + 100_000, [Manager, Story.Approver], 2, []);
        Signed(Manager, signatures => SeparationWaivers.Propose(Story.Program, waiver, signatures, Chain.Scope(Manager), Chain.State));
        Signed(Story.Approver, signatures => SeparationWaivers.Approve(Story.Program, signatures, Chain.Scope(Story.Approver), Chain.State));
        Signed(Story.Administrator, signatures => ActingRoles.Appoint(
            Story.Finance, Story.Approver, Roles.Approver, Chain.Now, Chain.Now + 100_000, signatures, Chain.Scope(Story.Administrator), Chain.State));
        Chain.Order(Joined("invited"));
        Chain.Cut();
        Line[] lines = [Story.LineOf("acting", 1, 100)];
        var draft = Story.Draft("acting", Story.Program, DeliveryMode.Bulk, "2026-12", Story.Grant, Chain.Now + 100_000, lines);
        Chain.Order(Approvals.Decide(
            draft, [Chain.Authorise(Story.Finance, SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(draft), draft.TotalMinor)], Chain.Scope(Story.Finance), Chain.State));
        Chain.Cut();
        Assert.Null((await Chain.Verify()).Failure);
    }

    [Fact]
    public async Task A_stop_by_another_key_is_found()
    {
        var signature = new Authorisation(Manager, 1, Chain.Authorise(Story.Finance, SignedAction.ChangeRecords, default, 0).Signature);
        Chain.Force(Stop(Manager, [signature]).Value!);
        await FoundAsync(Invariants.Separation);
    }

    [Fact]
    public async Task A_join_by_another_key_is_found()
    {
        Chain.AddressOf("thief");
        Chain.Force(Joined("invited", signer: "thief").Value!);
        await FoundAsync(Invariants.Separation);
    }

    [Fact]
    public async Task A_redemption_in_a_stopped_program_is_found()
    {
        var redeemed = VoucherRedemptions.Decide(
            new RedeemCommand(Story.Program, Story.Account(1), Story.Shop, 100, ["food"], ChainBuilder.EvidenceOf("receipt")), Chain.Scope(Story.Cashier), Chain.State).Value!;
        Signed(Manager, signatures => Stop(Manager, signatures));
        var program = new RecordKey(RecordKind.Program, Story.Program);
        Chain.Force(redeemed with
        {
            Reads = [.. redeemed.Reads.Select(read => read.Key == program ? read with { Version = Chain.State.VersionOf(program) } : read)],
        });
        await FoundAsync(Invariants.Replay);
    }

    private ChainBuilder Chain => story.Chain;

    private MemberRecord Member(Id id, Roles roles) => new(id, Story.Ngo, Chain.AddressOf(id.ToString()), roles, true);

    private Outcome<Transaction> Stop(Id member, IReadOnlyList<Authorisation> signatures) =>
        Stops.Stop(Story.Program, "", Id.None, StopReason.Complaint, signatures, Chain.Scope(member), Chain.State);

    private Outcome<Transaction> Resume(Id member, IReadOnlyList<Authorisation> signatures) =>
        Stops.Resume(Story.Program, "", Id.None, signatures, Chain.Scope(member), Chain.State);

    private Outcome<Transaction> Joined(string key, string? signer = null)
    {
        var address = Chain.AddressOf(key);
        Outcome<Transaction> Decide(Signature signature) =>
            Joins.Decide(Invited, Code, address, [new Authorisation(Invited, 0, signature)], Chain.Scope(Invited), Chain.State);
        var decision = AuthorityChecks.DecisionOf(Decide(default).Value!, Chain.State)!;
        return Decide(Chain.Sign(Chain.AddressOf(signer ?? key), SignedObjects.Digest(Chain.Domain, decision)));
    }

    private void Signed(Id member, Func<IReadOnlyList<Authorisation>, Outcome<Transaction>> decide)
    {
        var unsigned = decide([new Authorisation(member, Chain.State.VersionOf(new RecordKey(RecordKind.Member, member)), default)]).Value!;
        Chain.Order(decide([Chain.Authorise(member, SignedAction.ChangeRecords, SignedObjects.ObjectOf(unsigned.Writes), 0)]));
        Chain.Cut();
    }

    private async Task FoundAsync(int invariant)
    {
        Chain.Cut();
        Assert.Equal(invariant, (await Chain.Verify()).Failure?.Invariant);
    }
}
