using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Due;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Blocks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>A few silos and a sequencer over one store, with a network that loses and delays, and what goes wrong with them.</summary>
internal sealed class SimCluster
{
    private readonly List<SimSequencer> starting = [];
    private readonly List<SimSequencer> sequencers = [];
    private readonly Dictionary<Id, int> placement = [];
    private readonly SimProcess network;
    private Task<SimSequencer>? activating;
    private int started;

    public SimCluster(SimWorld world, Founding founding, IEnumerable<StoredBlock> blocks)
    {
        (World, Founding) = (world, founding);
        Disk = new SimDisk(world);
        Blocks = new SimBlockStore(world, Disk, blocks);
        Projections = new SimProjectionStore(world, Disk);
        network = new SimProcess(world, "network");
        Clients = new SimProcess(world, "clients");
        Nodes = [.. Enumerable.Range(0, 2).Select(_ => NewNode())];
    }

    public SimWorld World { get; }

    public Founding Founding { get; }

    public SimDisk Disk { get; }

    public SimBlockStore Blocks { get; }

    public SimProjectionStore Projections { get; }

    public SimSideStore Side { get; } = new();

    public SimProcess Clients { get; }

    public SimNode[] Nodes { get; }

    /// <summary>The node that a call for an account or disbursement goes to; now and then another: two activations of one grain.</summary>
    public SimNode NodeOf(Id grain)
    {
        if (!placement.TryGetValue(grain, out var index))
        {
            placement[grain] = index = World.Random.Next(Nodes.Length);
        }

        return Nodes[World.Fault(0.05) ? World.Random.Next(Nodes.Length) : index];
    }

    public SimNode AnyNode() => Nodes[World.Random.Next(Nodes.Length)];

    public Task<T> OnAccountAsync<T>(Id account, Func<AccountDecisions, Task<T>> call)
    {
        var node = NodeOf(account);
        return CallAsync(node.Process, () => call(node.Account(account)));
    }

    public Task<T> OnDisbursementAsync<T>(Id disbursement, Func<DisbursementLife, Task<T>> call)
    {
        var node = NodeOf(disbursement);
        return CallAsync(node.Process, async () => await call(await node.DisbursementAsync(disbursement)));
    }

    public async Task<T> OnSequencerAsync<T>(Func<Sequencer, Task<T>> call)
    {
        var target = await network.Start(RouteAsync);
        return await CallAsync(target.Process, () => call(target.Logic));
    }

    /// <summary>A call over the network: it takes its time, may be lost on the way there or back, and times out.</summary>
    public Task<T> CallAsync<T>(SimProcess to, Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>();
        var (lostThere, lostBack) = (World.Fault(0.01), World.Fault(0.015));
        World.After(network, lostThere || lostBack ? World.Random.Next(50, 30_000) : 30_000, () => result.TrySetException(new SimulatedFault("No answer.")));
        if (!lostThere)
        {
            World.After(network, Latency(), () => _ = DeliverAsync());
        }

        return result.Task;

        async Task DeliverAsync()
        {
            try
            {
                var value = await to.Start(work);
                if (!lostBack)
                {
                    World.After(network, Latency(), () => result.TrySetResult(value));
                }
            }
            catch (Exception fault)
            {
                World.After(network, Latency(), () => result.TrySetException(fault));
            }
        }
    }

    /// <summary>For a while things die: a sequencer, a silo, everything; or a second sequencer starts beside the first. Then faults end.</summary>
    public async Task<bool> ChaosAsync()
    {
        var until = World.Now + 60_000;
        while (World.Now < until)
        {
            await Clients.Delay(World.Random.Next(300, 8_000));
            switch (World.Random.Next(5))
            {
                case 0 when sequencers.Count > 0:
                    sequencers[^1].Process.Kill();
                    break;
                case 1:
                    Restart(World.Random.Next(Nodes.Length));
                    break;
                case 2 when World.Chance(0.4):
                    Crash();
                    break;
                case 3:
                    World.Note("a second sequencer starts");
                    _ = network.Start(ActivateAsync);
                    break;
                default:
                    break;
            }
        }

        World.Faults = false;
        return true;
    }

    /// <summary>Everything dies: what was not durable is gone, projections may be behind; then all starts anew.</summary>
    public void Crash()
    {
        World.Note("everything dies");
        Disk.Tear();
        Array.ForEach(Nodes, node => node.Process.Kill());
        starting.ForEach(sequencer => sequencer.Process.Kill());
        Projections.Tear();
        for (var index = 0; index < Nodes.Length; index++)
        {
            Restart(index);
        }
    }

