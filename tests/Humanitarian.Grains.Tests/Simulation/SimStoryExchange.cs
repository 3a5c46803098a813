using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>What members of a mutual credit exchange do: pay, promise, accept, decline, let time pass, and leave.</summary>
internal sealed partial class SimStory
{
    public const string Grains = "GRAIN";
    private const int Traders = 5;

    public static Id Exchange { get; } = Founding.IdOf("exchange");

    public static Id Trader(int number) => Founding.IdOf($"trader {number}");

    private async Task SetUpExchangeAsync()
    {
        await RegisterAsync(cluster.Founding.Administrator, new UnitRecord(Grains, 2, null));
        await OpenProgramAsync(Exchange, Grains, """{"preset":"mutual-credit","rules":[{"rule":"mutualCredit"},{"rule":"creditLimit","openingMinor":100,"maximumMinor":500},{"rule":"acceptance","aboveMinor":80,"seconds":60},{"rule":"remainderToFund","debtMinor":100}]}""");
        await RegisterAsync(Admin, AccountRecord.Open(CommonsFund.IdOf(Exchange), Ngo, AccountKind.CommonsFund, Exchange) with { FloorMinor = -200 });
        await RegisterAsync(Registrar, [.. Enumerable.Range(0, Traders).Select(n => AccountRecord.Open(Trader(n), Ngo, AccountKind.Member, Exchange) with { FloorMinor = -300 })]);
    }

    private Task LiveInExchangeAsync() => Task.WhenAll([DepartAsync(), .. Enumerable.Range(0, Traders).Select(TradeAsync)]);

    private async Task TradeAsync(int number)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 10_000));
            var payment = new TransferCommand(Exchange, Trader(number), Trader(world.Random.Next(Traders)), world.Random.Next(1, 140));
            var paid = await CommandAsync(
                "trade", Registrar, context => cluster.OnAccountAsync(payment.Payer, account => account.TransferAsync(context, Exchange, payment.Payee, payment.AmountMinor)), payment.Payer);
            if (paid.Refusal?.Code == RefusalCode.AcceptanceRequired)
            {
                await PromiseAsync(payment);
            }
        }
    }

    /// <summary>A payment that is accepted and declined at once, or by nobody until it expires.</summary>
    private async Task PromiseAsync(TransferCommand payment)
    {
        var hold = Founding.IdOf($"promise {keys}");
        var until = world.Now + world.Random.Next(3_000, 50_000);
        var promised = await CommandAsync(
            "promise", Registrar, context => cluster.OnAccountAsync(payment.Payer, account => account.PromiseAsync(context, payment, hold, until)), payment.Payer);
        if (promised.Refusal is null && world.Chance(0.8))
        {
            await Task.WhenAll(
                CommandAsync("accept", Registrar, context => cluster.OnAccountAsync(payment.Payer, account => account.AcceptAsync(context, hold)), payment.Payee),
                world.Chance(0.5)
                    ? CommandAsync("decline", Registrar, context => cluster.OnAccountAsync(payment.Payer, account => account.EndHoldAsync(context, hold)), payment.Payer)
                    : Task.CompletedTask);
        }
    }

    private async Task DepartAsync()
    {
        for (var turn = 0; turn < 2; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(5_000, 30_000));
            var leaving = Trader(world.Random.Next(Traders));
            await CommandAsync("depart", Registrar, context => cluster.OnAccountAsync(leaving, account => account.DepartAsync(context)), leaving);
        }
    }

    private Task OpenProgramAsync(Id program, string unit, string terms)
    {
        var (pool, queue) = (PoolOf(program), Founding.IdOf($"queue of {unit}"));
        return RegisterAsync(
            Admin, new ProgramRecord(program, Ngo, unit, unit, TermsJson.Write(TermsJson.Read(terms).Value!), 1, pool, queue, true),
            AccountRecord.Open(pool, Ngo, AccountKind.ProgramPool, program), AccountRecord.Open(queue, Ngo, AccountKind.ReturnQueue, program));
    }

    public static Id PoolOf(Id program) => Founding.IdOf($"pool of {program}");
}
