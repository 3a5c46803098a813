using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Costs, their indirect parts and recharges in random lives.</summary>
internal static class FundSteps
{
    public static Outcome<Transaction> Cost(Step step, World world, int number) => Costs.Decide(
        new CostCommand(World.GrantId(step.A % 5), LineOf(step), step.AmountMinor, step.C > 4, World.HashOf("payroll")), World.IdOf($"cost {number}"),
        world.Scope(World.Finance, $"cost {number}"), world.State);

    public static Outcome<Transaction>? Recharge(Step step, World world, int number)
    {
        CostRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<CostRecord>()];
        return all.Length == 0 ? default(Outcome<Transaction>?) : Recharges.Decide(
            new RechargeCommand(all[((step.A * 8) + step.C) % all.Length].Id, World.GrantId(step.B % 3), LineOf(step), step.C > 4, World.HashOf("minutes")),
            World.IdOf($"cost {number}"), [world.Sign(World.Finance)], world.Scope(World.Finance, $"recharge {number}"), world.State);
    }

    public static bool Expected(Step step, Model model)
    {
        var grant = model.Find<GrantRecord>(RecordKind.Grant, World.GrantId(step.A % 5));
        var line = grant?.BudgetLines.Single(line => line.Code == LineOf(step));
        return line is not null && grant is { Active: true } && step.AmountMinor > 0 && (Int128)line.SpentMinor + step.AmountMinor <= line.LimitMinor
            && (step.C <= 4 || grant.IndirectRate > 0)
            && model.Available(World.PoolOf(grant.Program), lot => model.Find<LotRecord>(RecordKind.Lot, lot) is { Parts: [] } receipt && receipt.Origin == grant.Id && receipt.Unit == grant.Unit)
                >= step.AmountMinor + (step.C > 4 ? (Int128)step.AmountMinor * grant.IndirectRate / 10_000 : 0);
    }

    /// <summary>Invariant 9 of a grant's costs: its lines are what its lots bore, its indirect costs within the rate, and no cost counts twice.</summary>
    public static void Hold(Model model, GrantRecord grant)
    {
        Int128 Of(params string[] flows) => model.All<LotRecord>().Where(lot => lot.Origin == grant.Id)
            .Aggregate((Int128)0, (sum, lot) => sum + flows.Aggregate((Int128)0, (part, flow) => part + model.Flow(lot.Id, flow)));
        var costs = Of("cost") - Of("recharged");
        Assert.Equal(costs + Of("fee"), grant.BudgetLines.Sum(line => line.SpentMinor));
        Assert.Equal(Of("indirect") - Of("indirectrecharged"), grant.IndirectMinor);
        Assert.True(grant.IndirectMinor * (Int128)10_000 <= costs * grant.IndirectRate, "indirect costs are over the rate");
        Assert.Equal(costs, model.All<CostRecord>().Where(cost => cost.Grant == grant.Id && cost.Counts).Sum(cost => cost.DirectMinor));
        Assert.All(grant.BudgetLines, line => Assert.True(line.SpentMinor >= 0, "a line was given back more than it bore"));
    }

    private static string LineOf(Step step) => step.B < 5 ? "staff" : "transport";
}

internal sealed partial class Model
{
    private void Charged(Transaction transaction)
    {
        foreach (var cost in transaction.Writes.Select(write => write.Record).OfType<CostRecord>())
        {
            var sign = cost.Counts ? 1 : -1;
            foreach (var (parts, flow) in new[] { (cost.Direct, cost.Counts ? "cost" : "recharged"), (cost.Indirect, cost.Counts ? "indirect" : "indirectrecharged") })
            {
                foreach (var part in parts)
                {
                    Flows[(part.Lot, flow)] = Flow(part.Lot, flow) + part.AmountMinor;
                    Sum(Retired, cost.Unit, (Int128)part.AmountMinor * sign);
                }
            }
        }

        var moved = transaction.Postings.Where(posting => posting.Account == WorldAccount.IdOf(posting.Unit)).Aggregate((Int128)0, (sum, posting) => sum + posting.AmountMinor);
        var records = transaction.Writes.Select(write => write.Record).OfType<CostRecord>()
            .Aggregate((Int128)0, (sum, cost) => sum + ((cost.DirectMinor + (Int128)cost.IndirectMinor) * (cost.Counts ? 1 : -1)));
        Must(moved == records, "what a cost moved is not what it says");
    }
}
