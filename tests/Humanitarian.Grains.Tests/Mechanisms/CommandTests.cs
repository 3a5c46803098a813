using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Programs;
using Humanitarian.Grains.Tests.Simulation;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>What a command may rely on: its key, its refusals, its reads, and that everybody pays only what they have.</summary>
public sealed class CommandTests
{
    // Red when the command key is not scoped to the principal (ClaimKey.CommandKey).
    [Fact]
    public Task Two_principals_may_use_the_same_key() => Rig.RunAsync(async rig =>
    {
        var first = await rig.RedeemAsync(0, 0, SimStory.Vendor, 100, rig.Context("till key", principal: SimStory.Till));
        var second = await rig.TransferAsync(0, 0, 1, 100, rig.Context("till key"));
        Rig.Done(first.Refusal);
        Rig.Done(second.Refusal);
        Assert.False(second.Replayed);
    });

    // Red without CommandRunner.FirstOutcomeAsync.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task The_same_key_answers_its_first_outcome_and_other_content_a_conflict(bool crash) => Rig.RunAsync(async rig =>
    {
        var first = await rig.TransferAsync(0, 0, 1, 600, rig.Context("once"));
        Rig.Done(first.Refusal);
        if (crash)
        {
            rig.Cluster.Crash();
            await rig.Cluster.Clients.Delay(1_000);
        }

        var again = await rig.TransferAsync(1, 0, 1, 600, rig.Context("once"));
        Assert.Equal(first with { Replayed = true }, again);
        Assert.Equal(RefusalCode.IdempotencyConflict, (await rig.TransferAsync(1, 0, 1, 300, rig.Context("once", "other"))).Refusal?.Code);
        Assert.Equal(400, (await rig.BookAsync(0, SimStory.Beneficiary(0))).Available("KES"));
    });

    // Red without the look at OfUnit in CommandRunner.RunAsync: a drain would wait for what its own unit has reserved.
    [Fact]
    public Task What_drains_an_account_is_not_done_in_a_unit_and_frees_what_the_others_had_reserved() => Rig.RunAsync(async rig =>
    {
        var (node, account) = (rig.Cluster.Nodes[0], SimStory.Beneficiary(0));
        var transfer = rig.Story.Part(SimStory.Registrar, context => rig.Cluster.OnAccountAsync(account, one => one.TransferAsync(context, SimStory.Program, SimStory.Beneficiary(1), 1_000)));
        var closing = rig.Story.Part(SimStory.Registrar, context => rig.Cluster.OnAccountAsync(account, one => one.SetStatusAsync(context, AccountStatus.Frozen)));
        Assert.Equal([RefusalCode.NotDone, RefusalCode.NotInUnit], (await node.TogetherAsync([transfer, closing])).Select(one => one.Refusal?.Code));
        Rig.Done((await rig.Cluster.OnAccountAsync(account, one => one.TransferAsync(rig.Context(), SimStory.Program, SimStory.Beneficiary(1), 1_000))).Refusal);
    });

    // Red when a view looks into the silo's cache at every question: choice and check would then see two versions of a record.
    [Fact]
    public Task One_decision_sees_one_version_of_a_record_though_the_log_goes_on_meanwhile() => Rig.RunAsync(async rig =>
    {
        var (node, account) = (rig.Cluster.Nodes[0], SimStory.Beneficiary(0));
        await node.Reader.FindAsync<AccountRecord>(RecordKind.Account, account);
        WorkingView View() => new(node.Reader.Records, new Dictionary<Id, AccountBook>(), new Dictionary<(Id, LotFlow), long>());
        var view = View();
        var first = view.Find<AccountRecord>(RecordKind.Account, account);
        Rig.Done((await node.Process.Start(() => node.Account(account).SetStatusAsync(rig.Context(), AccountStatus.Frozen))).Refusal);

        Assert.Equal(first.Version, view.Find<AccountRecord>(RecordKind.Account, account).Version);
        Assert.Equal(first.Version + 1, View().Find<AccountRecord>(RecordKind.Account, account).Version);
    });

    // Red when all that is missing goes through the silo's cache (LoadedFacts.LoadAsync): a list of a million lines would fill it.
    [Theory]
    [InlineData(50, true)]
    [InlineData(300, false)]
    public Task Records_that_one_decision_needs_in_great_number_stay_out_of_the_silos_cache(int count, bool cached) => Rig.RunAsync(async rig =>
    {
        var (node, facts) = (rig.Cluster.Nodes[0], new LoadedFacts());
        Id[] accounts = [.. Enumerable.Range(1, count).Select(number => new Id(9, (ulong)number)), SimStory.Beneficiary(0)];
        WorkingView View() => new(node.Reader.Records, new Dictionary<Id, AccountBook>(), new Dictionary<(Id, LotFlow), long>(), facts);
        int Known(WorkingView view) => accounts.Count(account => view.Find<AccountRecord>(RecordKind.Account, account).Record is not null);
        var (first, second) = (View(), View());
        Known(first);
        Assert.False(first.IsWhole);
        await facts.LoadAsync(first, node.Reader, rig.Cluster.Founding.Identity.ClaimKey);
        Assert.Equal(1, Known(second));
        Assert.True(second.IsWhole);
        Assert.Equal(cached, node.Reader.Records.TryGet(new RecordKey(RecordKind.Account, accounts[0]), out _));
    });

    // Red without the reservation in the turn of the decision (AccountState.Reserve): both would be ordered.
    [Fact]
    public Task Concurrent_commands_cannot_spend_the_same_twice() => Rig.RunAsync(async rig =>
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => rig.TransferAsync(n % 2, 0, 1, 400)));
        Assert.Equal(2, results.Count(result => result.Refusal is null));
        Assert.Equal(200, (await rig.BookAsync(0, SimStory.Beneficiary(0))).Available("KES"));
    });

    // Red when a refusal does not look for an open attempt of its own command (CommandRunner.DefinitelyAsync).
    [Fact]
    public Task Asking_again_while_the_first_attempt_is_open_is_not_refused_by_its_own_reservation() => Rig.RunAsync(async rig =>
    {
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        Rig.Done((await Warm(rig)).Refusal);
        var first = rig.TransferAsync(0, 0, 1, 900, rig.Context("once"));
        await rig.Cluster.Clients.Delay(1_000);
        var early = rig.TransferAsync(0, 0, 1, 900, rig.Context("once"));
        await rig.Cluster.Clients.Delay(1_000);
        rig.Cluster.Disk.Release();
        Rig.Done((await first).Refusal);
        Assert.Contains((await early).Refusal?.Code, (string?[])[RefusalCode.Unknown, null]);
        Assert.True((await rig.TransferAsync(0, 0, 1, 900, rig.Context("once"))).Replayed);
    });

    // Red when a command that is asked again reserves again beside its open attempt (CommandRunner.DecideAsync): another one would be
    // refused for what is taken twice.
    [Fact]
    public Task Asking_again_takes_nothing_more_while_the_first_attempt_is_open() => Rig.RunAsync(async rig =>
    {
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        Rig.Done((await Warm(rig)).Refusal);
        var first = rig.TransferAsync(0, 0, 1, 400, rig.Context("once"));
        await rig.Cluster.Clients.Delay(500);
        var again = rig.TransferAsync(0, 0, 1, 400, rig.Context("once"));
        await rig.Cluster.Clients.Delay(500);
        var other = rig.TransferAsync(0, 0, 1, 500);
        await rig.Cluster.Clients.Delay(500);
        rig.Cluster.Disk.Release();
        Rig.Done((await first).Refusal);
        Rig.Done((await other).Refusal);
        Assert.Contains((await again).Refusal?.Code, (string?[])[RefusalCode.Unknown, null]);
    });

    // Red when LedgerReader does not confirm the durable head (CurrentAsync): the other silo has not followed yet.
    [Fact]
    public Task A_read_on_another_silo_after_an_acknowledgement_is_current() => Rig.RunAsync(async rig =>
    {
        rig.Cluster.Disk.Script = what => what.StartsWith("project ", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        for (var turn = 1; turn <= 5; turn++)
        {
            Rig.Done((await rig.TransferAsync(turn % 2, 0, 1, 10)).Refusal);
            Assert.Equal(1_000 - (10 * turn), (await rig.BookAsync(0, SimStory.Beneficiary(0))).Available("KES"));
            Assert.Equal(1_000 - (10 * turn), (await rig.BookAsync(1, SimStory.Beneficiary(0))).Available("KES"));
        }
    });

    // Red when LedgerServices.BulkTurnAsync does not wait: a list would fill the memory, and tills would be told BUSY.
    [Fact]
    public Task Bulk_waits_while_the_projections_are_behind_and_tills_do_not() => Rig.RunAsync(async rig =>
    {
        rig.Cluster.Disk.Script = what => what.StartsWith("project ", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        for (var turn = 0; turn < 30; turn++)
        {
            Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        }

        var node = rig.Cluster.Nodes[0];
        var services = node.Services with { BulkWaitsFrom = node.Reader.Follower.Tail.Weight - 1 };
        var bulk = node.Process.Start(services.BulkTurnAsync);
        await rig.Cluster.Clients.Delay(5_000);
        Assert.False(bulk.IsCompleted);
        Rig.Done((await rig.TransferAsync(0, 0, 1, 1)).Refusal);
        rig.Cluster.Disk.Release();
        Assert.Null(await bulk);
    });

    // Red when ChunkPayment or the turn waits for ever: the call would end before it, and another come beside it.
    [Fact]
    public Task A_chunk_that_waits_too_long_for_its_turn_is_told_BUSY_before_it_takes_anything() => Rig.RunAsync(async rig =>
    {
        var node = rig.Cluster.Nodes[0];
        var services = node.Services with { BulkWaitsFrom = -1 };
        var began = rig.World.Now;
        var result = await node.Process.Start(() => new ChunkPayment(services, new CommandRunner(services), null!).PayAsync(SimStory.Program, 0, []));
        Assert.Equal(RefusalCode.Busy, result.Refusal?.Code);
        Assert.InRange(rig.World.Now - began, 10_000, 25_000);
    });

    // Red when ListEnrolment does not ask again after BUSY: the rest of a list would stay outside until somebody enrolled it again.
    [Fact]
    public Task An_enrolment_goes_on_when_the_projections_come_nearer_after_BUSY() => Rig.RunAsync(async rig =>
    {
        const int People = 1_200;
        var list = Founding.IdOf("newcomers");
        await rig.Cluster.Side.AddRowsAsync(
            list, [.. Enumerable.Range(0, People).Select(n => new ListRowEntry(n, Founding.IdOf($"newcomer {n}"), Founding.IdOf($"new household {n}"), 100, 3, "", true))]);
        rig.Cluster.Disk.Script = what => what.StartsWith("project ", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var node = rig.Cluster.Nodes[0];
        var services = node.Services with { BulkWaitsFrom = node.Reader.Follower.Tail.Weight + 100 };
        var enrolling = node.Process.Start(() => new ListEnrolment(services, rig.Cluster.Side, SimStory.Program).RunAsync(rig.Context(), list));
        await rig.Cluster.Clients.Delay(60_000);
        Assert.False(enrolling.IsCompleted);
        rig.Cluster.Disk.Release();
        Rig.Done((await enrolling).Refusal);
        var last = await node.Process.Start(async () => await node.Reader.FindAsync<EnrolmentRecord>(
            RecordKind.Enrolment, EnrolmentRecord.IdOf(SimStory.Program, Founding.IdOf($"newcomer {People - 1}"))));
        Assert.NotNull(last.Record);
    });

    // Red without ExpectedEntries (Command.JudgesHistory): the account would be closed over money.
    [Fact]
    public Task An_account_is_not_closed_while_a_credit_is_in_flight() => Rig.RunAsync(async rig =>
    {
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var credit = rig.TransferAsync(0, 0, 9, 100);
        await rig.Cluster.Clients.Delay(1_000);
        var closing = Close(rig, 9);
        await rig.Cluster.Clients.Delay(1_000);
        rig.Cluster.Disk.Release();
        Rig.Done((await credit).Refusal);
        Assert.Equal(RefusalCode.AccountNotEmpty, (await closing).Refusal?.Code);
    });

    // Red when CommandRunner.DefinitelyAsync takes an attempt for open that has ended: it would be UNKNOWN_OUTCOME for ever.
    [Fact]
    public Task An_attempt_that_ended_unanswered_does_not_hold_back_what_another_account_refuses() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await Redeem(1, 1)).Refusal);
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.FailsWithoutEffect : null;
        Assert.Equal(RefusalCode.Unknown, (await Redeem(0, 300, "once")).Refusal?.Code);
        rig.Cluster.Disk.Script = null;
        await rig.UntilAsync(async () => (await Redeem(2, 699, "fills it up")).Refusal is null);
        await rig.UntilAsync(async () => (await Redeem(0, 300, "once")).Refusal?.Code == RefusalCode.AmountOverflow);

        Task<Grains.Commands.CommandResult> Redeem(int payer, long amountMinor, string? key = null) =>
            rig.RedeemAsync(0, payer, SimStory.SmallVendor, amountMinor, rig.Context(key, principal: SimStory.Till));
    });

    // Red when AccountState.Leave only stops the feed: an activation that still answers would go on with the book as it was then.
    [Fact]
    public Task An_account_that_answers_after_its_grain_was_let_go_sees_what_came_since() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await rig.TransferAsync(0, 0, 1, 10)).Refusal);
        await rig.Cluster.Nodes[0].Process.Start(() =>
        {
            rig.Cluster.Nodes[0].Account(SimStory.Beneficiary(0)).Leave();
            return Task.FromResult(true);
        });
        Rig.Done((await rig.TransferAsync(1, 2, 0, 500)).Refusal);
        Rig.Done((await rig.TransferAsync(0, 0, 1, 1_400)).Refusal);
        Assert.Equal(90, (await rig.BookAsync(0, SimStory.Beneficiary(0))).Available("KES"));
    });

    // Red without Command.JudgesHistory on a succession: it would leave what came meanwhile, and the chain would not verify.
    [Fact]
    public Task A_succession_moves_a_credit_that_was_in_flight_too() => Rig.RunAsync(async rig =>
    {
        var died = await rig.Story.RecordDeathAsync(0);
        Rig.Done(died.Refusal);
        Rig.Done((await rig.TransferAsync(0, 1, 2, 1)).Refusal);
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var credit = rig.TransferAsync(0, 1, 0, 100);
        await rig.Cluster.Clients.Delay(1_000);
        var succession = rig.Story.SucceedAsync(0, died);
        await rig.Cluster.Clients.Delay(1_000);
        rig.Cluster.Disk.Release();
        Rig.Done((await credit).Refusal);
        Rig.Done((await succession).Refusal);
        Assert.Equal(0, (await rig.BookAsync(0, SimStory.Beneficiary(0))).Available("KES"));
    });

    // Red without AccountState.EnterAloneAsync and DrainAsync: a payment decided before would be ordered after the account is frozen.
    [Fact]
    public Task A_status_changes_only_when_nothing_is_reserved() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await Warm(rig)).Refusal);
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var paying = rig.TransferAsync(0, 0, 1, 100);
        await rig.Cluster.Clients.Delay(500);
        var freezing = rig.Cluster.Nodes[0].Process.Start(() => rig.Cluster.Nodes[0].Account(SimStory.Beneficiary(0)).SetStatusAsync(rig.Context(), AccountStatus.Frozen));
        await rig.Cluster.Clients.Delay(500);
        var late = rig.TransferAsync(0, 0, 1, 100);
        rig.Cluster.Disk.Release();
        Rig.Done((await paying).Refusal);
        Rig.Done((await freezing).Refusal);
        Assert.Equal(RefusalCode.AccountFrozen, (await late).Refusal?.Code);
    });

    // Red when a registry change may close an account that it knows no balance of.
    [Fact]
    public Task An_account_is_closed_only_by_its_own_command() => Rig.RunAsync(async rig =>
    {
        var open = (await rig.Cluster.Nodes[0].Reader.FindAsync<AccountRecord>(RecordKind.Account, SimStory.Beneficiary(0))).Record!;
        var closed = await rig.Story.RegisterAsync(SimStory.Registrar, open with { Status = AccountStatus.Closed });
        Assert.Equal(RefusalCode.WrongState, closed.Refusal?.Code);
    });

    // Red without the reads of limited accounts (Limits.CheckAccount): a credit judged by the old limit would pass the new one.
    [Fact]
    public Task A_credit_judged_by_an_older_holding_limit_is_STALE() => Rig.RunAsync(async rig =>
    {
        Rig.Done((await rig.RedeemAsync(0, 1, SimStory.SmallVendor, 10)).Refusal);
        rig.Cluster.Disk.Script = what => what.StartsWith("insert", StringComparison.Ordinal) ? DiskTrouble.Holds : null;
        var first = rig.TransferAsync(0, 2, 3, 1);
        await rig.Cluster.Clients.Delay(500);
        var open = (await rig.Cluster.Nodes[0].Reader.FindAsync<AccountRecord>(RecordKind.Account, SimStory.SmallVendor)).Record!;
        var lowering = rig.Story.RegisterAsync(SimStory.Till, open with { CeilingMinor = 50 });
        await rig.Cluster.Clients.Delay(500);
        var paying = rig.RedeemAsync(0, 1, SimStory.SmallVendor, 600);
        await rig.Cluster.Clients.Delay(500);
        rig.Cluster.Disk.Release();
        Rig.Done((await first).Refusal);
        Rig.Done((await lowering).Refusal);
        Assert.Equal(RefusalCode.AmountOverflow, (await paying).Refusal?.Code);
    });

    // Red when an asked account judges by an older record than its asker has read (AccountDecisions.AskAsync).
    [Fact]
    public Task An_asked_account_that_lags_behind_its_asker_judges_by_the_record_that_was_read() => Rig.RunAsync(async rig =>
    {
        var behind = rig.Cluster.Nodes[1];
        var vendor = new RecordKey(RecordKind.Account, SimStory.SmallVendor);
        var paying = await DecideAsync(1);
        Assert.Null((await AskAsync()).Refusal);
        var open = (await behind.Reader.FindAsync<AccountRecord>(RecordKind.Account, SimStory.SmallVendor)).Record!;

        // The silo that a change goes through, and the one that orders it, have followed it; so until this one is neither.
        for (var ceiling = 60; !Lags(); ceiling--)
        {
            Assert.Null((await rig.Story.RegisterAsync(SimStory.Till, open with { CeilingMinor = ceiling })).Refusal);
            paying = await DecideAsync(600);
        }

        Assert.Equal(RefusalCode.AmountOverflow, (await AskAsync()).Refusal?.Code);

        async Task<EncodedTransaction> DecideAsync(long amountMinor)
        {
            var till = rig.Cluster.Nodes[0].Services.Scope(rig.Context(principal: SimStory.Till));
            return (await rig.DecidedAsync(SimStory.Beneficiary(0), (_, view) => VoucherRedemptions.Decide(
                new RedeemCommand(SimStory.Program, SimStory.Beneficiary(0), SimStory.SmallVendor, amountMinor, [], default), till, view))).Encoded;
        }

        Task<AskResult> AskAsync() => behind.Process.Start(
            () => behind.Account(SimStory.SmallVendor).AskAsync(paying.Open.ToArray(), paying.Closed!.Value.ToArray(), paying.ClosedHash));

        bool Lags() => behind.Reader.Records.TryGet(vendor, out var known)
            && known.Version < TransactionCodec.Decode(paying).Reads.Single(read => read.Key == vendor).Version;
    });

    // Red without the bounds of AdmissionGate.
    [Fact]
    public void Admission_is_bounded_fair_and_keeps_a_reserve_for_tills()
    {
        var gate = new AdmissionGate(new AdmissionLimits(10, 2, 50));
        var (one, other) = (Support.Founding.IdOf("one"), Support.Founding.IdOf("other"));
        var passes = Enumerable.Range(0, 5).Select(_ => gate.TryEnter(one, Urgency.Ordinary)).ToArray();
        Assert.DoesNotContain(null, passes);
        Assert.Null(gate.TryEnter(one, Urgency.Ordinary));
        Assert.Equal(3, Enumerable.Range(0, 6).Count(_ => gate.TryEnter(other, Urgency.Ordinary) is not null));
        Assert.Equal(2, Enumerable.Range(0, 6).Count(_ => gate.TryEnter(one, Urgency.Till) is not null));
        passes[0]!.Dispose();
        passes[0]!.Dispose();
        Assert.Equal(9, gate.InFlight);
        Assert.NotNull(gate.TryEnter(one, Urgency.Till));
    }

    [Fact]
    public void Organisation_that_floods_with_its_tills_leaves_the_reserve_to_the_tills_of_others()
    {
        var gate = new AdmissionGate(new AdmissionLimits(10, 2, 50));
        var (one, other) = (Support.Founding.IdOf("one"), Support.Founding.IdOf("other"));
        Assert.Equal(8, Enumerable.Range(0, 100).Count(_ => gate.TryEnter(one, Urgency.Till) is not null));
        Assert.Null(gate.TryEnter(other, Urgency.Ordinary));
        Assert.Equal(2, Enumerable.Range(0, 100).Count(_ => gate.TryEnter(other, Urgency.Till) is not null));
        Assert.Equal(10, gate.InFlight);
    }

    private static Task<Grains.Commands.CommandResult> Warm(Rig rig)
    {
        var script = rig.Cluster.Disk.Script;
        rig.Cluster.Disk.Script = null;
        return WarmAsync();

        async Task<Grains.Commands.CommandResult> WarmAsync()
        {
            var result = await rig.TransferAsync(0, 0, 1, 1);
            rig.Cluster.Disk.Script = script;
            return result;
        }
    }

    private static Task<Grains.Commands.CommandResult> Close(Rig rig, int beneficiary) => rig.Cluster.Nodes[1].Process.Start(
        () => rig.Cluster.Nodes[1].Account(SimStory.Beneficiary(beneficiary)).SetStatusAsync(rig.Context(), AccountStatus.Closed));
}
