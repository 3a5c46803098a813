using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Tests.Simulation;
using Record = Humanitarian.Domain.Record;
using Microsoft.Extensions.Logging.Abstractions;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>What the sequencer alone guards: leases, epochs, the one insert, claims, validity and versions.</summary>
public sealed class SequencerTests
{
    // Red without SequencerState.LeaseRefusal.
    [Fact]
    public Task A_void_lease_cannot_spend() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var old = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 900, old);
        var newer = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;

        Assert.Equal(RefusalCode.LeaseVoid, (await sequencer.SubmitAsync(decided)).Refusal?.Code);
        Assert.Equal(RefusalCode.LeaseVoid, (await sequencer.SubmitAsync(await rig.DecidedAsync(0, 1, 900))).Refusal?.Code);
        Rig.Done((await sequencer.SubmitAsync(await rig.DecidedAsync(0, 1, 900, newer))).Refusal);
    });

    // Red when AnswerAsync hands a lease out without awaiting the commit of what was ordered before.
    [Fact]
    public Task A_lease_is_handed_over_only_when_the_last_transaction_under_the_older_one_is_durable() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var old = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var before = await rig.BookAsync(0, SimStory.Beneficiary(0));
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var spending = sequencer.SubmitAsync(await rig.DecidedAsync(0, 1, 900, old));
        await rig.Cluster.Clients.Delay(1_000);
        var asked = sequencer.LeaseAsync(SimStory.Beneficiary(0));
        await rig.Cluster.Clients.Delay(5_000);
        Assert.False(spending.IsCompleted || asked.IsCompleted);
        Assert.Equal(RefusalCode.InsufficientFunds, await WithLateSecondAsync(rig, asked));

        var (spent, grant) = (await spending, await asked);
        Rig.Done(spent.Refusal);
        Assert.Equal((before.Entries + 1, true), (grant.Entries, grant.Height >= spent.Height));
    });

    // Red when OrderUnit orders those that it does not refuse.
    [Fact]
    public Task A_unit_is_ordered_whole_in_one_block_or_not_at_all() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var (first, old) = ((await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease, (await sequencer.LeaseAsync(SimStory.Beneficiary(1))).Lease);
        var second = (await sequencer.LeaseAsync(SimStory.Beneficiary(1))).Lease;
        var height = (await sequencer.HeadAsync()).Height;
        var good = await rig.DecidedAsync(0, 2, 100, first);
        var refused = await sequencer.SubmitUnitAsync([good, await rig.DecidedAsync(1, 2, 100, old)]);
        Assert.Equal([RefusalCode.NotDone, RefusalCode.LeaseVoid], refused.Select(one => one.Refusal?.Code));
        Assert.Equal(height, (await sequencer.HeadAsync()).Height);

        // The same twice takes its own claim.
        Assert.Equal([RefusalCode.NotDone, RefusalCode.UnitConflict], (await sequencer.SubmitUnitAsync([good, good])).Select(one => one.Refusal?.Code));
        var done = await sequencer.SubmitUnitAsync([good, await rig.DecidedAsync(1, 2, 100, second)]);
        Assert.All(done, one => Rig.Done(one.Refusal));
        Assert.Equal((done[0].Height, done[0].Position + 1), (done[1].Height, done[1].Position));
    });

    // Red when NoteUnsure believes a filter of earlier claims that is not filled yet; filled, when FillFilterAsync leaves claims out.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_claim_taken_before_the_start_is_refused_whether_or_not_the_filter_of_claims_is_filled(bool filled) => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var decided = await rig.DecidedAsync(0, 1, 100, (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease);
        var done = await sequencer.SubmitAsync(decided);
        Rig.Done(done.Refusal);
        await rig.UntilAsync(async () => await rig.Cluster.Projections.HeightAsync() >= done.Height);
        var started = new SequencerState(rig.Cluster.Projections);
        if (filled)
        {
            await started.FillFilterAsync(TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        }

        await started.LoadAsync([decided], [], CancellationToken.None);
        Assert.Equal(RefusalCode.ClaimTaken, started.Refuse(decided, sequencer.Epoch, decided.Transaction.DecidedAt)?.Refusal?.Code);
    });

    // Red without the epoch in SequencerState.LeaseRefusal.
    [Fact]
    public Task A_lease_of_another_epoch_cannot_spend() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var foreign = lease with { Epoch = Support.Founding.IdOf("another epoch") };
        Assert.Equal(RefusalCode.LeaseVoid, (await sequencer.SubmitAsync(await rig.DecidedAsync(0, 1, 10, foreign))).Refusal?.Code);
    });

    // Red when only the leases of debited accounts are checked: two activations of a limited account would both fill it.
    [Fact]
    public Task A_void_lease_of_an_account_with_a_holding_limit_cannot_receive() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var payer = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var old = (await sequencer.LeaseAsync(SimStory.SmallVendor)).Lease;
        await sequencer.LeaseAsync(SimStory.SmallVendor);
        var redeem = new RedeemCommand(SimStory.Program, SimStory.Beneficiary(0), SimStory.SmallVendor, 100, [], default);
        var decided = await rig.DecidedAsync(
            SimStory.Beneficiary(0), (scope, view) => VoucherRedemptions.Decide(redeem, scope with { Principal = SimStory.Till }, view), payer, old);
        Assert.Equal(RefusalCode.LeaseVoid, (await sequencer.SubmitAsync(decided)).Refusal?.Code);
    });

    // Red without the conditional insert, or when Conflict does not stop the sequencer; the head without its confirmation by the store.
    [Fact]
    public Task Of_two_sequencers_on_one_store_the_loser_stops_with_RETRY_and_answers_no_reads() => Rig.RunAsync(async rig =>
    {
        var loser = await rig.SequencerAsync();
        var lease = (await loser.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 10, lease);
        var winner = (await rig.Cluster.ActivateAsync()).Logic;

        Assert.Equal(RefusalCode.Retry, (await Assert.ThrowsAsync<LedgerFault>(loser.HeadAsync)).Code);
        Assert.Equal(RefusalCode.Retry, (await loser.SubmitAsync(decided)).Refusal?.Code);
        Assert.True(loser.IsStopped);
        var newer = (await winner.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        Rig.Done((await winner.SubmitAsync(await rig.DecidedAsync(0, 1, 10, newer))).Refusal);
    });

    // Red without StoreClock.RequireAsync in the loop, and when StoreClock compares only at the moment of its answer.
    [Theory]
    [InlineData(1_500, true)]
    [InlineData(-1_500, true)]
    [InlineData(2_500, false)]
    [InlineData(-2_500, false)]
    public Task A_sequencer_whose_clock_is_set_away_from_the_stores_orders_nothing(long skew, bool orders) => Rig.RunAsync(async rig =>
    {
        var sequencer = await WithStoreClockAsync(rig);
        var lease = (await sequencer.Logic.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 10, lease);
        var blocks = rig.Cluster.Blocks.Blocks.Count;
        sequencer.Process.Skew = skew;

        var result = await sequencer.Process.Start(() => sequencer.Logic.SubmitAsync(decided));
        Assert.Equal(orders ? null : RefusalCode.Retry, result.Refusal?.Code);
        Assert.Equal((orders ? blocks + 1 : blocks, !orders), (rig.Cluster.Blocks.Blocks.Count, sequencer.Logic.IsStopped));
    });

    // Red without StoreClock.RequireAsync in HeadAsync.
    [Fact]
    public Task A_sequencer_whose_clock_is_set_away_from_the_stores_promises_no_time() => Rig.RunAsync(async rig =>
    {
        var sequencer = await WithStoreClockAsync(rig);
        await sequencer.Process.Start(sequencer.Logic.HeadAsync);
        sequencer.Process.Skew = 2_500;
        Assert.Equal(RefusalCode.ClockSkew, (await Assert.ThrowsAsync<LedgerFault>(() => sequencer.Process.Start(sequencer.Logic.HeadAsync))).Code);
    });

    // Red when SequencerState.LoadAsync leaves out the accounts whose record is written: their numbers would begin anew.
    [Fact]
    public Task A_changed_account_goes_on_from_its_last_entry_under_a_new_sequencer() => Rig.RunAsync(async rig =>
    {
        var account = SimStory.Beneficiary(0);
        var before = (await rig.BookAsync(0, account)).Entries;
        await rig.UntilAsync(async () => await rig.Cluster.Projections.HeightAsync() >= (ulong)(rig.Cluster.Blocks.Blocks.Count - 1));
        var sequencer = (await rig.Cluster.ActivateAsync()).Logic;
        Rig.Done((await sequencer.SubmitAsync(await rig.DecidedAsync(account, (scope, view) => view.Account(account) is { } record
            ? Registry.Decide([record with { Tags = ["seen"] }], [], scope, view)
            : new Refusal(RefusalCode.AccountUnknown, "Not loaded yet.")))).Refusal);
        var lease = (await sequencer.LeaseAsync(account)).Lease;
        Rig.Done((await sequencer.SubmitAsync(await rig.DecidedAsync(0, 1, 10, lease))).Refusal);
        Assert.Equal(before + 1, (await rig.BookAsync(0, account)).Entries);
    });

    // Red when whoever pays does not tell the account it asked that its lease is void (CommandRunner.DropAsync): asked again, it would
    // lend the same void lease for ever.
    [Fact]
    public Task An_account_that_is_only_asked_takes_a_new_lease_under_a_new_sequencer() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await rig.RedeemAsync(0, 1, SimStory.SmallVendor, 10)).Refusal);
        (await rig.Cluster.RouteAsync()).Process.Kill();
        Rig.Done((await rig.RedeemAsync(0, 2, SimStory.SmallVendor, 10)).Refusal);
    });

    // Red when what the loser had in its queue is not failed: its callers would wait for ever.
    [Fact]
    public Task Whoever_waits_at_the_loser_is_told_to_RETRY() => Rig.RunAsync(async rig =>
    {
        var loser = await rig.SequencerAsync();
        await rig.Cluster.ActivateAsync();
        var waiting = Enumerable.Range(0, 30).Select(async _ => await loser.SubmitAsync(await rig.DecidedAsync(0, 1, 10, new Lease(SimStory.Beneficiary(0), loser.Epoch, 1)))).ToArray();
        var leases = Enumerable.Range(0, 5).Select(n => loser.LeaseAsync(SimStory.Beneficiary(n))).ToArray();
        Assert.All(await Task.WhenAll(waiting), result => Assert.Contains(result.Refusal?.Code, (string[])[RefusalCode.Retry, RefusalCode.LeaseVoid]));
        Assert.Equal(5, (await Task.WhenAll(leases)).Length);
    });

    // Red without the repetition in Sequencer.CommitAsync.
    [Fact]
    public Task An_insert_whose_outcome_is_unknown_is_repeated_until_its_height_decides() => Rig.RunAsync(async rig =>
    {
        var failures = 3;
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) && failures-- > 0 ? DiskTrouble.FailsWithEffect : null;
        var height = rig.Cluster.Blocks.Blocks.Count;
        Rig.Done((await rig.TransferAsync(0, 0, 1, 100)).Refusal);
        Assert.Equal(height + 1, rig.Cluster.Blocks.Blocks.Count);
    });

    // Red without the ValidUntil check of SequencerState.Refuse.
    [Fact]
    public Task A_decision_is_never_ordered_after_its_validity() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 10, lease);
        await rig.Cluster.Clients.Delay(20_001);
        Assert.Equal(RefusalCode.ValidityPassed, (await sequencer.SubmitAsync(decided)).Refusal?.Code);
    });

    // Red when the block takes its time after its transactions were judged: the chain would not verify.
    [Fact]
    public Task A_block_bears_the_time_by_which_its_transactions_were_judged() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        for (var left = 0; left < 4; left++)
        {
            var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
            var decided = await rig.DecidedAsync(0, 1, 10, lease);
            await rig.Cluster.Clients.Delay(decided.Transaction.ValidUntil - rig.World.Now - left);
            await sequencer.SubmitAsync(decided);
        }
    });

    // Red without Checks.Versions in SequencerState.Refuse.
    [Theory]
    [InlineData("member")]
    [InlineData("organisation")]
    [InlineData("program")]
    public Task A_decision_on_an_older_record_is_STALE(string kind) => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = await rig.DecidedAsync(0, 1, 10, lease);
        var reader = rig.Cluster.Nodes[0].Reader;
        var program = (await reader.FindAsync<Domain.Programs.ProgramRecord>(RecordKind.Program, SimStory.Program)).Record!;
        var organisation = (await reader.FindAsync<OrganisationRecord>(RecordKind.Organisation, SimStory.Ngo)).Record!;
        Record changed = kind switch
        {
            "member" => rig.Story.Member(SimStory.Registrar, SimStory.Ngo, Roles.Registrar) with { Active = false },
            "organisation" => organisation with { Active = false },
            _ => program with { Amendment = new Domain.Programs.TermsAmendment(program.Terms.Replace("120", "240", StringComparison.Ordinal), 0, 0, SimStory.Admin, Id.None) },
        };
        Rig.Done((await rig.Story.RegisterAsync(kind == "organisation" ? rig.Cluster.Founding.Administrator : SimStory.Admin, changed)).Refusal);
        Assert.Equal(RefusalCode.Stale, (await sequencer.SubmitAsync(decided)).Refusal?.Code);
    });

    // Red without SequencerState.AccountRefusal.
    [Fact]
    public Task A_credit_to_a_closed_account_is_refused_whatever_the_payer_knew() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var chunk = await rig.DecidedAsync(0, 9, 10, lease);
        var node = rig.Cluster.Nodes[0];
        Rig.Done((await node.Process.Start(() => node.Account(SimStory.Beneficiary(9)).SetStatusAsync(rig.Context(), AccountStatus.Closed))).Refusal);
        Assert.Contains((await sequencer.SubmitAsync(chunk)).Refusal?.Code, (string[])[RefusalCode.Stale, RefusalCode.AccountClosed]);
    });

    // Red without the bound of the sequencer's queues.
    [Fact]
    public Task A_full_queue_answers_BUSY_and_takes_nothing_in() => Rig.RunAsync(async rig =>
    {
        var sequencer = await rig.SequencerAsync();
        var lease = (await sequencer.LeaseAsync(SimStory.Beneficiary(0))).Lease;
        var decided = new List<Submission>();
        for (var number = 0; number < 100; number++)
        {
            decided.Add(await rig.DecidedAsync(0, 1, 1, lease));
        }

        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var answers = decided.Select(sequencer.SubmitAsync).ToArray();
        await rig.Cluster.Clients.Delay(1_000);
        var busy = answers.Count(answer => answer.IsCompleted);
        rig.Cluster.Disk.Release();
        var codes = (await Task.WhenAll(answers)).Select(answer => answer.Refusal?.Code).ToArray();
        Assert.Equal((true, busy), (busy > 0, codes.Count(code => code == RefusalCode.Busy)));
        Assert.Equal(100 - busy, codes.Count(code => code is null));
    });

    // Red when the leaf binds no position: the block's root must fix the order of its transactions and their entry numbers.
    [Fact]
    public async Task The_root_binds_the_order_of_transactions()
    {
        ReadOnlyMemory<byte>[] chain = [];
        await Rig.RunAsync(async rig =>
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(n => rig.TransferAsync(0, n, 6, 10)));
            rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
            var together = Enumerable.Range(0, 6).Select(n => rig.TransferAsync(0, n, 6, 10)).ToArray();
            await rig.Cluster.Clients.Delay(1_000);
            rig.Cluster.Disk.Release();
            await Task.WhenAll(together);
            chain = [.. rig.Cluster.Blocks.Blocks.Select(stored => stored.Bytes)];
        });

        // Outside the simulation, whose scheduler does not wait for the threads on which a verifier reads ahead.
        var index = Array.FindIndex(chain, bytes => BlockCodec.Decode(bytes.Span).Transactions.Count > 1);
        var block = BlockCodec.Decode(chain[index].Span);
        chain[index] = BlockCodec.Encode(block with { Transactions = [block.Transactions[1], block.Transactions[0], .. block.Transactions.Skip(2)] });
        var report = await Verifier.VerifyAsync(chain.ToAsyncEnumerable(), new VerificationOptions());
        Assert.Equal((false, (ulong)index), (report.Ok, report.Failure!.Height));
    }

    /// <summary>A sequencer on a store that has a clock; the one before has stopped.</summary>
    private static async Task<SimSequencer> WithStoreClockAsync(Rig rig)
    {
        var old = await rig.Cluster.RouteAsync();
        rig.Cluster.Blocks.Clock = () => DateTimeOffset.FromUnixTimeMilliseconds(rig.World.Now);
        var sequencer = await rig.Cluster.ActivateAsync();
        await Assert.ThrowsAsync<LedgerFault>(() => old.Process.Start(old.Logic.HeadAsync));
        return sequencer;
    }

    // The second activation may decide only on the state after what was being committed.
    private static async Task<string?> WithLateSecondAsync(Rig rig, Task<LeaseGrant> asked)
    {
        var second = rig.TransferAsync(1, 0, 2, 900);
        await rig.Cluster.Clients.Delay(1_000);
        Assert.False(second.IsCompleted);
        rig.Cluster.Disk.Release();
        await asked;
        return (await second).Refusal?.Code;
    }
}
