using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Simulation;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>Lists: paid once each, across restarts, without waking anybody who is only credited.</summary>
public sealed class DisbursementTests
{
    // Red when a chunk's claim is not taken, when lines are not marked unpaid (AccountDecisions.MarkUnpaid, Chunks.Refused), or without DueWork.ResumeDisbursementsAsync.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_list_is_paid_to_its_end_across_a_crash_and_lines_that_cannot_be_are_marked(bool applied) => Rig.RunAsync(
        async rig =>
        {
            // Six lines: one account is closed, one is named twice.
            await rig.Cluster.Side.AddRowsAsync(
                SimStory.List, [.. Enumerable.Range(0, 6).Select(n => new ListRowEntry(
                    n, SimStory.Beneficiary(Math.Min(n, 4)), Founding.IdOf($"household {Math.Min(n, 4)}"), SimStory.LineMinor, 3, "", true))]);
            var node = rig.Cluster.Nodes[0];
            Rig.Done((await node.Process.Start(() => node.Account(SimStory.Beneficiary(2)).SetStatusAsync(rig.Context(), AccountStatus.Closed))).Refusal);
            var inserts = 0;
            rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) && ++inserts > 2
                ? applied ? DiskTrouble.FailsWithEffect : DiskTrouble.Holds
                : null;
            await rig.Story.ReleaseAsync(0, 6, inPerson: false);
            await rig.Cluster.Clients.Delay(100);
            rig.Cluster.Crash();
            rig.Cluster.Disk.Script = null;

