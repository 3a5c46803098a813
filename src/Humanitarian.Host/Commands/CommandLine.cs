using System.CommandLine;
using System.CommandLine.Help;
using Humanitarian.Chain.Canonical;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Something was refused, or a check failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line, the configuration or the surroundings are wrong.</summary>
    public const int Usage = 2;
}

/// <summary>The program's commands.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"See: {NameOf(parsed.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        try
        {
            // Signals are the server's to handle; everything else may simply be stopped.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (StorageFault fault)
        {
            return await FailAsync(StartupFault.Of(fault));
        }
        catch (StartupFault fault)
        {
            return await FailAsync(fault);
        }
        catch (CommandFault fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return ExitCode.Failed;
        }
        catch (LedgerFault fault)
        {
            return await FailAsync(new StartupFault(fault.Code, fault.Message, fault));
        }
        catch (EncodingException fault)
        {
            return await FailAsync(new StartupFault(StartupCode.DatabaseDamaged, $"A block is damaged: {fault.Message} 'verify' names it.", fault));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return ExitCode.Failed;
        }
    }

    /// <summary>The command tree.</summary>
    internal static RootCommand Root()
    {
        var root = new RootCommand("An open ledger for aid: from donation to shop counter, in signed blocks.")
        {
            DemoCommand.Create(),
            ServeCommand.Create(),
            HealthCommand.Create(),
            VerifyCommand.Create(),
            AuditCommand.Create(),
            ExportCommand.Create(),
            ProofCommand.Create(),
            ProofCommand.CreateHead(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            RebuildCommand.Create(),
            MigrateCommand.Create(),
            KeysCommand.Create(),
            ApiKeyCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    internal static string NameOf(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Take(1).Select(NameOf).Append(command is RootCommand ? RootCommand.ExecutableName : command.Name));

    private static async Task<int> FailAsync(StartupFault fault)
    {
        await Console.Error.WriteLineAsync($"{fault.Code}: {fault.Message}");
        return ExitCode.Usage;
    }
}

/// <summary>A command was refused or its check failed; the message says why.</summary>
internal sealed class CommandFault(string message, Exception? inner = null) : Exception(message, inner);
