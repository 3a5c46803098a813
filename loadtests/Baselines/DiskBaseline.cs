using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Baselines;

/// <summary>How many times a second this disk can be made to keep 8 KiB: nothing durable is answered faster, one at a time.</summary>
internal static class DiskBaseline
{
    private const int PageBytes = 8_192;
    private const int Pages = 8_192;

    public static Scenario Scenario { get; } = new(
        "baseline-disk", "Writes of 8 KiB, each synced before the next: the floor under every commit.", "What the file system and the disk allow.", InitAsync) { Always = [("store", "a file"), ("target", "inproc")] };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, options: FileOptions.DeleteOnClose, preallocationSize: (long)PageBytes * Pages);
        var page = new byte[PageBytes];
        Array.Fill(page, (byte)'h');
        return Task.FromResult(new Prepared
        {
            Request = number =>
            {
                RandomAccess.Write(file, page, number % Pages * PageBytes);
                RandomAccess.FlushToDisk(file);
                return ValueTask.FromResult(Response.Ok);
            },
            Simulations = [LoadSimulation.KeepConstant(1, settings.Duration)],
            CleanAsync = () =>
            {
                file.Dispose();
                return ValueTask.CompletedTask;
            },
        });
    }
}
