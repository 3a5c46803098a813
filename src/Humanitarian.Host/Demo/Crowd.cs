using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>Many people who act at the same time.</summary>
internal static class Crowd
{
    private const int Tills = 32;

    /// <summary>Does something for each of many, so many at a time as there are tills, and shows how far it is.</summary>
    public static Task EachAsync(IAnsiConsole console, string what, int count, Func<int, Task> work, CancellationToken cancellationToken) =>
        console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask(what, maxValue: Math.Max(count, 1));
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Tills, CancellationToken = cancellationToken }, async (index, _) =>
            {
                await work(index);
                bar.Increment(1);
            });
        });
}
