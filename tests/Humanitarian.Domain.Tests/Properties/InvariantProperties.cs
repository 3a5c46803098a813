using CsCheck;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Random lives of a ledger through the production decisions, against the model. CsCheck prints the seed of a failure.</summary>
public sealed class InvariantProperties
{
    private static readonly Gen<Step[]> Life = Step.Any.Array[20, 70];

    [Fact]
    public void Every_invariant_holds_after_every_step() => Life.Sample(Live, iter: 2_000);

    [Fact]
    public void A_replay_agrees_with_every_rule_again() => Life.Sample(
        steps =>
        {
            var world = Run(steps);
            var replay = new LedgerState();
            foreach (var transaction in world.Log)
            {
                Assert.Null(replay.Check(transaction, World.Key));
                replay.Apply(transaction);
            }

            Assert.Equal(Balances(world.State), Balances(replay));
            Assert.Equal(world.State.Flows.OrderBy(flow => flow.Key), replay.Flows.OrderBy(flow => flow.Key));
        },
        iter: 300);

    [Fact]
    public void What_was_decided_earlier_is_ordered_soundly_or_refused() => Life.Sample(
        steps =>
        {
            var world = Warm();
            var before = new Dictionary<(Id, string), Int128>();
            var waiting = new Queue<Transaction>();
            for (var number = 0; number < steps.Length; number++)
            {
                if (steps[number].Decide(world, number) is { Value: { } decided })
                {
                    waiting.Enqueue(decided);
                }

                if (waiting.Count > 3)
                {
                    var late = waiting.Dequeue();
                    if (late.ValidUntil >= world.Now && world.State.Check(late, World.Key) is null)
                    {
                        world.Order(late);
                        before = Judge(world, Model.Of(world.Log), before);
                    }
                }
            }
        },
        iter: 1_000);

    [Fact]
    public void Random_lives_reach_every_kind_of_transaction()
    {
        var reached = new HashSet<TransactionKind>();
        // The first three concern no program; the last would end all that goes on in one, and is walked by ProgramClosureTests.
        var all = Enum.GetValues<TransactionKind>().Except(
        [
            TransactionKind.KeyChange, TransactionKind.Redaction, TransactionKind.AuditAnchor, TransactionKind.ProgramClosure,
        ]).ToHashSet();
        var gate = new Lock();
        Life.Sample(
            steps =>
            {
                // The rarest decide how many lives it takes; there is no need for more.
                lock (gate)
                {
                    if (reached.IsSupersetOf(all))
                    {
                        return;
                    }
                }

                var kinds = Run(steps).Log.Select(transaction => transaction.Kind).ToHashSet();
                lock (gate)
                {
                    reached.UnionWith(kinds);
                }
            },
            iter: 20_000);
        Assert.Empty(all.Except(reached));
    }

    private static void Live(Step[] steps)
    {
        var world = Warm();
        var model = Model.Of(world.Log);
        var before = Judge(world, model, []);
        for (var number = 0; number < steps.Length; number++)
        {
            var expected = Expectations.Of(steps[number], model, world.Now);
            var outcome = steps[number].Decide(world, number);
            if (outcome is { Value: { } transaction })
            {
                Assert.True(expected != false, $"accepted against the model: {steps[number]}");
                model = Accept(world, transaction) ?? model;
                before = Judge(world, model, before);
            }
            else if (outcome is not null)
            {
                Assert.True(expected != true, $"{outcome.Value.Refusal!.Code} against the model: {steps[number]}");
                // Lines that are not the list's are the one thing a caller can get wrong that no honest caller does.
                Assert.True(outcome.Value.Refusal.Code != RefusalCode.Tampered || steps[number].Act is Act.Pay or Act.Deliver, $"{outcome.Value.Refusal.Message} {steps[number]}");
                InvariantChecks.Same(world, model);
            }
        }
    }

