using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Tests.Support;

/// <summary>A local currency with demurrage in the small ledger: the association is the NGO, members 3 and up are professionals.</summary>
internal static class Local
{
    public const string Unit = "CHIRP";
    public const string Money = "EUR";
    public const int Members = 5;
    public const long Limit = 100_000;
    public const string Daily = "0.99980133200859895743";

    public const string Terms =
        """{"preset":"local-currency","rules":[{"rule":"backedByDeposits","money":"EUR","convertibleTag":"professional","donationPerMillion":30000,"runningPerMillion":20000},{"rule":"demurrage","epochs":[{"from":"2020-01-01","dailyFactor":"0.99980133200859895743"}]},{"rule":"holdingLimit","maximumMinor":100000},{"rule":"remainderToFund","debtMinor":0}]}""";

    public static Id Program => World.IdOf("local currency");

    public static Id Pool => World.PoolOf(Program);

    public static Id Fund => CommonsFund.IdOf(Program);

    public static Id Member(int number) => World.IdOf($"local member {number}");

    public static AccountRecord Account(int number) => AccountRecord.Open(Member(number), World.Ngo, AccountKind.Member, Program) with
    {
        CeilingMinor = Limit, Tags = number >= 3 ? ["professional"] : [],
    };

    public static World Open(string terms = Terms) => new World().WithLocal(terms);

    /// <summary>Opens the program with its fund and members.</summary>
    public static World WithLocal(this World world, string terms = Terms)
    {
        world.Register(World.Operator, new UnitRecord(Unit, 2, null));
        world.Register(
            World.Administrator,
            new ProgramRecord(Program, World.Ngo, "local currency", Unit, TermsJson.Write(TermsJson.Read(terms).Value!), 1, Pool, World.QueueOf(Program), true),
            AccountRecord.Open(Pool, World.Ngo, AccountKind.ProgramPool, Program),
            AccountRecord.Open(World.QueueOf(Program), World.Ngo, AccountKind.ReturnQueue, Program));
        world.Register(World.Administrator, AccountRecord.Open(Fund, World.Ngo, AccountKind.CommonsFund, Program));
        world.Register(World.Registrar, [.. Enumerable.Range(0, Members).Select(Account)]);
        return world;
    }

    public static void SetTerms(World world, string terms) => world.Amend(WithTerms(world, terms));

    /// <summary>The program under its next terms.</summary>
    public static ProgramRecord WithTerms(World world, string terms)
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, Program)!;
        return program with { Terms = TermsJson.Write(TermsJson.Read(terms).Value!) };
    }

    public static void PassDays(this World world, int days) => world.Now += days * 86_400_000L;

    public static Outcome<Transaction> TryCharge(this World world, int member) => Charges.Decide(Member(member), world.Scope(Id.None), world.State);

    /// <summary>Charges what is due, as the account's grain does before any other movement.</summary>
    public static void Touch(this World world, params int[] members)
    {
        foreach (var member in members)
        {
            if (world.TryCharge(member).Value is { } charge)
            {
                world.Order(charge);
            }
        }
    }

    public static Outcome<Transaction> TryDeposit(this World world, int member, long amountMinor, Id? principal = null) =>
        Deposits.Decide(Member(member), amountMinor, default, world.Scope(principal ?? World.Finance), world.State);

    public static void Deposit(this World world, int member, long amountMinor)
    {
        world.Touch(member);
        world.Order(world.TryDeposit(member, amountMinor));
    }

    public static Outcome<Transaction> TryGiveToFund(this World world, long amountMinor, Id? principal = null) =>
        Deposits.Decide(Fund, amountMinor, default, world.Scope(principal ?? World.Finance), world.State);

    public static void GiveToFund(this World world, long amountMinor) => world.Order(world.TryGiveToFund(amountMinor));

    public static Outcome<Transaction> TryPay(this World world, int payer, int payee, long amountMinor) =>
        MemberTransfers.Decide(new TransferCommand(Program, Member(payer), Member(payee), amountMinor), world.Scope(World.Registrar), world.State);

    public static void Pay(this World world, int payer, int payee, long amountMinor)
    {
        world.Touch(payer, payee);
        world.Order(world.TryPay(payer, payee, amountMinor));
    }

    public static Outcome<Transaction> TryConvert(this World world, int member, long amountMinor, Id? principal = null) =>
        ConversionsOut.Decide(Member(member), amountMinor, default, world.Scope(principal ?? World.Finance), world.State);

    public static void Convert(this World world, int member, long amountMinor)
    {
        world.Touch(member);
        world.Order(world.TryConvert(member, amountMinor));
    }

    public static long Holds(this World world, int member) => world.State.Book(Member(member)).Available(Unit);

    public static long FundOf(this World world) => world.State.Book(Fund).Available(Unit);

    public static long Reserve(this World world) => world.State.Book(Pool).Available(Money);

    public static long Circulation(this World world) => world.FundOf() + Enumerable.Range(0, Members).Sum(world.Holds);
}
