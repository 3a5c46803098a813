using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

/// <summary>Cash through a provider, after <see cref="Found"/>.</summary>
public sealed partial class Story
{
    public const long RecallAfterMilliseconds = 2_592_000_000;

    public static Id Cash => ChainBuilder.IdOf("cash program");
    public static Id CashGrant => ChainBuilder.IdOf("cash grant");
    public static Id Float => ChainBuilder.IdOf("float");

    /// <summary>A provider, a cash program with its grant, everybody enrolled, one list instructed.</summary>
    public void BeginCash()
    {
        var provider = ChainBuilder.IdOf("provider");
        Chain.Register(
            Operator, new OrganisationRecord(provider, "Provider", OrganisationKind.FinancialServiceProvider, true, true),
            AccountRecord.Open(Float, provider, AccountKind.Float));
        OpenProgram(Cash, "cash program", TermsJson.Preset("cash")!);
        Chain.Register(Administrator, new GrantRecord(
            CashGrant, ChainBuilder.IdOf("donor"), Cash, Unit, 500_000, 0, Chain.Now - 1000, Chain.Now + 10_000_000_000, "", [new BudgetLine("fees", 5_000, 0)], true));
        Chain.Cut();
        Chain.Order(Receipts.Decide(CashGrant, ChainBuilder.IdOf("cash receipt"), 200_000, ChainBuilder.EvidenceOf("cash advice"), Chain.Scope(Finance, "cash"), Chain.State));
        EnrolmentLine[] people = [.. Enumerable.Range(0, Beneficiaries).Select(i => new EnrolmentLine(Account(i), Household(i), 1 + (i % 5), "north"))];
        Chain.Order(Enrolments.Decide(Cash, ChainBuilder.IdOf("cash list"), 0, people, Chain.Scope(Registrar), Chain.State));
        Chain.Cut();
        Instruct("cash", Id.None, CashLines);
    }

    /// <summary>An instruction file, reports that end lines, a recall, a late report accepted and another dismissed, a follow-up, a fee.</summary>
    public void RunCash()
    {
        Chain.Order(InstructionFiles.Decide(
            new InstructionFileRecord(
                InstructionFileRecord.IdOf(ChainBuilder.IdOf("cash"), ChainBuilder.EvidenceOf("file")), ChainBuilder.IdOf("cash"), ChainBuilder.EvidenceOf("file"),
                "sdp", CashLines.Length, CashLines.Sum(line => line.AmountMinor), Id.None),
            Chain.Scope(Releaser, "file"), Chain.State));
        Chain.Order(Reconcile("report", ReportOf("cash", 0, 10_000), ReportOf("cash", 1, 4_000, "PARTLY"), ReportOf("cash", 2, 0, "WALLET_CLOSED")));
        Chain.Cut();
        Chain.Now += RecallAfterMilliseconds;
        Chain.Order(Recalls.Decide(ChainBuilder.IdOf("cash"), [CashLineOf("cash", 3), CashLineOf("cash", 4)], Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
        Chain.Order(Reconcile("late", ReportOf("cash", 3, 10_003), ReportOf("cash", 4, 10_004)));
        Chain.Cut();
        Chain.Order(Decide("cash", 3, "late", accept: true));
        Chain.Order(Decide("cash", 4, "late", accept: false));
        Chain.Cut();
        Instruct("again", ChainBuilder.IdOf("cash"), LineOf("again", 1, 6_001), LineOf("again", 2, 10_002));
        Chain.Order(GrantOutflows.DecideFee(CashGrant, "fees", ChainBuilder.IdOf("cash"), 300, ChainBuilder.EvidenceOf("invoice"), Chain.Scope(Finance, "fee"), Chain.State));
        Chain.Order(Completions.Decide(ChainBuilder.IdOf("cash"), Chain.Scope(Registrar), Chain.State));
        Chain.Cut();
    }

    public static Line[] CashLines => [.. Enumerable.Range(0, 5).Select(i => LineOf("cash", i, 10_000 + i))];

    public static Id CashLineOf(string disbursement, int beneficiary) => CashLineRecord.IdOf(ChainBuilder.IdOf(disbursement), Account(beneficiary));

    public static Report ReportOf(string disbursement, int beneficiary, long deliveredMinor, string reason = "") =>
        new(CashLineOf(disbursement, beneficiary), deliveredMinor, reason);

    public void Instruct(string name, Id followsUp, params Line[] lines) => Instruct(name, followsUp, [], lines);

    public void Instruct(string name, Id followsUp, UnpaidLine[] unpaid, params Line[] lines)
    {
        var draft = Draft(name, Cash, DeliveryMode.Cash, "2027-01", CashGrant, Chain.Now + 5_000_000_000, lines) with { Cash = new CashPlan(Float, followsUp) };
        Chain.Order(Approval(draft));
        Chain.Cut();
        Release(name);
        Chain.Order(Instructions.Decide(draft.Id, 0, lines, unpaid, Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    /// <summary>A report on the list "cash", signed by finance or whoever else.</summary>
    public Outcome<Transaction> Reconcile(string file, params Report[] reports)
    {
        var disbursement = ChainBuilder.IdOf("cash");
        var hash = ChainBuilder.EvidenceOf(file);
        var announced = new ReconciliationRecord(
            ReconciliationRecord.IdOf(disbursement, hash), disbursement, hash, "own", reports.Length, reports.Sum(report => report.DeliveredMinor), 100_000, 0, 0, 0, Finance);
        return Reconciliations.Decide(
            announced, reports, [Chain.Authorise(Finance, SignedAction.ReconcileCash, SignedObjects.ObjectOf(announced), announced.DeliveredMinor)],
            Chain.Scope(Finance, file), Chain.State);
    }

    public Outcome<Transaction> Decide(string disbursement, int beneficiary, string file, bool accept)
    {
        var id = ContradictionRecord.IdOf(CashLineOf(disbursement, beneficiary), ChainBuilder.EvidenceOf(file));
        var open = Chain.State.Peek<ContradictionRecord>(RecordKind.Contradiction, id).Record!;
        var decided = open with { State = accept ? ContradictionState.Accepted : ContradictionState.Dismissed, Resolution = "STATEMENT", ResolvedBy = Finance };
        return Corrections.Decide(
            id, accept, "STATEMENT", [Chain.Authorise(Finance, SignedAction.DecideContradiction, SignedObjects.ObjectOf(decided), decided.DeliveredMinor)],
            Chain.Scope(Finance), Chain.State);
    }
}