    public void Restart(int index)
    {
        Nodes[index].Process.Kill();
        foreach (var sequencer in starting.Where(sequencer => sequencer.Host == Nodes[index]))
        {
            sequencer.Process.Kill();
        }

        placement.Clear();
        Nodes[index] = NewNode();
    }

    private SimNode NewNode()
    {
        var node = new SimNode(this, new SimProcess(World, $"silo {started++}") { Skew = World.Random.Next(-200, 200) });
        _ = node.Process.Start(node.StartAsync);
        return node;
    }

    /// <summary>The sequencer that a call goes to; started if there is none.</summary>
    public async Task<SimSequencer> RouteAsync()
    {
        sequencers.RemoveAll(sequencer => sequencer.Process.IsDead || sequencer.Logic.IsStopped);
        if (sequencers.Count > 0)
        {
            return sequencers[sequencers.Count > 1 && World.Chance(0.3) ? World.Random.Next(sequencers.Count) : ^1];
        }

        var mine = activating ??= ActivateAsync();
        try
        {
            return await mine;
        }
        finally
        {
            activating = activating == mine ? null : activating;
        }
    }

    /// <summary>Starts a sequencer on the store, whether or not there is one.</summary>
    public async Task<SimSequencer> ActivateAsync()
    {
        var host = AnyNode();
        var process = new SimProcess(World, $"sequencer {started++}");
        var services = new SequencerServices(
            Blocks, Projections, Founding.Sealer, new SimTime(World, process), World, new SequencerLimits(64, 6, 1 << 20), host.Follower.Offer, () => false,
            async seal =>
            {
                await process.Delay(World.Random.Next(0, 4));
                return seal();
            },
            NullLogger.Instance);
        var logic = new Sequencer(Founding.Identity, services);
        var sequencer = new SimSequencer(process, host, logic);
        starting.Add(sequencer);
        await CallAsync(process, async () =>
        {
            await logic.StartAsync();
            return true;
        });
        sequencers.Add(sequencer);
        return sequencer;
    }

    private long Latency() => World.Fault(0.01) ? World.Random.Next(500, 9_000) : World.Chance(0.8) ? 0 : World.Random.Next(1, 8);

}

/// <summary>A sequencer, and the silo that hosts it.</summary>
internal sealed record SimSequencer(SimProcess Process, SimNode Host, Sequencer Logic);

/// <summary>A silo: the production logic, composed as hosting composes it.</summary>
internal sealed class SimNode : ISequencerGateway, IAskedAccounts, IPoolAccounts, IDueActors
{
    private readonly SimCluster cluster;
    private readonly Dictionary<Id, AccountDecisions> accounts = [];
    private readonly Dictionary<Id, DisbursementLife> disbursements = [];
    private readonly ProjectionWriter writer;
    private readonly DueWork due;
    private readonly TaskCompletionSource up = new();

    public SimNode(SimCluster cluster, SimProcess process)
    {
        (this.cluster, Process) = (cluster, process);
        var (time, tail) = (new SimTime(cluster.World, process), new LedgerTail());
        Follower = new LogFollower(cluster.Blocks, tail);
        Reader = new LedgerReader(cluster.Blocks, cluster.Projections, Follower, new RecordCache(tail, cluster.Projections), this);
        Services = new LedgerServices(cluster.Founding.Identity, Reader, this, this, time, cluster.World, TimeSpan.FromSeconds(20));
        writer = new ProjectionWriter(
            Follower, cluster.Projections, time, new ProjectionLimits(cluster.World.Random.Next(1, 40), cluster.World.Random.Next(0, 40), int.MaxValue), NullLogger<ProjectionWriter>.Instance);
        due = new DueWork(Services, cluster.Projections, this, NullLogger.Instance);
    }

    public SimProcess Process { get; }

    public LogFollower Follower { get; }

    public LedgerReader Reader { get; }

    public LedgerServices Services { get; }

    /// <summary>Accounts that were called here.</summary>
    public IEnumerable<Id> Activated => accounts.Keys;

    public AccountDecisions Account(Id account) =>
        accounts.TryGetValue(account, out var known) ? known : accounts[account] = new AccountDecisions(account, Services);

    public async Task<DisbursementLife> DisbursementAsync(Id disbursement)
    {
        await up.Task;
        if (!disbursements.TryGetValue(disbursement, out var life))
        {
            disbursements[disbursement] = life = new DisbursementLife(disbursement, Services, cluster.Side, this, NullLogger.Instance);
            await life.LoadAsync();
        }

        return life;
    }

