namespace Humanitarian.Api.Beneficiaries;

/// <summary>Who compares a PIN next: few at once, because each costs memory and a core, and a bounded number that wait.</summary>
internal sealed class PinTurns(PinLimits limits) : IDisposable
{
    private readonly SemaphoreSlim turns = new(limits.AtOnce);
    private int waiting;

    /// <summary>Waits for a turn, which lasts until <see cref="Leave"/>; false when too many wait already.</summary>
    public async Task<bool> EnterAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > limits.AtOnce + limits.Waiting)
            {
                return false;
            }

            await turns.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Leave() => turns.Release();

    public void Dispose() => turns.Dispose();
}
