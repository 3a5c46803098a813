using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Tests.Simulation;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>Two silos over one store without faults but those a test asks for; seven beneficiaries have been paid 1,000 each.</summary>
internal sealed class Rig
{
    private const long Limit = 10 * 60 * 1000;
    private int keys;

    private Rig()
    {
        World = new SimWorld(1, 1_790_000_100_000) { Faults = false };
        Cluster = new SimCluster(World, new Founding(), SimulationTests.SetUp.Value);
        Story = new SimStory(Cluster, 1_000);
        Story.GiveKeys();
    }

    public SimWorld World { get; }

    public SimCluster Cluster { get; }

    public SimStory Story { get; }

    /// <summary>Runs a scenario on the simulated scheduler and verifies the chain it leaves.</summary>
    public static async Task RunAsync(Func<Rig, Task> scenario, bool pay = true)
    {
        var rig = new Rig();
        await rig.Story.FillListAsync();
        rig.World.Run(
            rig.Cluster.Clients,
            async () =>
            {
                if (pay)
                {
                    await rig.Story.ReleaseAsync(0, 7, inPerson: false);
                    await rig.UntilAsync(async () => (await rig.BookAsync(0, SimStory.Beneficiary(6))).Entries > 0);
                }

                await scenario(rig);
                return true;
            },
            Limit);
        var report = await Verifier.VerifyAsync(
            rig.Cluster.Blocks.Blocks.Select(block => block.Bytes).ToAsyncEnumerable(),
            new VerificationOptions { ClaimKey = rig.Cluster.Founding.Identity.ClaimKey });
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Cluster.Clients.Delay(50);
        }
    }

    /// <summary>Read as a client does, who asks again where a replaced sequencer answers.</summary>
    public async Task<AccountBook> BookAsync(int node, Id account)
    {
        while (true)
        {
            try
            {
                return await Cluster.Nodes[node].Process.Start(async () => await Cluster.Nodes[node].Reader.BookAsync(account));
            }
            catch (LedgerFault fault) when (fault.Code == RefusalCode.Retry)
            {
                await Cluster.Clients.Delay(50);
            }
        }
    }

    /// <summary>A transfer between two beneficiaries through the payer's account on one silo.</summary>
    public Task<CommandResult> TransferAsync(int node, int payer, int payee, long amountMinor, CommandContext? context = null) =>
        Cluster.Nodes[node].Process.Start(() => Cluster.Nodes[node].Account(SimStory.Beneficiary(payer))
            .TransferAsync(context ?? Context(), SimStory.Program, SimStory.Beneficiary(payee), amountMinor));

    public Task<CommandResult> RedeemAsync(int node, int payer, Id vendor, long amountMinor, CommandContext? context = null) =>
        Cluster.Nodes[node].Process.Start(() => Cluster.Nodes[node].Account(SimStory.Beneficiary(payer))
            .RedeemAsync(context ?? Context(principal: SimStory.Till), new RedemptionRequest(SimStory.Program, SimStory.Beneficiary(payer), vendor, amountMinor, [], default)));

    public CommandContext Context(string? key = null, string content = "content", Id? principal = null) =>
        new(principal ?? SimStory.Registrar, key ?? $"key {keys++}", Hash32.FromSpan(Founding.KeyOf(content)), null);

    public async Task<Sequencer> SequencerAsync() => (await Cluster.RouteAsync()).Logic;

    /// <summary>A transfer as decided by whoever, to be submitted under whatever lease.</summary>
    public Task<Submission> DecidedAsync(int payer, int payee, long amountMinor, params Lease[] leases) => DecidedAsync(
        SimStory.Beneficiary(payer),
        (scope, view) => MemberTransfers.Decide(new TransferCommand(SimStory.Program, SimStory.Beneficiary(payer), SimStory.Beneficiary(payee), amountMinor), scope, view),
        leases);

    public async Task<Submission> DecidedAsync(Id account, Func<DecisionScope, ILedgerView, Outcome<Transaction>> decide, params Lease[] leases)
    {
        var reader = Cluster.Nodes[0].Reader;
        await CurrentAsync(reader);
        while (true)
        {
            var view = new WorkingView(reader.Records, await reader.BooksAsync([account]), new Dictionary<(Id, LotFlow), long>());
            var outcome = decide(Cluster.Nodes[0].Services.Scope(Context()), view);
            if (view.Missing.Count == 0)
            {
                return Submission.Of(outcome.Value!, TransactionCodec.Encode(outcome.Value!), leases, null, false);
            }

            await reader.Records.LoadAsync(view.Missing);
        }
    }

    private async Task CurrentAsync(LedgerReader reader)
    {
        while (true)
        {
            try
            {
                await reader.CurrentAsync();
                return;
            }
            catch (LedgerFault fault) when (fault.Code == RefusalCode.Retry)
            {
                await Cluster.Clients.Delay(50);
            }
        }
    }

    /// <summary>Asserts that a command or submission went through.</summary>
    public static void Done(Refusal? refusal) => Assert.True(refusal is null, $"{refusal?.Code}: {refusal?.Message}");
}
