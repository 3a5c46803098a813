using CsCheck;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Tests.Properties;

internal enum Act
{
    Receive, Enrol, Approve, Release, Pay, Deliver, Redeem, Transfer, RequestSettlement, Settle, ReleaseHold, ExpireHold, Complete, ExpireLot,
    Refund, ReturnPayout, Cost, Recharge, Return, SetStatus, SetCeiling, ChangeTerms, ChangeDevice, ChangeGrant, ChangeAccreditation, Wait, Convert, Split, Merge, Die, Succeed, Suspect, Opine, ChangeState,
    Trade, Promise, Accept, Depart, QueueLate, DecideLate,
    ApproveCash, ApproveFollowUp, ReleaseCash, Instruct, Report, Recall, DecideContradiction, Fee, ExportFile, CompleteCash,
    Deposit, ConvertOut, PayLocal, Charge, DepartLocal, ChangeLocal, PassDays,
}

/// <summary>One random command: what is done, and numbers that choose among what there is, also among what there is not.</summary>
internal sealed record Step(Act Act, int A, int B, int C, long AmountMinor)
{
    private static Outcome<Transaction>? Nothing => null;

    private static readonly Gen<long> Amount = Gen.Frequency(
        (12, Gen.Long[1, 60]), (6, Gen.Long[61, 900]), (1, Gen.Long[-2, 0]), (1, Among(long.MaxValue, long.MaxValue - 1, long.MinValue, 5_001)));

    // What moves money comes more often than what hinders it.
    private static readonly Gen<Act> Acts = Gen.Frequency(
        (8, Among(
            Act.Receive, Act.Enrol, Act.Approve, Act.Approve, Act.Release, Act.Release, Act.Pay, Act.Pay, Act.Deliver, Act.Redeem, Act.Redeem, Act.Redeem,
            Act.QueueLate, Act.DecideLate, Act.Transfer, Act.RequestSettlement, Act.Settle, Act.Settle, Act.Refund,
            Act.Trade, Act.Trade, Act.Promise, Act.Accept)),
        (6, Among(
            Act.ApproveCash, Act.ReleaseCash, Act.Instruct, Act.Instruct, Act.Report, Act.Report, Act.Report, Act.DecideContradiction, Act.ApproveFollowUp, Act.Recall,
            Act.ExportFile, Act.Fee, Act.CompleteCash)),
        (4, Among(Act.Deposit, Act.Deposit, Act.ConvertOut, Act.ConvertOut, Act.PayLocal, Act.PayLocal, Act.PayLocal, Act.Charge, Act.Charge, Act.ChangeLocal)),
        (3, Among(Act.ReleaseHold, Act.ExpireHold, Act.Complete, Act.ExpireLot, Act.ReturnPayout, Act.Cost, Act.Cost, Act.Recharge, Act.Return, Act.Wait, Act.ChangeTerms, Act.Convert, Act.Split, Act.Merge, Act.Succeed, Act.Suspect, Act.Opine, Act.Opine)),
        (1, Among(Act.Depart, Act.DepartLocal, Act.PassDays, Act.SetStatus, Act.SetCeiling, Act.ChangeTerms, Act.ChangeDevice, Act.ChangeGrant, Act.ChangeAccreditation, Act.Die, Act.ChangeState, Act.ChangeState)));

