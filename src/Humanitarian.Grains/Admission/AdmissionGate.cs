using System.Collections.Concurrent;
using Humanitarian.Domain;

namespace Humanitarian.Grains.Admission;

/// <summary>How urgent a request is: people at tills, freezes and reversals keep a reserve.</summary>
public enum Urgency
{
    Ordinary = 0,
    Till = 1,
}

/// <summary>Bounds of admission on one silo.</summary>
/// <param name="InFlight">Most commands under way.</param>
/// <param name="TillReserve">How many of them only tills may use.</param>
/// <param name="OrganisationShare">Most commands of one organisation, in percent of <paramref name="InFlight"/>, with which it may begin an ordinary one.</param>
public sealed record AdmissionLimits(int InFlight, int TillReserve, int OrganisationShare)
{
    public static AdmissionLimits Default { get; } = new(10_000, 1_000, 50);
}

/// <summary>
/// Credits of this silo: a request beyond them is answered BUSY before any grain is called, never after submission. Fair per
/// organisation, with a reserve for tills.
/// </summary>
public sealed class AdmissionGate(AdmissionLimits limits)
{
    private readonly ConcurrentDictionary<Id, int> organisations = new();
    private int inFlight;

    /// <summary>Commands under way.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>A pass to be disposed when the command has ended, or null: BUSY.</summary>
    public IDisposable? TryEnter(Id organisation, Urgency urgency)
    {
        var maximum = urgency == Urgency.Till ? limits.InFlight : limits.InFlight - limits.TillReserve;
        if (Interlocked.Increment(ref inFlight) > maximum)
        {
            Interlocked.Decrement(ref inFlight);
            return null;
        }

        var own = organisations.AddOrUpdate(organisation, 1, static (_, count) => count + 1);
        var pass = new Pass(this, organisation);

        // Whatever one organisation sends, the reserve is left for the tills of the others.
        var most = urgency == Urgency.Till ? limits.InFlight - limits.TillReserve : (long)limits.InFlight * limits.OrganisationShare / 100;
        if (own > Math.Max(1, most))
        {
            pass.Dispose();
            return null;
        }

        return pass;
    }

    /// <summary>The refusal of a request that found no place.</summary>
    public static Refusal Busy { get; } = new(RefusalCode.Busy, "The ledger is busy; ask again in a second with the same idempotency key.");

    private void Leave(Id organisation)
    {
        Interlocked.Decrement(ref inFlight);
        if (organisations.AddOrUpdate(organisation, 0, static (_, count) => count - 1) == 0)
        {
            organisations.TryRemove(new KeyValuePair<Id, int>(organisation, 0));
        }
    }

    private sealed class Pass(AdmissionGate gate, Id organisation) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                gate.Leave(organisation);
            }
        }
    }
}