    public Task<CommandResult> PutTermsInEffectAsync(Id program) =>
        RunAsync(new Command(null, (scope, view, _) => Domain.Programs.Amendments.PutInEffect(program, scope, view)));

    public Task<CommandResult> RunAsync(Command command) => cluster.CallAsync(Process, async () =>
    {
        await up.Task;
        return (await new CommandRunner(Services).RunAsync(null, command)).Result;
    });

    public Task<CommandResult[]> TogetherAsync(IReadOnlyList<UnitPart> parts) => cluster.CallAsync(Process, async () =>
    {
        await up.Task;
        return await new CommandUnit(Services).RunAsync(parts);
    });

    public async Task<bool> StartAsync()
    {
        await UntilItWorksAsync(async () =>
        {
            Follower.Tail.StartAt(await cluster.Projections.HeightAsync() is { } reached ? reached + 1 : 0);
            await Follower.FollowToHeadAsync();
        });
        up.SetResult();
        _ = writer.RunAsync(CancellationToken.None);
        await UntilItWorksAsync(() => due.ResumeDisbursementsAsync(CancellationToken.None));
        while (true)
        {
            await Process.Delay(1_000);
            await UntilItWorksAsync(() => due.TickAsync(CancellationToken.None));
        }
    }

    public Task<SubmitResult> SubmitAsync(Submission submission)
    {
        var sent = submission.Encoded;
        var copy = new Submission(sent.Open.ToArray(), sent.Closed!.Value.ToArray(), sent.ClosedHash, submission.Leases, submission.Expected, submission.Bulk, submission.Basis);
        return cluster.OnSequencerAsync(sequencer => sequencer.SubmitAsync(copy));
    }

    public Task<SubmitResult[]> SubmitUnitAsync(Submission[] unit)
    {
        Submission[] copies =
        [
            .. unit.Select(one => new Submission(
                one.Encoded.Open.ToArray(), one.Encoded.Closed!.Value.ToArray(), one.Encoded.ClosedHash, one.Leases, one.Expected, one.Bulk, one.Basis)),
        ];
        return cluster.OnSequencerAsync(sequencer => sequencer.SubmitUnitAsync(copies));
    }

    public Task<LeaseGrant> LeaseAsync(Id account) => cluster.OnSequencerAsync(sequencer => sequencer.LeaseAsync(account));

    public Task<DurableHead> HeadAsync() => cluster.OnSequencerAsync(sequencer => sequencer.HeadAsync());

    public Task<AskResult> AskAsync(Id account, byte[] open, byte[] closed, Hash32 closedHash) =>
        cluster.OnAccountAsync(account, decisions => decisions.AskAsync(open, closed, closedHash));

    public Task DropAsync(Lease lease, Hash32 transaction, bool isVoid) => cluster.OnAccountAsync(lease.Account, async decisions =>
    {
        await decisions.DropAsync(lease, transaction, isVoid);
        return true;
    });

    public Task<CommandResult> ReleaseAsync(Id pool, CommandContext context, Id disbursement) =>
        cluster.OnAccountAsync(pool, decisions => decisions.ReleaseAsync(context, disbursement));

    public Task<CommandResult> PayChunkAsync(Id pool, Id disbursement, int index, Line[] lines) =>
        cluster.OnAccountAsync(pool, decisions => decisions.PayChunkAsync(disbursement, index, lines));

    public Task<CommandResult> RecallAsync(Id account, Id disbursement, Id[] lines) =>
        cluster.OnAccountAsync(account, decisions => decisions.RecallAsync(disbursement, lines));

    public Task<CommandResult> DeliverAsync(Id pool, CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) =>
        cluster.OnAccountAsync(pool, decisions => decisions.DeliverAsync(context, delivery, chunk, root, line, proof));

    public Task<CommandResult> CompleteAsync(Id pool, CommandContext? context, Id disbursement) =>
        cluster.OnAccountAsync(pool, decisions => decisions.CompleteAsync(context, disbursement));

    public Task<CommandResult> EndHoldAsync(Id account, Id hold) => cluster.OnAccountAsync(account, decisions => decisions.EndHoldAsync(null, hold));

    public Task<bool> ExpireAsync(Id disbursement) => cluster.OnDisbursementAsync(disbursement, life => life.ExpireAsync());

    public Task ResumeAsync(Id disbursement) => cluster.OnDisbursementAsync(disbursement, async life =>
    {
        await life.ResumeAsync();
        return true;
    });

    private async Task UntilItWorksAsync(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception)
            {
                await Process.Delay(200);
            }
        }
    }
}