    public static readonly Gen<Step> Any = Gen.Select(Acts, Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 7], Amount, (act, a, b, c, amount) => new Step(act, a, b, c, amount));

    private static Gen<T> Among<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(place => choices[place]);

    /// <summary>Lets the production decide; null for a step that asks nothing.</summary>
    public Outcome<Transaction>? Decide(World world, int number) => Act switch
    {
        Act.Receive => world.TryReceive(A % 5, AmountMinor, $"receipt {number}"),
        Act.Enrol => world.TryEnrol(Program(A), $"list {number % 5}", A % World.People, B % World.People, C % World.People, (A + B) % World.People),
        Act.Approve => world.TryApprove(Draft(world, number), (A, C) == (7, 7) ? World.SecondRegistrar : null),
        Act.Release => Released(world),
        Act.Pay => Disbursement(world) is { } d ? world.TryPay(Name(d), B % 3, LinesOf(d, B % 3)) : Nothing,
        Act.Deliver => Disbursement(world) is { } d ? world.TryDeliver(Name(d), LinesOf(d, 0)[B % LinesOf(d, 0).Length], (ulong)C + ((ulong)number * (ulong)(A % 4))) : Nothing,
        Act.QueueLate or Act.DecideLate => LateSteps.Decide(this, world, number),
        Act.Redeem => VoucherRedemptions.Decide(
            new RedeemCommand(
                Program(A / 2), World.Person(B), World.ShopId(C % 3), AmountMinor, C > 5 ? ["books"] : ["food"], C == 5 ? default : World.HashOf("till")),
            world.Scope(C == 4 ? World.Finance : World.Cashier, $"till {number}"), world.State),
        Act.Transfer => MemberTransfers.Decide(
            new TransferCommand(Program(A < 2 ? 0 : 1), World.Person(B), Payee(), AmountMinor), world.Scope(World.Registrar, $"gift {number}"), world.State),
        Act.RequestSettlement => SettlementRequests.Decide(
            Program(A / 2), World.ShopId(B % 3), World.IdOf($"settlement {number}"), AmountMinor, world.Now + (C * 3 * World.Minute), world.Scope(World.Cashier), world.State),
        Act.Settle => Hold(world, C == 7 ? null : HoldPurpose.Settlement) is { } hold
            ? SettlementApprovals.Decide(hold, AmountMinor, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance, $"bank {number}"), world.State) : Nothing,
        Act.ReleaseHold => Hold(world) is { } hold ? HoldEnds.Decide(hold, world.Scope(B < 4 ? World.Cashier : World.Finance), world.State) : Nothing,
        Act.ExpireHold => Hold(world) is { } hold ? HoldEnds.Decide(hold, world.Scope(Id.None), world.State) : Nothing,
        Act.Complete => Disbursement(world) is { } d ? Completions.Decide(d.Id, world.Scope(B < 5 ? Id.None : World.Releaser), world.State) : Nothing,
        Act.ExpireLot => Disbursement(world) is { } d
            ? LotExpiries.Decide(d.Lot, [.. Enumerable.Range(0, World.People).Where(person => B > 3 || person % 2 == B % 2).Select(World.Person)], world.Scope(Id.None), world.State) : Nothing,
        Act.ChangeState => Disbursement(world) is { } d
            ? StateChanges.Decide(
                d.Id, B < 3 ? DisbursementState.Paused : B < 6 ? DisbursementState.Released : DisbursementState.Cancelled, world.Scope(C == 7 ? World.Stranger : World.Releaser), world.State)
            : Nothing,
        Act.Refund or Act.ReturnPayout => RefundSteps.Decide(this, world, number),
        Act.Cost => FundSteps.Cost(this, world, number),
        Act.Recharge => FundSteps.Recharge(this, world, number),
        Act.Return => GrantOutflows.DecideReturn(
            World.GrantId(A % 5), AmountMinor, World.HashOf("bank"), world.Scope(World.Finance, $"return {number}"), world.State, B < 4 ? null : World.Unit),
        Act.Convert => ConversionSteps.Convert(this, world, number),
        Act.Split or Act.Merge or Act.Die or Act.Succeed => HouseholdSteps.Decide(this, world, number),
        Act.Suspect or Act.Opine => OverlapSteps.Decide(this, world),
        Act.Trade => world.TryTrade(A == 7 ? Exchange.Fund : Exchange.Member(B % 5), C == 7 ? Exchange.Fund : Exchange.Member(C % 5), AmountMinor),
        Act.Promise => world.TryPromise($"promise {number}", B % 5, C % 5, AmountMinor, A * 180),
        Act.Accept => Hold(world, HoldPurpose.Payment) is { } hold ? PaymentAcceptances.Decide(hold, world.Scope(World.Registrar), world.State) : Nothing,
        Act.Depart => world.TryDepart(B % 5),
        >= Act.Deposit => LocalSteps.Decide(this, world),
        >= Act.ApproveCash => CashSteps.Decide(this, world, number),
        _ => Change(world),
    };

    private Outcome<Transaction>? Change(World world)
    {
        var account = A < 6 ? world.Get<AccountRecord>(RecordKind.Account, World.Person(A)) : world.Get<AccountRecord>(RecordKind.Account, World.ShopId(A - 6));
        switch (Act)
        {
            case Act.SetStatus when account is not null:
                return world.TryRegister(World.Operator, account with { Status = B < 3 ? AccountStatus.Frozen : B < 7 ? AccountStatus.Open : AccountStatus.Closed });
            case Act.SetCeiling when account is not null:
                return world.TryRegister(World.Operator, account with { CeilingMinor = B < 3 ? AmountMinor : long.MaxValue });
            case Act.ChangeTerms when world.Get<ProgramRecord>(RecordKind.Program, World.Community) is { } program:
                var terms = TermsJson.Write(TermsJson.Read(B < 3 ? World.StricterTerms : World.CommunityTerms).Value!);
                if (program.Amendment is null)
                {
                    return world.TryPropose(program with { Terms = terms }, B % 2 == 0 ? 0 : world.Now + World.Minute);
                }

                if (!program.Amendment.IsApproved)
                {
                    return world.TryApproveTerms(program.Id);
                }

                world.Now += World.Minute;
                return Amendments.PutInEffect(program.Id, world.Scope(Id.None), world.State);
            case Act.ChangeDevice:
                return world.TryRegister(World.Administrator, World.Device with { Active = B < 5, Site = B % 2 == 0 ? "" : "north" });
            case Act.ChangeGrant when world.Get<GrantRecord>(RecordKind.Grant, World.GrantId(A % 3)) is { } grant:
                return world.TryRegister(World.Finance, grant with { Active = B < 6, EligibleUntil = world.Now + ((B < 4 ? 600 : 5) * World.Minute) });
            case Act.ChangeAccreditation:
                return world.TryRegister(World.Administrator, World.Accredited(A % 2, World.Voucher) with { Active = B < 6 });
            case Act.Wait:
                world.Now += (1 + A) * Math.Clamp(AmountMinor, 1, 400) * 1_000;
                return null;
            default:
                return null;
        }
    }

    private Id Payee() => C < 6 ? World.Person(C) : C == 6 ? World.ShopId(0) : World.OfficeAccount;

    private static Id Program(int choice) => choice % 2 == 0 ? World.Voucher : World.Community;

    internal DisbursementRecord? Disbursement(World world)
    {
        DisbursementRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<DisbursementRecord>()];
        return all.Length == 0 ? null : all[((A * 8) + C) % all.Length];
    }

    private Outcome<Transaction>? Released(World world) => Disbursement(world) is { } d ? world.TryRelease(Name(d), B == 7 ? World.Approver : null) : Nothing;

    private Id? Hold(World world, HoldPurpose? purpose = null)
    {
        HoldRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<HoldRecord>().Where(hold => purpose is null || hold.Purpose == purpose)];
        return all.Length == 0 ? null : all[((A * 8) + C) % all.Length].Id;
    }

    // A disbursement's name says its lines, so that they need not be kept anywhere.
    private DisbursementRecord Draft(World world, int number)
    {
        var program = Program(B);
        var name = $"{number}|{Math.Clamp(AmountMinor, 1, 6_000)}|{A}|{C}";
        Line[][] chunks = B < 4 ? [Lines(name, 0)] : [Lines(name, 0), Lines(name, 1)];
        var total = chunks.Sum(lines => lines.Sum(line => line.AmountMinor));
        LotPart[] grants = program == World.Community ? [new LotPart(World.GrantId(2), total)]
            : total < 4 ? [new LotPart(World.GrantId(0), total)]
            : [new LotPart(World.GrantId(A < 4 ? 0 : World.Foreign), total / 3), new LotPart(World.GrantId(1), total - (total / 3))];
        return World.Draft(
            name, program, A % 3 == 0 ? DeliveryMode.InPerson : DeliveryMode.Bulk, $"2026-{C % 4}", world.Now + ((1 + (C * C)) * World.Minute), grants, chunks)
            .WithPurpose(this);
    }

    internal static string Name(DisbursementRecord disbursement) => Names.GetValueOrDefault(disbursement.Id, "0|200|1|0");

    internal static Line[] LinesOf(DisbursementRecord disbursement, int chunk) => Lines(Name(disbursement), chunk);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Id, string> Names = new();

    /// <summary>The lines of a disbursement's chunk: its name tells amount, number and people.</summary>
    public static Line[] Lines(string name, int chunk)
    {
        Names[World.IdOf(name)] = name;
        var numbers = name.Split('|').Select(long.Parse).ToArray();
        return [.. Enumerable.Range(0, 1 + (int)((numbers[2] + chunk) % 3)).Select(line => World.LineOf((int)((numbers[3] + (2 * line) + chunk) % 7), numbers[1] + line))];
    }
}