    // Claims are the sequencer's to know; nothing else may stand in the way of what was decided on this very state.
    private static Model? Accept(World world, Transaction transaction)
    {
        if (world.State.Check(transaction, World.Key) is { } refusal)
        {
            Assert.Equal(RefusalCode.ClaimTaken, refusal.Code);
            return null;
        }

        world.Log.Add(transaction);
        var numbers = world.State.Apply(transaction);
        var model = Model.Of(world.Log);
        Assert.Equal(model.LastEntries, numbers);
        Assert.Equal(RefusalCode.ClaimTaken, Repeated(world, transaction)?.Code);
        return model;
    }

    // Under a command's key nothing happens twice; without one, other claims or versions stand in the way.
    private static Refusal? Repeated(World world, Transaction transaction) =>
        transaction.Command is null ? new Refusal(RefusalCode.ClaimTaken, "") : world.State.Check(transaction with { Reads = [], Writes = [] }, World.Key);

    private static Dictionary<(Id, string), Int128> Judge(World world, Model model, Dictionary<(Id, string), Int128> before)
    {
        var parts = InvariantChecks.PartsOf(model);
        InvariantChecks.Hold(world, model, before, parts);
        return parts;
    }

    /// <summary>A ledger on which people have something to spend, so that short lives go far.</summary>
    internal static World Warm()
    {
        var world = new World().WithCash().WithLocal();
        Lengthen(world);
        RefundSteps.Allow(world);
        LocalSteps.Warm(world);
        world.Disburse("0|200|1|0", "2026-0", 200, 201, 202);
        RefundSteps.Warm(world);
        world.Order(world.TryReceive(1, 700, "first of the second grant"));
        world.Order(world.TryReceive(2, 900, "first of the community's grant"));
        world.Order(world.TryReceive(World.Foreign, 800, "dollars"));
        world.Order(Conversions.Decide(
            new ConvertCommand(World.GrantId(World.Foreign), 500, 450, "0.92", world.Now / (24 * 60 * World.Minute), World.HashOf("bank")),
            World.IdOf("converted dollars"), world.Scope(World.Finance), world.State));
        world.Order(world.TryEnrol(World.Community, "community's list", [.. Enumerable.Range(0, World.People)]));
        Line[] lines = [.. Enumerable.Range(0, 4).Select(person => World.LineOf(person, 100))];
        world.Order(world.TryApprove(World.Draft(
            "community", World.Community, DeliveryMode.Bulk, "2026-0", world.Now + (40 * World.Minute), [new LotPart(World.GrantId(2), 400)], lines)));
        world.Order(world.TryRelease("community"));
        world.Order(world.TryPay("community", 0, lines));
        var inPerson = Step.Lines("1|50|2|0", 0);
        world.Order(world.TryEnrol(World.Voucher, "people served in person", [.. Enumerable.Range(0, World.People)]));
        world.Order(world.TryApprove(World.Draft(
            "1|50|2|0", World.Voucher, DeliveryMode.InPerson, "2026-9", world.Now + (50 * World.Minute),
            [new LotPart(World.GrantId(1), inPerson.Sum(line => line.AmountMinor))], inPerson)));
        world.Order(world.TryRelease("1|50|2|0"));
        return world;
    }

    // Days pass in a life, so the grants' dates leave room for them.
    private static void Lengthen(World world)
    {
        foreach (var grant in world.State.Records.Select(entry => entry.Record).OfType<GrantRecord>().ToArray())
        {
            world.Register(World.Finance, grant with { EligibleUntil = World.Start + (100_000 * World.Minute) });
        }
    }

    internal static World Run(Step[] steps)
    {
        var world = Warm();
        for (var number = 0; number < steps.Length; number++)
        {
            if (steps[number].Decide(world, number) is { Value: { } transaction } && world.State.Check(transaction, World.Key) is null)
            {
                world.Order(transaction);
            }
        }

        return world;
    }

    private static (Id, string, Id, long, long)[] Balances(LedgerState state) =>
        [.. state.Books.SelectMany(book => book.Value.Balances(book.Key)).Select(b => (b.Account, b.Unit, b.Lot, b.AvailableMinor, b.HeldMinor)).Order()];
}
