using System.CommandLine;
using Humanitarian.Chain.Exports;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Commands;

/// <summary>Writes the chain into a file that anybody can verify.</summary>
internal static class ExportCommand
{
    public static ExampleCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist." };
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "export", "Writes the whole chain, closed parts included, into one file.", "export --data ./data ledger.export")
        {
            file, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            await using var files = await SqliteStorage.OpenAsync(settings.Storage.DataFolder, readOnly: true, cancellationToken: cancellationToken);
            await using var stream = Open(path);
            var blocks = await FullExport.WriteAsync(stream, Verification.StoredBlocks.BytesAsync(files.Blocks, cancellationToken), cancellationToken);
            Console.WriteLine($"{path} holds {blocks} blocks, closed parts included: treat it as the personal data that it is.");
            return ExitCode.Ok;
        });
        return command;
    }

    internal static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 20 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault($"{path} cannot be written: {fault.Message} Name a new file in a folder that exists.", fault);
        }
    }
}
