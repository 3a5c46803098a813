using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Due;

/// <summary>Gives one duty of a ledger to one silo at a time; its key names both.</summary>
[Alias("IDutyGrain")]
public interface IDutyGrain : IGrainWithStringKey
{
    /// <summary>True when the silo has the duty from now on for <see cref="Duties.HeldFor"/>.</summary>
    [Alias("Hold")]
    Task<bool> HoldAsync(string silo);

    /// <summary>Gives it back, if the silo has it.</summary>
    [Alias("Leave")]
    Task LeaveAsync(string silo);
}

/// <summary>Remembers who has the duty, in memory alone: should it be lost, two silos may have it for a moment.</summary>
internal sealed class DutyGrain(TimeProvider time) : Grain, IDutyGrain
{
    private string? holder;
    private long heldSince;

    public Task<bool> HoldAsync(string silo)
    {
        if (holder is not null && holder != silo && time.GetElapsedTime(heldSince) < Duties.HeldFor)
        {
            return Task.FromResult(false);
        }

        (holder, heldSince) = (silo, time.GetTimestamp());
        return Task.FromResult(true);
    }

    public Task LeaveAsync(string silo)
    {
        holder = holder == silo ? null : holder;
        return Task.CompletedTask;
    }
}

/// <summary>What one silo of the cluster does for all, such as sending.</summary>
public sealed class Duties(IGrainFactory grains, ILocalSiloDetails silo, LedgerIdentity identity)
{
    /// <summary>How long a silo has a duty that it took, unless it takes it again.</summary>
    public static TimeSpan HeldFor { get; } = TimeSpan.FromSeconds(15);

    /// <summary>True when this silo has the duty from now on for <see cref="HeldFor"/>.</summary>
    public Task<bool> HoldAsync(string duty) => Grain(duty).HoldAsync(silo.SiloAddress.ToParsableString());

    /// <summary>Gives it back.</summary>
    public Task LeaveAsync(string duty) => Grain(duty).LeaveAsync(silo.SiloAddress.ToParsableString());

    private IDutyGrain Grain(string duty) => grains.GetGrain<IDutyGrain>($"{identity.Ledger}/{duty}");
}
