using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Reading;

/// <summary>Asks the sequencer for the durable head: one question serves all reads that arrive while another is under way.</summary>
internal sealed class HeadConfirmer(ISequencerGateway gateway)
{
    private readonly Lock gate = new();
    private Task<DurableHead>? running;
    private Task<DurableHead>? next;

    /// <summary>The durable head at some moment after the call.</summary>
    public Task<DurableHead> ConfirmAsync()
    {
        lock (gate)
        {
            if (running is null || running.IsCompleted)
            {
                running = gateway.HeadAsync();
                return running;
            }

            return next ??= AfterAsync(running);
        }
    }

    private async Task<DurableHead> AfterAsync(Task<DurableHead> before)
    {
        // Never completes inside the lock that stores its task.
        await Task.Yield();
        try
        {
            await before;
        }
        catch (Exception)
        {
            // The one that asked has its own answer; this question is asked anew.
        }

        Task<DurableHead> mine;
        lock (gate)
        {
            next = null;
            running = mine = gateway.HeadAsync();
        }

        return await mine;
    }
}
