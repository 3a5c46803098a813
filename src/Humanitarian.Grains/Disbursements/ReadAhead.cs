namespace Humanitarian.Grains.Disbursements;

/// <summary>Reads pages in order, a few before they are asked for: the store reads on while a grain works on what it has.</summary>
internal static class ReadAhead
{
    private const int Pages = 4;

    public static async IAsyncEnumerable<T> AllAsync<T>(int count, Func<int, Task<T>> read)
    {
        var reading = new Queue<Task<T>>(Pages);
        try
        {
            for (var page = 0; page < count || reading.Count > 0;)
            {
                while (page < count && reading.Count < Pages)
                {
                    reading.Enqueue(read(page++));
                }

                yield return await reading.Dequeue();
            }
        }
        finally
        {
            // Nobody else would see how these end.
            await ((Task)Task.WhenAll(reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }
}
