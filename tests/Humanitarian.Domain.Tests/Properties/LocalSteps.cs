using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>The random commands of a local currency that melts, and what the model says must become of them.</summary>
internal static class LocalSteps
{
    /// <summary>Members who have something, due for a month's melting, with little room left under their holding limits.</summary>
    public static void Warm(World world)
    {
        world.Register(World.Registrar, [.. Enumerable.Range(0, Local.Members).Select(member => Local.Account(member) with { CeilingMinor = 1_500 })]);
        foreach (var member in Enumerable.Range(0, Local.Members - 1))
        {
            world.Deposit(member, 900);
        }

        world.PassDays(30);
    }

    // Most commands charge what is due first, as the account's grain does; some don't.
    public static Outcome<Transaction>? Decide(Step step, World world)
    {
        if (step.B < 6 && Touched(step).FirstOrDefault(account => Charges.IsDue(account, world.Now, world.State)) is { IsNone: false } due)
        {
            return Charge(due, world);
        }

        switch (step.Act)
        {
            case Act.Deposit:
                return Deposits.Decide(Account(step.A), step.AmountMinor, default, world.Scope(PrincipalOf(step)), world.State);
            case Act.ConvertOut:
                return ConversionsOut.Decide(Account(step.A), step.AmountMinor, default, world.Scope(PrincipalOf(step)), world.State);
            case Act.PayLocal:
                return MemberTransfers.Decide(
                    new TransferCommand(Local.Program, Account(step.A), Account(step.C), step.AmountMinor), world.Scope(World.Registrar), world.State);
            case Act.Charge:
                return Charge(Account(step.A), world);
            case Act.DepartLocal:
                return Departures.Decide(Account(step.A % 6), world.Scope(World.Registrar), world.State);
            case Act.ChangeLocal:
                return world.TryRegister(World.Administrator, Changed(step, world.Get<AccountRecord>(RecordKind.Account, Local.Member(step.A % Local.Members))!));
            default:
                world.PassDays((1 + step.A) * (step.B < 6 ? 1 : 5));
                return null;
        }
    }

    public static bool? Expected(Step step, Model model, long now)
    {
        var day = now / LocalChecks.Day;
        if (step.B < 6 && Touched(step).FirstOrDefault(account => model.Melts(account, day)) is { IsNone: false } due)
        {
            return model.IsOpen(due, orFrozen: true);
        }

        return step.Act switch
        {
            Act.Deposit => PrincipalOf(step) == World.Finance && Receives(model, Account(step.A), step.AmountMinor, day)
                && LocalChecks.Reserve(model) + step.AmountMinor <= long.MaxValue,
            Act.ConvertOut => PrincipalOf(step) == World.Finance && Pays(model, Account(step.A), step.AmountMinor, day)
                && model.Find<AccountRecord>(RecordKind.Account, Account(step.A))!.Tags.Contains("professional"),
            Act.PayLocal => step.A != step.C && Pays(model, Account(step.A), step.AmountMinor, day) && Receives(model, Account(step.C), step.AmountMinor, day),
            Act.Charge => model.Melts(Account(step.A), day) && model.IsOpen(Account(step.A), orFrozen: true),
            Act.DepartLocal => Account(step.A % 6) is var leaving && leaving != Local.Fund && Pays(model, leaving, LocalChecks.Has(model, leaving), day),
            _ => null,
        };
    }

    // The members, their fund, and two accounts that have no part in the currency.
    private static Id Account(int number) => number switch
    {
        < Local.Members => Local.Member(number),
        5 => Local.Fund,
        6 => Exchange.Member(0),
        _ => Local.Pool,
    };

    private static Id[] Touched(Step step) => step.Act switch
    {
        Act.Deposit or Act.ConvertOut => [Account(step.A)],
        Act.DepartLocal => [Account(step.A % 6)],
        Act.PayLocal => [Account(step.A), Account(step.C)],
        _ => [],
    };

    private static Id PrincipalOf(Step step) => step.C == 7 ? World.Stranger : World.Finance;

    private static Outcome<Transaction> Charge(Id account, World world) => Charges.Decide(account, world.Scope(Id.None), world.State);

    private static AccountRecord Changed(Step step, AccountRecord account) => step.B switch
    {
        0 => account with { Status = AccountStatus.Frozen },
        1 => account with { Status = AccountStatus.Closed },
        2 => account with { Tags = account.Tags.Count == 0 ? ["professional"] : [] },
        3 => account with { CeilingMinor = step.AmountMinor },
        4 => account with { CeilingMinor = step.C < 4 ? Local.Limit + 1 : long.MaxValue },
        5 => account with { FloorMinor = -200 },
        _ => account with { Status = AccountStatus.Open, CeilingMinor = 1_500 },
    };

    private static bool Pays(Model model, Id account, Int128 amountMinor, long day) =>
        amountMinor > 0 && LocalChecks.TakesPart(model, account) && model.IsOpen(account, orFrozen: false) && !model.Melts(account, day)
        && LocalChecks.Has(model, account) >= amountMinor;

    private static bool Receives(Model model, Id account, Int128 amountMinor, long day) =>
        amountMinor > 0 && LocalChecks.TakesPart(model, account) && model.IsOpen(account, orFrozen: true) && !model.Melts(account, day)
        && model.Find<AccountRecord>(RecordKind.Account, account)!.CeilingMinor is var ceiling
        && (account == Local.Fund || ceiling <= Local.Limit) && LocalChecks.Has(model, account) + amountMinor <= ceiling;
}
