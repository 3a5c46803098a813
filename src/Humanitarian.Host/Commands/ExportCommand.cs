using System.CommandLine;
using Humanitarian.Chain.Exports;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Writes the chain into a file that anybody can verify.</summary>
internal static class ExportCommand
{
    public static ExampleCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist." };
        var isPublic = new Option<bool>("--public") { Description = "Leave out what names or singles out persons: for everybody to verify." };
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "export", "Writes the whole chain into one file that 'verify --export' checks anywhere.",
            "export --data ./data ledger.export", "export --public --data ./data ledger.public")
        {
            file, isPublic, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
            await using var stream = Open(path);
            if (parsed.GetValue(isPublic))
            {
                await PublicExport.WriteAsync(stream, StoredBlocks.BytesAsync(stores.Blocks, cancellationToken), cancellationToken);
                Console.WriteLine($"{path} holds the chain for everybody: what touches persons is bare hashes, and sums of at least {PublicExport.K}.");
                return ExitCode.Ok;
            }

            var blocks = await FullExport.WriteAsync(stream, StoredBlocks.BytesAsync(stores.Blocks, cancellationToken), cancellationToken);
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
