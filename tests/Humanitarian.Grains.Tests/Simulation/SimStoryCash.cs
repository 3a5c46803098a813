using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>
/// What happens around cash through a provider: a list is instructed, more is brought on top and again, side by side; reports come in
/// part, at once and late, finance decides what they contradict, and what nobody claims is recalled.
/// </summary>
internal sealed partial class SimStory
{
    public const long CashEntitlementMinor = LineMinor * 3 / 2;
    private const long CashFundsMinor = 100_000;
    private const int Payees = 6;

    public static Id Cash { get; } = Founding.IdOf("cash");

    public static Id Float { get; } = Founding.IdOf("float");

    private static Id Teller { get; } = Founding.IdOf("teller");

    private static Id CashGrant { get; } = Founding.IdOf("cash grant");

    private static Id WholeList { get; } = Founding.IdOf("cash list");

    private static Id HalfList { get; } = Founding.IdOf("half cash list");

    private async Task SetUpCashAsync()
    {
        var provider = Founding.IdOf("provider");
        await RegisterAsync(
            cluster.Founding.Administrator, new OrganisationRecord(provider, "Provider", OrganisationKind.FinancialServiceProvider, true, true),
            Member(Teller, provider, Roles.Administrator));
        await RegisterAsync(Teller, AccountRecord.Open(Float, provider, AccountKind.Float));
        await OpenProgramAsync(Cash, "KES", $$"""{"preset":"cash","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"entitlementPerPeriod","maximumMinor":{{CashEntitlementMinor}}},{"rule":"oneAssistancePerHousehold"},{"rule":"recallUnclaimed","seconds":15},{"rule":"noTransfers"}]}""");
        await RegisterAsync(Admin, new GrantRecord(CashGrant, Donor, Cash, "KES", CashFundsMinor, 0, 0, long.MaxValue, "", [], true));
        await CommandAsync("receipt", Finance, context => cluster.AnyNode().RunAsync(new Command(
            context, (scope, view, _) => Receipts.Decide(CashGrant, ClaimKey.IdFrom(scope.Command!.Value.Key), CashFundsMinor, default, scope, view))));
        await CommandAsync("enrol", Registrar, context => cluster.AnyNode().RunAsync(new Command(
            context,
            (scope, view, _) => Enrolments.Decide(
                Cash, WholeList, 0, [.. CashRows(LineMinor).Select(row => new EnrolmentLine(row.Account, row.Household, 3, ""))], scope, view))));
    }

    private async Task FillCashAsync()
    {
        await cluster.Side.AddRowsAsync(WholeList, CashRows(LineMinor));
        await cluster.Side.AddRowsAsync(HalfList, CashRows(LineMinor / 2));
    }

    private static ListRowEntry[] CashRows(long amountMinor) =>
        [.. Enumerable.Range(0, Payees).Select(n => new ListRowEntry(n, Founding.IdOf($"payee {n}"), Founding.IdOf($"payee household {n}"), amountMinor, 3, "", false))];

    private async Task LiveInCashAsync()
    {
        var first = await InstructAsync("cash", WholeList, Id.None, DisbursementPurpose.Regular);
        await Task.WhenAll(
            EndAsync(first), ReportAsync(first), LaterAsync("cash top-up", HalfList, first, DisbursementPurpose.TopUp),
            LaterAsync("cash instalment", HalfList, first, DisbursementPurpose.Instalment), LaterAsync("cash rest", HalfList, first, DisbursementPurpose.Regular),
            LaterAsync("cash afresh", WholeList, Id.None, DisbursementPurpose.Regular));
    }

    private async Task LaterAsync(string key, Id list, Id followsUp, DisbursementPurpose purpose)
    {
        await cluster.Clients.Delay(world.Random.Next(0, 25_000));
        await EndAsync(await InstructAsync(key, list, followsUp, purpose));
    }

