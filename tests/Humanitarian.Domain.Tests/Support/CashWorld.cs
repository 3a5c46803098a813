using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Support;

/// <summary>Cash beside the world's other programs: a provider with a float, a program whose terms allow cash, a funded grant.</summary>
internal static class CashWorld
{
    public const long RecallAfterSeconds = 600;
    public const long EntitlementMinor = 5_000;

    private const string Terms =
        """{"preset":"cash","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"entitlementPerPeriod","maximumMinor":5000},{"rule":"oneAssistancePerHousehold"},{"rule":"recallUnclaimed","seconds":600},{"rule":"noTransfers"}]}""";

    public static Id Program => World.IdOf("cash");
    public static Id Provider => World.IdOf("provider");
    public static Id Float => World.IdOf("float");
    public static Id Grant => World.IdOf("cash grant");

    /// <summary>Opens the program with its provider and grant, funds it and enrols everybody.</summary>
    /// <param name="together">True enrols persons 0 and 1 in one household.</param>
    public static World WithCash(this World world, long fundsMinor = 20_000, bool together = false)
    {
        world.Register(
            World.Operator, new OrganisationRecord(Provider, "Provider", OrganisationKind.FinancialServiceProvider, true, true),
            AccountRecord.Open(Float, Provider, AccountKind.Float));
        world.Register(
            World.Administrator,
            new ProgramRecord(
                Program, World.Ngo, "cash", World.Unit, TermsJson.Write(TermsJson.Read(Terms).Value!), 1, World.PoolOf(Program), World.QueueOf(Program), true),
            AccountRecord.Open(World.PoolOf(Program), World.Ngo, AccountKind.ProgramPool, Program),
            AccountRecord.Open(World.QueueOf(Program), World.Ngo, AccountKind.ReturnQueue, Program));
        world.Register(World.Finance, new GrantRecord(
            Grant, World.Donor, Program, World.Unit, 1_000_000, 0, World.Start, World.Start + (600 * World.Minute), "", [new BudgetLine("fees", 500, 0)], true));
        world.Order(Receipts.Decide(Grant, World.IdOf("cash receipt"), fundsMinor / 3, World.HashOf("advice"), world.Scope(World.Finance), world.State));
        world.Order(Receipts.Decide(Grant, World.IdOf("second cash receipt"), fundsMinor - (fundsMinor / 3), World.HashOf("advice"), world.Scope(World.Finance), world.State));
        world.Order(Enrolments.Decide(
            Program, World.IdOf("cash list"), 0,
            [.. Enumerable.Range(0, World.People).Select(person => World.EnrolmentOf(person) is var line && together && person == 1 ? line with { Household = World.Household(0) } : line)],
            world.Scope(World.Registrar), world.State));
        return world;
    }

    public static DisbursementRecord CashDraft(string name, string period, Id followsUp, long expiresAt, params Line[][] chunks)
    {
        var total = chunks.Sum(lines => lines.Sum(line => line.AmountMinor));
        return World.Draft(name, Program, DeliveryMode.Cash, period, expiresAt, [new LotPart(Grant, total)], chunks) with
        {
            AssistanceKind = "cash through a provider", Cash = new CashPlan(Float, followsUp),
        };
    }

    /// <summary>A released cash disbursement whose one chunk is instructed.</summary>
    public static void Instruct(this World world, string name, string period, Id followsUp, params Line[] lines)
    {
        world.Order(world.TryApprove(CashDraft(name, period, followsUp, world.Now + (300 * World.Minute), lines)));
        world.Order(world.TryRelease(name));
        world.Order(world.TryInstruct(name, 0, lines));
    }

    public static Outcome<Transaction> TryInstruct(this World world, string name, int chunk, params Line[] lines) =>
        Instructions.Decide(World.IdOf(name), chunk, lines, [], world.Scope(Id.None), world.State);

    public static Report ReportOf(string disbursement, int person, long deliveredMinor, string reason = "") =>
        new(CashLineRecord.IdOf(World.IdOf(disbursement), World.Person(person)), deliveredMinor, reason);

    public static Outcome<Transaction> TryReconcile(this World world, string name, string file, params Report[] reports) =>
        world.TryReconcile(World.Finance, World.IdOf(name), file, reports);

    public static Outcome<Transaction> TryReconcile(this World world, Id principal, Id disbursement, string file, params Report[] reports)
    {
        var hash = World.HashOf(file);
        var instructed = reports.Sum(report => world.Get<CashLineRecord>(RecordKind.CashLine, report.Line)?.AmountMinor ?? report.DeliveredMinor);
        var delivered = reports.Sum(report => report.DeliveredMinor);
        return Reconciliations.Decide(
            new ReconciliationRecord(
                ReconciliationRecord.IdOf(disbursement, hash), disbursement, hash, "own", reports.Length, delivered, Math.Max(0, instructed - delivered), 0, 0, 0, principal),
            reports, [world.Sign(principal)], world.Scope(principal, file), world.State);
    }

    public static Outcome<Transaction> TryRecall(this World world, string name, params int[] people) => Recalls.Decide(
        World.IdOf(name), [.. people.Select(person => CashLineRecord.IdOf(World.IdOf(name), World.Person(person)))], world.Scope(Id.None), world.State);

    public static Outcome<Transaction> TryDecide(this World world, string name, int person, string file, bool accept, Id? principal = null) => Corrections.Decide(
        ContradictionRecord.IdOf(CashLineRecord.IdOf(World.IdOf(name), World.Person(person)), World.HashOf(file)), accept, "BANK_STATEMENT",
        [world.Sign(principal ?? World.Finance)], world.Scope(principal ?? World.Finance), world.State);

    public static CashLineRecord Line(this World world, string name, int person) =>
        world.Get<CashLineRecord>(RecordKind.CashLine, CashLineRecord.IdOf(World.IdOf(name), World.Person(person)))!;
}
