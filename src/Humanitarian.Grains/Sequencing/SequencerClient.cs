using System.Threading.Channels;
using Humanitarian.Domain;

namespace Humanitarian.Grains.Sequencing;

/// <summary>This silo's way to the sequencer: calls that arrive while others are under way travel together.</summary>
public sealed class SequencerClient : ISequencerGateway
{
    private const int MaximumBatch = 2_000;
    private const int MaximumWaiting = 100_000;
    private readonly Batcher<Submission, SubmitResult> submissions;
    private readonly Batcher<Id, LeaseGrant> leases;
    private readonly ISequencerGrain grain;

    public SequencerClient(IGrainFactory grains, LedgerIdentity identity)
    {
        grain = grains.GetGrain<ISequencerGrain>(identity.Ledger.ToString());
        submissions = new Batcher<Submission, SubmitResult>(grain.SubmitAsync);
        leases = new Batcher<Id, LeaseGrant>(grain.LeaseAsync);
    }

    public Task<SubmitResult> SubmitAsync(Submission submission) => submissions.SendAsync(submission);

    public Task<SubmitResult[]> SubmitUnitAsync(Submission[] unit) => grain.SubmitUnitAsync(unit);

    public Task<LeaseGrant> LeaseAsync(Id account) => leases.SendAsync(account);

    public Task<DurableHead> HeadAsync() => grain.HeadAsync();

    private sealed class Batcher<TIn, TOut>
    {
        private readonly Channel<(TIn Item, TaskCompletionSource<TOut> Result)> queue =
            Channel.CreateBounded<(TIn, TaskCompletionSource<TOut>)>(MaximumWaiting);

        // One call on its way while the sequencer commits another keeps its pipeline full; more would only split batches.
        private readonly SemaphoreSlim places = new(4);
        private readonly Func<TIn[], Task<TOut[]>> send;

        public Batcher(Func<TIn[], Task<TOut[]>> send)
        {
            this.send = send;
            _ = Task.Run(PumpAsync);
        }

        public Task<TOut> SendAsync(TIn item)
        {
            var result = new TaskCompletionSource<TOut>(TaskCreationOptions.RunContinuationsAsynchronously);
            return queue.Writer.TryWrite((item, result)) ? result.Task : WaitAsync(item, result);
        }

        private async Task<TOut> WaitAsync(TIn item, TaskCompletionSource<TOut> result)
        {
            await queue.Writer.WriteAsync((item, result));
            return await result.Task;
        }

        private async Task PumpAsync()
        {
            while (await queue.Reader.WaitToReadAsync())
            {
                await places.WaitAsync();
                var batch = new List<(TIn Item, TaskCompletionSource<TOut> Result)>();
                while (batch.Count < MaximumBatch && queue.Reader.TryRead(out var item))
                {
                    batch.Add(item);
                }

                _ = SendBatchAsync(batch);
            }
        }

        private async Task SendBatchAsync(List<(TIn Item, TaskCompletionSource<TOut> Result)> batch)
        {
            try
            {
                var results = await send(batch.ConvertAll(entry => entry.Item).ToArray());
                for (var index = 0; index < results.Length; index++)
                {
                    batch[index].Result.TrySetResult(results[index]);
                }
            }
            catch (Exception fault)
            {
                foreach (var (_, result) in batch)
                {
                    result.TrySetException(fault);
                }
            }
            finally
            {
                places.Release();
            }
        }
    }
}
