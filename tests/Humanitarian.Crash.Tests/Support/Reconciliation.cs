using System.Collections.Concurrent;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>After a restart clients ask again, under the same keys, for what they once asked.</summary>
internal static class Reconciliation
{
    private const int Parallel = 16;

    /// <summary>
    /// What was acknowledged must answer its first outcome, what was refused must be refused again, and what is unknown is resolved:
    /// found or done now, and then once.
    /// </summary>
    /// <returns>How many unknown ones had been committed, and how many were done only now.</returns>
    public static async Task<(int Found, int DoneNow)> RunAsync(IReadOnlyList<Uri> servers, VoucherWorld world, IEnumerable<Command> commands, bool resolve = true)
    {
        var broken = new ConcurrentQueue<string>();
        var (found, doneNow) = (0, 0);
        using var client = new CommandClient(servers, world.Domain);
        await System.Threading.Tasks.Parallel.ForEachAsync(commands, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (command, _) =>
        {
            var known = command.Known;
            if (known.Fate == Fate.Unknown)
            {
                if (!resolve)
                {
                    return;
                }

                command.Known = known = await client.SendAsync(command);
                Interlocked.Add(ref found, known is { Fate: Fate.Done, Replayed: true } ? 1 : 0);
                Interlocked.Add(ref doneNow, known is { Fate: Fate.Done, Replayed: false } ? 1 : 0);
                if (known.Fate != (command.Refusable ? Fate.Refused : Fate.Done))
                {
                    broken.Enqueue($"{command} is not resolved: {known.Fate} {known.Code}");
                    return;
                }
            }

            var again = await client.SendAsync(command);
            if ((again.Fate, again.Hash, again.Code) != (known.Fate, known.Hash, known.Code) || again.Replayed != (known.Hash is not null))
            {
                broken.Enqueue($"{command} was {known.Fate} {known.Hash}{known.Code}, now it is {again.Fate} {again.Hash}{again.Code}, replayed {again.Replayed}");
            }
        });
        Assert.True(broken.IsEmpty, string.Join('\n', broken.Take(20)));
        return (found, doneNow);
    }
}
