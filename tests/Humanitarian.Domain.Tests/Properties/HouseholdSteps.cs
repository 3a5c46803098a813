using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Splits, merges, deaths and successions in random lives.</summary>
internal static class HouseholdSteps
{
    public static Outcome<Transaction>? Decide(Step step, World world, int number)
    {
        HouseholdRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<HouseholdRecord>().Where(household => household.Organisation == World.Ngo)];
        if (all.Length == 0)
        {
            return null;
        }

        var household = all[((step.A * 8) + step.C) % all.Length];
        var scope = world.Scope(step.B == 7 ? World.Stranger : World.Registrar, $"household {number}");
        return step.Act switch
        {
            Act.Split => HouseholdSplits.Decide(
                new SplitCommand(
                    household.Id, [.. household.Accounts.Skip(1 + (step.B % 2))], step.C % 2 == 0 ? [World.IdOf($"opened {number}")] : [], 1 + (step.B % 2), Id.None, Id.None,
                    [World.Voucher, World.Community]),
                World.IdOf($"split {number}"), scope, world.State),
            Act.Merge => HouseholdMerges.Decide([household.Id, all[(step.B + step.C) % all.Length].Id], Id.None, World.IdOf($"merged {number}"), scope, world.State),
            Act.Die => Deaths.Decide(
                new DeathCommand(
                    household.Id, household.Accounts.Count == 0 ? World.Person(0) : household.Accounts[step.B % household.Accounts.Count],
                    step.C < 3 ? World.IdOf($"heir {number}") : household.Accounts is [.., var last] ? last : Id.None, [World.Voucher]),
                World.IdOf($"death {number}"), scope, world.State),
            _ => Succeed(step, world, number),
        };
    }

    private static Outcome<Transaction>? Succeed(Step step, World world, int number)
    {
        SuccessionRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<SuccessionRecord>()];
        var approver = step.B == 7 ? World.Registrar : World.Approver;
        return all.Length == 0
            ? default(Outcome<Transaction>?)
            : Successions.Decide(all[((step.A * 8) + step.C) % all.Length].Id, [world.Sign(approver)], world.Scope(approver, $"succession {number}"), world.State);
    }
}

internal sealed partial class Model
{
    private readonly Dictionary<Id, HashSet<(string Kind, string Period)>> assisted = [];

    // What one household had, those who leave it have had; what any of several had, their union has had.
    private void Inherit(Transaction transaction)
    {
        var households = transaction.Writes.Select(write => write.Record).OfType<HouseholdRecord>().ToArray();
        var formed = transaction.Kind == TransactionKind.HouseholdSplit ? households[1] : households[0];
        assisted[formed.Id] = [.. households.Where(household => household != formed).SelectMany(household => Assisted(household.Id))];
    }

    // Entitlement 0 of the period counts for the household the person belongs to by now, whatever the list says.
    private void CountForHousehold(DisbursementRecord disbursement, Line line, long at)
    {
        var household = All<EnrolmentRecord>().Single(place => place.Program == disbursement.Program && place.Account == line.Account).Household;
        household = Living(household);
        MustNotBeHeld(household, disbursement, at);
        Must(Assisted(household).Add((disbursement.AssistanceKind, disbursement.Period)), "a household was assisted twice");
    }

    private HashSet<(string Kind, string Period)> Assisted(Id household) =>
        assisted.TryGetValue(household, out var known) ? known : assisted[household] = [];
}
