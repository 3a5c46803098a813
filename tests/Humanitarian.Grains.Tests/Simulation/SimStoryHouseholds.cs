using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>What else happens in the histories: money in dollars is converted, lists are topped up, households change, somebody dies.</summary>
internal sealed partial class SimStory
{
    /// <summary>Most that a beneficiary receives for a period: a line and a half, so that of two top-ups by half a line one is too much.</summary>
    private const long EntitlementMinor = LineMinor * 3 / 2;

    private static Id Dollars { get; } = Founding.IdOf("grant in dollars");

    private static Id TopUpList { get; } = Founding.IdOf("top-up list");

    private static Id Household(int number) => Founding.IdOf($"household {number}");

    private async Task SetUpDollarsAsync()
    {
        await RegisterAsync(cluster.Founding.Administrator, new UnitRecord("USD", 2, null));
        await RegisterAsync(Admin, new GrantRecord(Dollars, Donor, Program, "USD", 10_000, 0, 0, long.MaxValue, "", [], true));
        await CommandAsync("receipt", Finance, context => cluster.AnyNode().RunAsync(new Command(
            context, (scope, view, _) => Receipts.Decide(Dollars, ClaimKey.IdFrom(scope.Command!.Value.Key), 10_000, default, scope, view))));
    }

    private Task FillTopUpsAsync() => cluster.Side.AddRowsAsync(
        TopUpList, [.. Enumerable.Range(0, Beneficiaries).Select(n => new ListRowEntry(n, Beneficiary(n), Household(n), LineMinor / 2, 3, "", false))]);

    private Task LiveInHouseholdsAsync() => Task.WhenAll(
        ConvertAsync(), TopUpAsync("top-up a"), TopUpAsync("top-up b"), SplitAsync(3), SplitAsync(3), MergeAsync(4, 5), MergeAsync(5, 6), DieAsync(2));

    private async Task ConvertAsync()
    {
        for (var turn = 0; turn < 3; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 6_000));
            var (from, to) = (world.Random.Next(1, 5_000), world.Random.Next(100_000, 700_000));
            var conversion = new ConversionRequest(Dollars, from, to, "130", world.Now / 86_400_000, Hash32.FromSpan(Founding.KeyOf("advice")));
            await CommandAsync("convert", Finance, context => cluster.OnAccountAsync(Pool, decisions => decisions.ConvertAsync(context, conversion)));
        }
    }

    private async Task TopUpAsync(string key)
    {
        await cluster.Clients.Delay(world.Random.Next(0, 15_000));
        await ReleaseAsync(
            new DisbursementDraft(
                Program, TopUpList, 0, 7, false, [new GrantShare(Grant, 7 * LineMinor / 2)], "2026-11", "food", long.MaxValue, DisbursementPurpose.TopUp),
            key);
    }

    private async Task SplitAsync(int household)
    {
        await cluster.Clients.Delay(world.Random.Next(0, 12_000));
        var opened = Founding.IdOf($"opened {keys}");
        await CommandAsync("split", Registrar, context => cluster.AnyNode().RunAsync(new Command(
            context,
            (scope, view, _) => HouseholdSplits.Decide(
                new SplitCommand(Household(household), [], [opened], 1, Id.None, Id.None, [Program]), ClaimKey.IdFrom(scope.Command!.Value.Key), scope, view))));
    }

    private async Task MergeAsync(int first, int second)
    {
        await cluster.Clients.Delay(world.Random.Next(0, 12_000));
        await CommandAsync("merge", Registrar, context => cluster.AnyNode().RunAsync(new Command(
            context,
            (scope, view, _) => HouseholdMerges.Decide([Household(first), Household(second)], Id.None, ClaimKey.IdFrom(scope.Command!.Value.Key), scope, view))));
    }

    private async Task DieAsync(int person)
    {
        await cluster.Clients.Delay(world.Random.Next(0, 12_000));
        var died = await RecordDeathAsync(person);
        for (var turn = 0; turn < 3 && died.Refusal is null; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 8_000));
            await SucceedAsync(person, died);
        }
    }

    public Task<CommandResult> RecordDeathAsync(int person)
    {
        var death = new DeathRequest(Household(person), Beneficiary(person), Founding.IdOf("heir"));
        return CommandAsync("death", Registrar, context => cluster.OnAccountAsync(Beneficiary(person), decisions => decisions.RecordDeathAsync(context, death)));
    }

    public Task<CommandResult> SucceedAsync(int person, CommandResult died) => CommandAsync(
        "succession", Approver, context => cluster.OnAccountAsync(Beneficiary(person), decisions => decisions.ApproveSuccessionAsync(context, SuccessionOf(died))),
        Founding.IdOf("heir"));

    private Id SuccessionOf(CommandResult died) => ClaimKey.IdFrom(
        cluster.Founding.Identity.ClaimKey.CommandKey(Registrar, Ended.Find(ended => ended.What == "death" && ended.Result == died)!.Key));
}