    /// <summary>Releases a list and waits until its lines are with the provider or marked.</summary>
    private async Task<Id> InstructAsync(string key, Id list, Id followsUp, DisbursementPurpose purpose)
    {
        var draft = new DisbursementDraft(
            Cash, list, 0, Payees, false, [new GrantShare(CashGrant, Payees * (list == WholeList ? LineMinor : LineMinor / 2))], "2026-11", "cash", long.MaxValue, purpose)
        {
            Float = Float, FollowsUp = followsUp,
        };
        var id = await ReleaseAsync(draft, key) ?? throw new InvalidDataException($"{key} was not released.");
        for (var under = true; under;)
        {
            await cluster.Clients.Delay(500);
            await AgainAsync(async () =>
            {
                var status = (await cluster.OnDisbursementAsync(id, life => life.StatusAsync()))!;
                under = status.PaidLines + status.Unpaid.Values.Sum() < status.Lines;
                return null;
            });
        }

        return id;
    }

    /// <summary>Reports and decisions until every line has ended, the last by its recall, and late ones; then the disbursement is completed.</summary>
    private async Task EndAsync(Id disbursement)
    {
        do
        {
            await cluster.Clients.Delay(world.Random.Next(500, 12_000));
            await ReportAsync(disbursement);
        }
        while ((await ReadAllAsync<CashLineRecord>(RecordKind.CashLine, disbursement)).Any(line => line.State == CashLineState.Instructed));
        await cluster.Clients.Delay(world.Random.Next(0, 12_000));
        await ReportAsync(disbursement);
        await CommandAsync("complete cash", Registrar, context => cluster.OnDisbursementAsync(disbursement, life => life.CompleteAsync(context)));
    }

    /// <summary>A report on some lines, ended or not, then a decision on most of what is contradicted.</summary>
    private async Task ReportAsync(Id disbursement)
    {
        CashLineRecord[] lines = [.. (await ReadAllAsync<CashLineRecord>(RecordKind.CashLine, disbursement)).Where(_ => world.Chance(0.3))];
        if (lines.Length > 0)
        {
            await ReconcileAsync(disbursement, [.. lines.Select(line => (line, line.AmountMinor * world.Random.Next(3) / 2))]);
        }

        foreach (var open in (await ReadAllAsync<ContradictionRecord>(RecordKind.Contradiction, disbursement)).Where(found => found.State == ContradictionState.Open))
        {
            var accept = world.Chance(0.6);
            if (world.Chance(0.7))
            {
                await CommandAsync(accept ? "accept report" : "dismiss report", Finance, context => cluster.OnAccountAsync(
                    PoolOf(Cash), decisions => decisions.DecideContradictionAsync(context, open.Id, accept, "STATEMENT")));
            }
        }
    }

    private async Task ReconcileAsync(Id disbursement, (CashLineRecord Line, long DeliveredMinor)[] said)
    {
        var file = Hash32.FromSpan(Founding.KeyOf($"report {keys}"));
        Report[] reports = [.. said.Select(one => new Report(one.Line.Id, one.DeliveredMinor, one.DeliveredMinor == one.Line.AmountMinor ? "" : "WALLET_CLOSED"))];
        var delivered = reports.Sum(report => report.DeliveredMinor);
        var announced = RecordCodec.Encode(new ReconciliationRecord(
            ReconciliationRecord.IdOf(disbursement, file), disbursement, file, "own", reports.Length, delivered, said.Sum(one => one.Line.AmountMinor) - delivered, 0, 0, 0, Finance));

        // Where a line ended meanwhile, the same file is sent again and contradicts it.
        while ((await CommandAsync(
            "report", Finance, context => cluster.OnAccountAsync(Float, decisions => decisions.ReconcileAsync(context, announced, reports)), Float)).Refusal?.Code == RefusalCode.HoldEnded)
        {
            await cluster.Clients.Delay(500);
        }
    }

    private async Task<IReadOnlyList<T>> ReadAllAsync<T>(RecordKind kind, Id parent)
        where T : Record
    {
        IReadOnlyList<T> found = [];
        await AgainAsync(async () =>
        {
            var node = cluster.AnyNode();
            found = await cluster.CallAsync(node.Process, async () =>
            {
                await node.Reader.CurrentAsync();
                return await node.Reader.ListAsync<T>(kind, parent, null, 100);
            });
            return null;
        });
        return found;
    }
}
