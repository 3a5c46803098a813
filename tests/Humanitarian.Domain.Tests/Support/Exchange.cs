using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Tests.Support;

/// <summary>A mutual credit program in the small ledger: the association is the NGO, its members have accounts of the program.</summary>
internal static class Exchange
{
    public const string Unit = "GRAIN";
    public const int Members = 4;
    public const long Cap = 500;

    public const string Terms =
        """{"preset":"mutual-credit","rules":[{"rule":"mutualCredit"},{"rule":"creditLimit","openingMinor":100,"maximumMinor":500},{"rule":"acceptance","aboveMinor":80,"seconds":3600},{"rule":"remainderToFund","debtMinor":60}]}""";

    public static Id Program => World.IdOf("exchange");

    public static Id Fund => CommonsFund.IdOf(Program);

    public static Id Member(int number) => World.IdOf($"member {number}");

    public static AccountRecord Account(int number, long cap = Cap) =>
        AccountRecord.Open(Member(number), World.Ngo, AccountKind.Member, Program) with { FloorMinor = -cap };

    public static AccountRecord FundAccount(long credit = 200) =>
        AccountRecord.Open(Fund, World.Ngo, AccountKind.CommonsFund, Program) with { FloorMinor = -credit };

    public static void Open(World world, string terms = Terms)
    {
        world.Register(World.Operator, new UnitRecord(Unit, 2, null));
        world.Register(
            World.Administrator,
            new ProgramRecord(Program, World.Ngo, "exchange", Unit, TermsJson.Write(TermsJson.Read(terms).Value!), 1, World.PoolOf(Program), World.QueueOf(Program), true),
            AccountRecord.Open(World.PoolOf(Program), World.Ngo, AccountKind.ProgramPool, Program),
            AccountRecord.Open(World.QueueOf(Program), World.Ngo, AccountKind.ReturnQueue, Program));
        world.Register(World.Administrator, FundAccount());
        world.Register(World.Registrar, [.. Enumerable.Range(0, Members).Select(number => Account(number))]);
    }

    /// <summary>A world with the exchange under these terms.</summary>
    public static World With(string terms)
    {
        var world = new World();
        world.ChangeTerms(terms);
        return world;
    }

    public static void ChangeTerms(this World world, string terms)
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, Program)!;
        var text = TermsJson.Write(TermsJson.Read(terms).Value!);
        world.Amend(program with { Terms = text });
    }

    public static Outcome<Transaction> TryTrade(this World world, Id payer, Id payee, long amountMinor, Id? program = null, Id? principal = null) => MemberTransfers.Decide(
        new TransferCommand(program ?? Program, payer, payee, amountMinor), world.Scope(principal ?? World.Registrar), world.State);

    public static Outcome<Transaction> TryTrade(this World world, int payer, int payee, long amountMinor) => world.TryTrade(Member(payer), Member(payee), amountMinor);

    public static void Trade(this World world, int payer, int payee, long amountMinor) => world.Order(world.TryTrade(payer, payee, amountMinor));

    public static Outcome<Transaction> TryPromise(this World world, string hold, int payer, int payee, long amountMinor, long seconds = 600) => PendingPayments.Decide(
        new TransferCommand(Program, Member(payer), Member(payee), amountMinor), World.IdOf(hold), world.Now + (seconds * 1000), world.Scope(World.Registrar), world.State);

    public static Outcome<Transaction> TryAccept(this World world, string hold) => PaymentAcceptances.Decide(World.IdOf(hold), world.Scope(World.Registrar), world.State);

    public static Outcome<Transaction> TryEnd(this World world, string hold, Id principal) => HoldEnds.Decide(World.IdOf(hold), world.Scope(principal), world.State);

    public static Outcome<Transaction> TryDepart(this World world, int member) => Departures.Decide(Member(member), world.Scope(World.Registrar), world.State);

    /// <summary>What a member has, set aside included.</summary>
    public static (long Available, long Held) Has(this World world, Id account, string unit = Unit) =>
        (world.State.Book(account).Available(unit), world.State.Book(account).Held(unit));

    public static long Balance(this World world, int member) => world.State.Book(Member(member)).Available(Unit);
}
