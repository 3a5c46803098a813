using Humanitarian.Domain;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Sequencing;

/// <summary>The one grain that orders a ledger's transactions; its key is the ledger's id.</summary>
[Alias("ISequencerGrain")]
public interface ISequencerGrain : IGrainWithStringKey
{
    /// <summary>Submits a silo's batch; answers when each is durable or refused.</summary>
    [Alias("Submit")]
    Task<SubmitResult[]> SubmitAsync([Immutable] Submission[] batch);

    /// <summary>Submits what is ordered as a whole or not at all.</summary>
    [Alias("SubmitUnit")]
    Task<SubmitResult[]> SubmitUnitAsync([Immutable] Submission[] unit);

    /// <summary>Asks for leases on accounts.</summary>
    [Alias("Lease")]
    Task<LeaseGrant[]> LeaseAsync([Immutable] Id[] accounts);

    /// <summary>The durable head.</summary>
    [Alias("Head")]
    Task<DurableHead> HeadAsync();

    /// <summary>How long what was taken in has waited without a block becoming durable; zero while nothing waits.</summary>
    [Alias("StalledFor")]
    Task<TimeSpan> StalledForAsync();
}

/// <summary>Hosts the sequencer. Reentrant, so that calls share a commit: the sequencer's loop alone changes its state.</summary>
[Reentrant]
internal sealed partial class SequencerGrain(SequencerFactory factory, ILogger<SequencerGrain> logger) : Grain, ISequencerGrain
{
    private Sequencer sequencer = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        sequencer = factory.Create(this.GetPrimaryKeyString());
        await sequencer.StartAsync(cancellationToken);
        LogStarted(logger, this.GetPrimaryKeyString());
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => sequencer.StopAsync();

    public async Task<SubmitResult[]> SubmitAsync(Submission[] batch)
    {
        var results = await sequencer.SubmitAsync(batch);
        DropIfStopped();
        return results;
    }

    public async Task<SubmitResult[]> SubmitUnitAsync(Submission[] unit)
    {
        var results = await sequencer.SubmitUnitAsync(unit);
        DropIfStopped();
        return results;
    }

    public async Task<LeaseGrant[]> LeaseAsync(Id[] accounts)
    {
        var grants = await Task.WhenAll(accounts.Select(sequencer.LeaseAsync));
        DropIfStopped();
        return grants;
    }

    public async Task<DurableHead> HeadAsync()
    {
        try
        {
            return await sequencer.HeadAsync();
        }
        finally
        {
            DropIfStopped();
        }
    }

    public Task<TimeSpan> StalledForAsync() => Task.FromResult(sequencer.StalledFor);

    /// <summary>A sequencer that lost a height drops its state; the next call activates a new one.</summary>
    private void DropIfStopped()
    {
        if (sequencer.IsStopped)
        {
            DeactivateOnIdle();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo orders the transactions of ledger {Ledger} from now on.")]
    private static partial void LogStarted(ILogger logger, string ledger);
}

/// <summary>Makes sequencers for the ledgers of this silo.</summary>
public sealed class SequencerFactory(LedgerIdentity identity, SequencerServices services)
{
    public Sequencer Create(string ledger) =>
        ledger == identity.Ledger.ToString() ? new Sequencer(identity, services) : throw new LedgerFault(RefusalCode.NotFound, "This silo does not serve that ledger.");
}
