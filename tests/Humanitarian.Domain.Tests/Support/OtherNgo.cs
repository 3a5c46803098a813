using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Support;

/// <summary>Another NGO of the same ledger: its households, its program, and suspicions between the two.</summary>
internal static class OtherNgo
{
    public const long Hour = 60 * World.Minute;

    public static Id Program => World.IdOf("other program");

    public static Id Registrar => World.IdOf("other registrar");

    public static Id Approver => World.IdOf("other approver");

    public static Id Person(int number) => World.IdOf($"other person {number}");

    public static Id Household(int number) => World.IdOf($"other household {number}");

    /// <summary>A household of the other NGO with its one account.</summary>
    public static Outcome<Transaction> TryRegister(World world, int number) => world.TryRegister(
        World.Stranger, AccountRecord.Open(Person(number), World.OtherNgo, AccountKind.Beneficiary),
        new HouseholdRecord(Household(number), World.OtherNgo, 3, [Person(number)], Person(number), []));

    /// <summary>A voucher program of the other NGO, with its own members and so many enrolled households.</summary>
    public static void Open(World world, int households)
    {
        world.Register(
            World.Operator, World.Member(Registrar, World.OtherNgo, Roles.Registrar), World.Member(Approver, World.OtherNgo, Roles.Approver));
        world.Register(
            World.Stranger,
            new ProgramRecord(
                Program, World.OtherNgo, "other", World.Unit, TermsJson.Write(TermsJson.Read(World.VoucherTerms).Value!), 1, World.PoolOf(Program), World.QueueOf(Program), true),
            AccountRecord.Open(World.PoolOf(Program), World.OtherNgo, AccountKind.ProgramPool, Program),
            AccountRecord.Open(World.QueueOf(Program), World.OtherNgo, AccountKind.ReturnQueue, Program));
        world.Order(Enrolments.Decide(
            Program, World.IdOf("other list"), 0, [.. Enumerable.Range(0, households).Select(n => new EnrolmentLine(Person(n), Household(n), 3, "north"))],
            world.Scope(Registrar), world.State));
    }

    /// <summary>The first NGO suspects that its household is the other's.</summary>
    public static Outcome<Transaction> TrySuspect(World world, int own, int other, bool strong = true, long hours = 1) => OverlapSuspicions.Decide(
        new SuspectCommand(World.Voucher, World.Household(own), Household(other), strong, world.Now + (hours * Hour)), world.Scope(World.Registrar), world.State);

    public static Id OverlapOf(int own, int other) => OverlapRecord.IdOf(World.Household(own), Household(other));

    public static Outcome<Transaction> TryDecide(World world, Id approver, Id overlap, OverlapOpinion opinion, string reason = "DOCUMENTS") =>
        OverlapDecisions.Decide(overlap, opinion, reason, false, [world.Sign(approver)], world.Scope(approver), world.State);

    /// <summary>Both organisations say the same.</summary>
    public static void Agree(World world, Id overlap, OverlapOpinion opinion)
    {
        world.Order(TryDecide(world, World.Approver, overlap, opinion));
        world.Order(TryDecide(world, Approver, overlap, opinion));
    }
}