            DisbursementStatus(rig, out var status);
            await rig.UntilAsync(async () => (await status())?.State == (int)DisbursementState.Completed);
            var done = (await status())!;
            Assert.Equal((4, 4 * SimStory.LineMinor), (done.PaidLines, done.PaidMinor));
            Assert.Equal([(RefusalCode.AccountClosed, 1L), (RefusalCode.AlreadyAssisted, 1L)], done.Unpaid.Select(line => (line.Key, line.Value)).Order());
            Assert.Equal(SimStory.LineMinor, (await rig.BookAsync(0, SimStory.Beneficiary(4))).Available("KES"));
        },
        pay: false);

    // Red when an activation does not read again what is kept beside the ledger (DisbursementLife.KeptAsync): it would refuse the draft as unknown and pay nothing.
    [Fact]
    public Task An_activation_from_before_the_draft_goes_on_with_it_and_one_from_before_its_validation_too() => Rig.RunAsync(async rig =>
    {
        var id = Founding.IdOf("drafted elsewhere");
        var draft = new DisbursementDraft(
            SimStory.Program, SimStory.List, 5, 5, false, [new GrantShare(SimStory.Grant, 5 * SimStory.LineMinor)], "2026-11", "food", long.MaxValue);
        Assert.Null(await OnAsync(1, life => life.StatusAsync()));
        Rig.Done((await OnAsync(0, life => life.DraftAsync(rig.Context("draft", principal: SimStory.Registrar), draft))).Refusal);
        Assert.Equal((int)DisbursementState.Draft, (await OnAsync(1, life => life.StatusAsync()))?.State);
        var validated = await OnAsync(1, life => life.ValidateAsync(rig.Context("validation", principal: SimStory.Registrar), Grains.Commands.ControlTotals.None));
        Rig.Done(validated.Refusal);
        Assert.Equal((int)DisbursementState.Validated, validated.Status!.State);
        var approval = await OnAsync(0, life => life.ApproveAsync(rig.Context("approval", principal: SimStory.Approver)));
        Assert.Equal(RefusalCode.SignatureRequired, approval.Refusal?.Code);

        Task<T> OnAsync<T>(int node, Func<Disbursements.DisbursementLife, Task<T>> call) =>
            rig.Cluster.Nodes[node].Process.Start(async () => await call(await rig.Cluster.Nodes[node].DisbursementAsync(id)));
    });

    // Red without the household's claim (OneAssistancePerHousehold): the second list would pay them again.
    [Fact]
    public Task A_household_that_was_assisted_in_the_period_is_marked_unpaid_in_a_second_list() => Rig.RunAsync(async rig =>
    {
        var id = await rig.Story.ReleaseAsync(5, 5, inPerson: false);
        var node = rig.Cluster.Nodes[0];
        await rig.UntilAsync(async () => (await (await node.DisbursementAsync(id!.Value)).StatusAsync())?.State == (int)DisbursementState.Completed);
        var status = (await (await node.DisbursementAsync(id!.Value)).StatusAsync())!;
        Assert.Equal((3, 2L), (status.PaidLines, status.Unpaid[RefusalCode.AlreadyAssisted]));
    });

    // Red when crediting calls an account (CommandRunner.MustBeAsked).
    [Fact]
    public Task Beneficiaries_who_are_only_credited_are_not_activated() => Rig.RunAsync(rig =>
    {
        var beneficiaries = Enumerable.Range(0, SimStory.Beneficiaries).Select(SimStory.Beneficiary);
        Assert.Empty(rig.Cluster.Nodes.SelectMany(node => node.Activated).Intersect(beneficiaries));
        Assert.Contains(SimStory.Pool, rig.Cluster.Nodes.SelectMany(node => node.Activated));
        return Task.CompletedTask;
    });

    // Red when the day's allowance is not a balance that each delivery debits (FieldDeliveries.Allowance, Limits.CheckAllowance).
    [Fact]
    public Task A_device_delivers_no_more_a_day_than_its_allowance_however_many_at_once() => Rig.RunAsync(
        async rig =>
        {
            var id = (await rig.Story.ReleaseAsync(0, 8, inPerson: true))!.Value;
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => rig.Story.DeliverAsync(id, n)));
            Assert.Equal(3, results.Count(result => result.Refusal is null));
            Assert.All(results.Where(result => result.Refusal is not null), result => Assert.Equal(RefusalCode.AgentLimitExceeded, result.Refusal!.Code));
        },
        pay: false);

    // Red without Payments.NotExpired: an expired lot is unspendable at once, its return may follow.
    [Fact]
    public Task An_expired_voucher_cannot_be_redeemed_before_it_is_swept() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) || what.StartsWith("due", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        await rig.Cluster.Clients.Delay(121_000);
        var redeemed = await rig.RedeemAsync(0, 0, SimStory.Vendor, 10);
        rig.Cluster.Disk.Release();
        Assert.Equal(RefusalCode.VoucherExpired, redeemed.Refusal?.Code);
    });

    // Red when a sweep takes no leases over its holders (DisbursementLife.SweepAsync): the old lease could still spend what went back.
    [Fact]
    public Task A_sweep_voids_the_leases_of_its_holders() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 10, lease);
        var late = Sequencing.Submission.Of(
            decided.Transaction with { ValidUntil = long.MaxValue }, Chain.Canonical.TransactionCodec.Encode(decided.Transaction with { ValidUntil = long.MaxValue }), [lease], null, false);
        await rig.Cluster.Clients.Delay(130_000);
        await rig.UntilAsync(async () => (await rig.BookAsync(0, SimStory.Beneficiary(0))).IsEmpty);
        Assert.Equal(RefusalCode.LeaseVoid, (await sequencer.SubmitAsync(late)).Refusal?.Code);
        Assert.Equal(7_000, (await rig.BookAsync(0, Founding.IdOf("queue"))).Available("KES"));
    });

    // Red when a sweep that lost its leases is taken for done (DueWork.TickAsync): the vouchers would never go back.
    [Fact]
    public Task A_sweep_that_loses_its_leases_is_tried_again() => Rig.RunAsync(async rig =>
    {
        await rig.Cluster.Clients.Delay(118_000);
        while ((await rig.BookAsync(0, Founding.IdOf("queue"))).IsEmpty)
        {
            await (await rig.SequencerAsync()).LeaseAsync(SimStory.Beneficiary(rig.World.Random.Next(7)));
            await rig.Cluster.Clients.Delay(1);
        }

        await rig.UntilAsync(async () => (await rig.BookAsync(0, SimStory.Beneficiary(6))).IsEmpty);
        Assert.Equal(7_000, (await rig.BookAsync(0, Founding.IdOf("queue"))).Available("KES"));
    });

    private static void DisbursementStatus(Rig rig, out Func<Task<Grains.Commands.DisbursementStatus?>> status) => status = async () =>
    {
        var node = rig.Cluster.Nodes[0];
        return await node.Process.Start(async () => await (await node.DisbursementAsync(Founding.IdOf("draft 0"))).StatusAsync());
    };
}
