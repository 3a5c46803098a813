using Humanitarian.Host.Verification;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Commands;

/// <summary>Makes the projections anew from the blocks.</summary>
internal static class RebuildCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "rebuild", "Forgets the projections (balances, entries, lots) and makes them anew from the blocks. The server must be stopped.",
            "rebuild --data ./data")
        {
            data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            StoredBlocks.RequireLedger(settings.Storage.DataFolder);
            await using var files = await SqliteStorage.OpenAsync(settings.Storage.DataFolder, anew: true, cancellationToken: cancellationToken);
            var height = await ProjectionReplay.AdvanceAsync(files.Blocks, files.Projections, ulong.MaxValue, cancellationToken);
            Console.WriteLine($"The projections are those of height {height}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
