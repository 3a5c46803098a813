using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    public static Id ClosedProgram => ChainBuilder.IdOf("closed program");

    /// <summary>A cost with its indirect part is charged to one grant and recharged to another.</summary>
    public void Recharge()
    {
        BearWages();
        Chain.Order(Recharged(Finance));
        Chain.Cut();
    }

    /// <summary>A program that was never begun is closed, and its donor has the money back.</summary>
    public void CloseProgram()
    {
        OpenProgram(ClosedProgram, "closed program", """{"preset":"own","rules":[{"rule":"backedByGrants"}]}""");
        var grant = ChainBuilder.IdOf("unspent");
        Chain.Register(Administrator, new GrantRecord(grant, ChainBuilder.IdOf("donor"), ClosedProgram, Unit, 700, 0, 0, long.MaxValue, "", [], true));
        Chain.Order(Receipts.Decide(grant, ChainBuilder.IdOf("unspent receipt"), 700, ChainBuilder.EvidenceOf("unspent"), Chain.Scope(Finance, "unspent"), Chain.State));
        Chain.Order(Closure(ClosedProgram));
        Chain.Order(GrantOutflows.DecideReturn(grant, 700, ChainBuilder.EvidenceOf("back"), Chain.Scope(Finance, "back"), Chain.State));
        Chain.Cut();
    }

    /// <summary>A program's closure, signed by finance.</summary>
    public Outcome<Transaction> Closure(Id program)
    {
        var (version, record) = Chain.State.Peek<ProgramRecord>(RecordKind.Program, program);
        var signed = SignedObjects.ObjectOf([new RecordWrite(version + 1, record! with { Active = false })]);
        return ProgramClosures.Decide(program, [Chain.Authorise(Finance, SignedAction.CloseProgram, signed, 0)], Chain.Scope(Finance, $"close {program}"), Chain.State);
    }

    /// <summary>Two grants that allow recharges, and a cost with its indirect part on the first.</summary>
    public void BearWages()
    {
        foreach (var grant in new[] { "bridge", "successor" })
        {
            Chain.Register(Administrator, new GrantRecord(
                ChainBuilder.IdOf(grant), ChainBuilder.IdOf("donor"), Program, Unit, 5_000, 0, 0, long.MaxValue, "", [new BudgetLine("staff", 2_000, 0)], true)
            {
                IndirectRate = 700, AllowsRecharges = true,
            });
            Chain.Order(Receipts.Decide(
                ChainBuilder.IdOf(grant), ChainBuilder.IdOf($"receipt of {grant}"), 3_000, ChainBuilder.EvidenceOf(grant), Chain.Scope(Finance, grant), Chain.State));
        }

        Chain.Order(Costs.Decide(
            new CostCommand(ChainBuilder.IdOf("bridge"), "staff", 1_015, true, ChainBuilder.EvidenceOf("wages")), ChainBuilder.IdOf("wages"), Chain.Scope(Finance, "wages"), Chain.State));
        Chain.Cut();
    }

    /// <summary>The recharge of the wages by finance, with somebody's signature.</summary>
    public Outcome<Transaction> Recharged(Id signer)
    {
        Outcome<Transaction> Decide(params Authorisation[] signatures) => Recharges.Decide(
            new RechargeCommand(ChainBuilder.IdOf("wages"), ChainBuilder.IdOf("successor"), "staff", true, ChainBuilder.EvidenceOf("minutes")), ChainBuilder.IdOf("recharged wages"),
            signatures, Chain.Scope(Finance, "recharge"), Chain.State);
        var booked = (CostRecord)Decide(Chain.Authorise(Finance, SignedAction.RechargeCost, default, 0)).Value!.Writes[^1].Record;
        var signature = Chain.Authorise(signer, SignedAction.RechargeCost, SignedObjects.ObjectOf(booked), booked.DirectMinor).Signature;
        return Decide(new Authorisation(Finance, Chain.State.VersionOf(new RecordKey(RecordKind.Member, Finance)), signature));
    }
}
