using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;

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
            await using var stores = await LedgerStorage.OpenAnewAsync(settings.Storage, cancellationToken);
            var height = await ProjectionReplay.AdvanceAsync(stores.Blocks, stores.Projections, ulong.MaxValue, cancellationToken);
            Console.WriteLine($"The projections are those of height {height}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
