using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>Units: payments, redemptions and changes of the registry that are done together or not at all, from whichever silo.</summary>
internal sealed partial class SimStory
{
    /// <summary>The keys of each unit, with their principals.</summary>
    public List<(Id Principal, string Key)[]> Together { get; } = [];

    private Task LiveInUnitsAsync() => Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
    {
        for (var turn = 0; turn < 3; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 12_000));
            await TogetherAsync([.. Enumerable.Range(0, world.Random.Next(2, 5)).Select(_ => AnyPart())]);
        }
    }));

    public async Task<CommandResult[]> TogetherAsync(UnitPart[] parts)
    {
        (Id Principal, string Key)[] unit = [.. parts.Select(part => (part.Context!.Principal, part.Context.Key))];
        Together.Add(unit);
        CommandResult[] results = [];
        var unanswered = await AgainAsync(async () =>
        {
            results = await cluster.AnyNode().TogetherAsync(parts);
            return results.Select(result => result.Refusal).FirstOrDefault(refusal => refusal is { Code: not RefusalCode.NotDone });
        });
        world.Note($"unit {string.Join(", ", results.Select(result => result.Refusal?.Code ?? $"{result.Height} {result.Position}"))}");
        Ended.AddRange(unit.Select((one, index) => new Ended("part", one.Principal, one.Key, results[index], unanswered)));
        return results;
    }

    private UnitPart AnyPart()
    {
        var (account, amount) = (Beneficiary(world.Random.Next(Beneficiaries)), world.Random.Next(10, 300));
        if (world.Chance(0.3))
        {
            var payee = Beneficiary(world.Random.Next(Beneficiaries));
            return Part(Registrar, context => cluster.OnAccountAsync(account, decisions => decisions.TransferAsync(context, Program, payee, amount)));
        }

        if (world.Chance(0.2))
        {
            var opened = AccountRecord.Open(Founding.IdOf($"opened {keys}"), Shop, AccountKind.Vendor);
            return Part(Till, context => cluster.AnyNode().RunAsync(new Command(
                context, (scope, view, signatures) => Domain.Organisations.Registry.Decide([opened], signatures, scope, view))));
        }

        var redemption = new RedemptionRequest(Program, account, world.Chance(0.4) ? SmallVendor : Vendor, amount, [], default);
        return Part(Till, context => cluster.OnAccountAsync(account, decisions => decisions.RedeemAsync(context, redemption)));
    }

    public UnitPart Part(Id principal, Func<CommandContext, Task<CommandResult>> run)
    {
        var context = NextContext(principal, "part") with { OfUnit = true };
        return new UnitPart(context, _ => run(context));
    }
}
