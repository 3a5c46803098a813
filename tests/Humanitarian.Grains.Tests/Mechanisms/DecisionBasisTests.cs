using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Tests.Simulation;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>What a silo has read for a decision, the sequencer does not read again: what was written since, it knows itself.</summary>
public sealed class DecisionBasisTests
{
    // Red when SequencerState.VersionOf asks the basis before its memory.
    [Fact]
    public Task A_record_that_was_written_since_the_silo_read_it_is_STALE() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var decided = With(await rig.DecidedAsync(0, 1, 10, (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease), Height(rig));
        await DismissAsync(rig);
        Assert.Equal(RefusalCode.Stale, (await sequencer.SubmitAsync(decided)).Refusal?.Code);
    });

    // Red when SequencerState.BasisOf believes a basis of any height: what was written before it began is in the store alone.
    [Fact]
    public Task What_was_read_before_the_sequencer_began_is_looked_up() => Rig.RunAsync(async rig =>
    {
        var decided = With(await rig.DecidedAsync(0, 1, 10), Height(rig));
        var state = new SequencerState(rig.Cluster.Projections);
        state.StartAt(await ProjectedAsync(rig, await DismissAsync(rig)) + 1);
        await state.LoadAsync([decided], [], CancellationToken.None);
        Assert.Equal(RefusalCode.Stale, state.Refuse(decided, Id.None, decided.Transaction.DecidedAt)?.Refusal?.Code);
    });

    // Red when SequencerState.Trim leaves what it believes as it was.
    [Fact]
    public Task What_was_read_before_the_sequencer_forgot_is_looked_up() => Rig.RunAsync(async rig =>
    {
        var decided = With(await rig.DecidedAsync(0, 1, 10), Height(rig));
        var state = new SequencerState(rig.Cluster.Projections);
        state.Trim(await ProjectedAsync(rig, await DismissAsync(rig)));
        await state.LoadAsync([decided], [], CancellationToken.None);
        Assert.Equal(RefusalCode.Stale, state.Refuse(decided, Id.None, decided.Transaction.DecidedAt)?.Refusal?.Code);
    });

    // Red when SequencerState.NoteMissing takes a seen account though it has a newer one.
    [Fact]
    public Task An_account_that_was_closed_since_the_silo_read_it_is_not_credited() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var open = new SeenAccount(SimStory.Beneficiary(9), (await rig.BookAsync(0, SimStory.Beneficiary(9))).Entries, true, false, false);
        var plain = await rig.DecidedAsync(0, 9, 10, lease);
        var decided = With(plain, Height(rig), open);
        var node = rig.Cluster.Nodes[0];
        Rig.Done((await node.Process.Start(() => node.Account(SimStory.Beneficiary(9)).SetStatusAsync(rig.Context(), AccountStatus.Closed))).Refusal);
        Assert.Contains((await sequencer.SubmitAsync(decided)).Refusal?.Code, (string[])[RefusalCode.Stale, RefusalCode.AccountClosed]);
    });

    // Red when SequencerState.NoteMissing takes a seen account though it has a newer one: an entry's number would come twice.
    [Fact]
    public Task Entries_go_on_from_the_newest_whatever_the_silo_read() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var before = (await rig.BookAsync(0, SimStory.Beneficiary(1))).Entries;
        var old = new SeenAccount(SimStory.Beneficiary(1), before, true, false, false);
        var (first, second) = (With(await rig.DecidedAsync(0, 1, 10, lease), Height(rig), old), With(await rig.DecidedAsync(0, 1, 10, lease), Height(rig), old));
        Rig.Done((await sequencer.SubmitAsync(first)).Refusal);
        Rig.Done((await sequencer.SubmitAsync(second)).Refusal);
        Assert.Equal(before + 2, (await rig.BookAsync(0, SimStory.Beneficiary(1))).Entries);
    });

    // Red when WorkingView.SawBefore says yes to what it did not look at: what is written would replace what nobody saw.
    [Fact]
    public Task A_decision_that_did_not_look_at_what_it_writes_on_has_no_basis() => Rig.RunAsync(async rig =>
    {
        var reader = rig.Cluster.Nodes[0].Reader;
        var member = (await reader.FindAsync<MemberRecord>(RecordKind.Member, SimStory.Registrar)).Record!;
        var view = new WorkingView(reader.Records, new Dictionary<Id, AccountBook>(), new Dictionary<(Id, LotFlow), long>());
        RecordWrite[] writes = [new RecordWrite(2, member)];
        Assert.False(view.SawBefore(writes));
        view.Find<MemberRecord>(RecordKind.Member, member.Id);
        Assert.True(view.SawBefore(writes));
    });

    private static Submission With(Submission decided, ulong height, params SeenAccount[] accounts) =>
        Submission.Of(decided.Transaction, decided.Encoded, decided.Leases, decided.Expected, decided.Bulk, new DecisionBasis(height, accounts));

    private static ulong Height(Rig rig) => rig.Cluster.Nodes[0].Reader.Records.NextHeight;

    /// <summary>Changes a record that transfers read; answers the height at which.</summary>
    private static async Task<ulong> DismissAsync(Rig rig)
    {
        var changed = await rig.Story.RegisterAsync(SimStory.Admin, rig.Story.Member(SimStory.Registrar, SimStory.Ngo, Roles.Registrar) with { Active = false });
        Rig.Done(changed.Refusal);
        return changed.Height;
    }

    private static async Task<ulong> ProjectedAsync(Rig rig, ulong height)
    {
        await rig.UntilAsync(async () => await rig.Cluster.Projections.HeightAsync() >= height);
        return (await rig.Cluster.Projections.HeightAsync())!.Value;
    }
}
