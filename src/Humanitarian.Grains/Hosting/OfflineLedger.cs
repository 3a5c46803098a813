using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Hosting;

/// <summary>
/// A ledger without a silo, for what is done while the server is stopped, by the same way a silo would: its sequencer announces an
/// epoch, orders, seals and commits. The caller holds the lock of the data folder.
/// </summary>
public sealed class OfflineLedger
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromSeconds(20);
    private readonly LedgerIdentity identity;
    private readonly Sequencer sequencer;
    private readonly CommandRunner runner;
    private readonly LedgerReader reader;

    private OfflineLedger(LedgerIdentity identity, Sequencer sequencer, LedgerReader reader, CommandRunner runner) =>
        (this.identity, this.sequencer, this.reader, this.runner) = (identity, sequencer, reader, runner);

    /// <summary>Starts a sequencer on the stores.</summary>
    /// <exception cref="LedgerFault">The key is not the ledger's sealer, or there is no ledger.</exception>
    public static async Task<OfflineLedger> StartAsync(
        LedgerIdentity identity, BlockSealer sealer, IBlockStore blocks, IProjectionStore projections, TimeProvider time, IRandomSource random, ILogger logger,
        CancellationToken cancellationToken = default)
    {
        var tail = new LedgerTail();
        var reached = await projections.HeightAsync(cancellationToken);
        tail.StartAt(reached is { } height ? height + 1 : 0);
        var follower = new LogFollower(blocks, tail);
        await follower.FollowToHeadAsync(cancellationToken);
        var sequencer = new Sequencer(identity, new SequencerServices(
            blocks, projections, sealer, time, random, SequencerLimits.Default, follower.Offer, () => false, seal => Task.FromResult(seal()), logger));
        await sequencer.StartAsync(cancellationToken);
        var gateway = new Gateway(sequencer);
        var reader = new LedgerReader(blocks, projections, follower, new RecordCache(tail, projections), gateway);
        return new OfflineLedger(identity, sequencer, reader, new CommandRunner(new LedgerServices(identity, reader, gateway, gateway, time, random, ValidFor)));
    }

    /// <summary>The ledger's own record.</summary>
    public async Task<LedgerRecord> RecordAsync() => (await reader.FindAsync<LedgerRecord>(RecordKind.Ledger, identity.Ledger)).Record!;

    /// <summary>Names a new sealer or recovery group. The old sealer seals this last block; the next needs the new key.</summary>
    /// <param name="compromised">True when the old sealer's key is lost or stolen: its signature is then not needed.</param>
    /// <param name="sign">Signs a digest: with the old sealer first unless it is compromised, then with the recovery group.</param>
    public async Task<CommandResult> ChangeKeysAsync(LedgerRecord next, bool compromised, Func<Hash32, IReadOnlyList<Signature>> sign) =>
        (await runner.RunAsync(null, new Command(null, (scope, view, _) =>
        {
            var drafted = KeyChanges.Decide(next, compromised, [], scope, view);
            if (drafted.Value is not { } draft)
            {
                return drafted;
            }

            var digest = AuthorityChecks.RecoveryDigest(draft, identity.Domain, SignedAction.ChangeKeys);
            return draft with { Authorisations = [.. sign(digest).Select(signature => new Authorisation(Id.None, 0, signature))] };
        }))).Result;

    /// <summary>Stops the sequencer.</summary>
    public Task StopAsync() => sequencer.StopAsync();

    private sealed class Gateway(Sequencer sequencer) : ISequencerGateway, IAskedAccounts
    {
        public Task<SubmitResult> SubmitAsync(Submission submission) => sequencer.SubmitAsync(submission);

        public Task<SubmitResult[]> SubmitUnitAsync(Submission[] unit) => sequencer.SubmitUnitAsync(unit);

        public Task<LeaseGrant> LeaseAsync(Id account) => sequencer.LeaseAsync(account);

        public Task<DurableHead> HeadAsync() => sequencer.HeadAsync();

        public Task<AskResult> AskAsync(Id account, byte[] open, byte[] closed, Hash32 closedHash) =>
            Task.FromResult(new AskResult(new Refusal(RefusalCode.Forbidden, "Accounts pay only while the server runs."), default));

        public Task DropAsync(Lease lease, Hash32 transaction, bool isVoid) => Task.CompletedTask;
    }
}
