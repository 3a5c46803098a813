using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    /// <summary>An auditor samples a list, the sample fails, and a second approver lets it go on.</summary>
    public void Sample()
    {
        var (auditor, second) = (ChainBuilder.IdOf("auditor"), ChainBuilder.IdOf("second approver"));
        Chain.Register(Operator, Member(auditor, Ngo, "auditor", Roles.Auditor), Member(second, Ngo, "second approver", Roles.Approver));
        Chain.Cut();
        var secret = ChainBuilder.EvidenceOf("secret");
        var draft = Draft("sampled", Program, DeliveryMode.Bulk, "2027-01", Grant, Chain.Now + 900_000, [LineOf("sampled", 5, 1_001)]);
        Step(auditor, signatures => Samples.Commit(draft.Id, Program, SampleRecord.CommitmentTo(secret), 1, signatures, Chain.Scope(auditor), Chain.State));
        Chain.Order(Approval(draft));
        Chain.Cut();
        Step(auditor, signatures => Samples.Reveal(draft.Id, secret, signatures, Chain.Scope(auditor), Chain.State));
        Step(auditor, signatures => Samples.Record(draft.Id, false, "GHOST", signatures, Chain.Scope(auditor), Chain.State));
        Chain.Order(Approvals.Decide(
            draft, [Chain.Authorise(second, SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(draft), draft.TotalMinor)], Chain.Scope(second), Chain.State));
        Chain.Cut();
        Release("sampled");
    }

    // What is signed is what is decided, so it is decided once to know it.
    private void Step(Id member, Func<IReadOnlyList<Authorisation>, Outcome<Transaction>> decide)
    {
        var version = Chain.State.Peek<MemberRecord>(RecordKind.Member, member).Version;
        var writes = decide([new Authorisation(member, version, default)]).Value!.Writes;
        Chain.Order(decide([Chain.Authorise(member, SignedAction.ChangeRecords, SignedObjects.ObjectOf(writes), 0)]));
        Chain.Cut();
    }
}
