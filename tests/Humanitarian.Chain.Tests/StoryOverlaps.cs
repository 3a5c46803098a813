using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    public static Id OtherNgo => ChainBuilder.IdOf("other ngo");

    public static Id OtherApprover => ChainBuilder.IdOf("other approver");

    public static Id Suspected => OverlapRecord.IdOf(Household(5), ChainBuilder.IdOf("other household"));

    /// <summary>After <see cref="Enrol"/>: another NGO assists one of the households too, as both say in the end.</summary>
    public void Suspect(Id program)
    {
        var (account, household) = (ChainBuilder.IdOf("other account"), ChainBuilder.IdOf("other household"));
        Chain.Register(Operator, new OrganisationRecord(OtherNgo, "Other", OrganisationKind.Ngo, true, true));
        Chain.Register(Operator, Member(OtherApprover, OtherNgo, "other approver", Roles.Approver | Roles.Registrar));
        Chain.Register(
            OtherApprover, AccountRecord.Open(account, OtherNgo, AccountKind.Beneficiary), new HouseholdRecord(household, OtherNgo, 3, [account], account, []));
        Chain.Cut();
        Chain.Order(OverlapSuspicions.Decide(
            new SuspectCommand(program, Household(5), household, true, Chain.Now + 1_000_000), Chain.Scope(Registrar), Chain.State));
        Chain.Cut();
        Chain.Order(Opinion(Approver, OverlapOpinion.Same));
        Chain.Order(Opinion(OtherApprover, OverlapOpinion.Same));
        Chain.Cut();
    }

    /// <param name="signer">Who signs; the approver when nobody else does.</param>
    public Outcome<Transaction> Opinion(Id approver, OverlapOpinion opinion, Id? signer = null)
    {
        var unsigned = OverlapDecisions.Decide(Suspected, opinion, "SEEN", false, [Chain.Authorise(approver, "", default, 0)], Chain.Scope(approver), Chain.State);
        var next = (OverlapRecord)unsigned.Value!.Writes[0].Record;
        var signed = Chain.Authorise(signer ?? approver, SignedAction.DecideOverlap, SignedObjects.ObjectOf(next), 0) with { Signer = approver };
        return OverlapDecisions.Decide(Suspected, opinion, "SEEN", false, [signed], Chain.Scope(approver), Chain.State);
    }
}
