using System.CommandLine;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Spectre.Console;

namespace Humanitarian.Host.Commands;

/// <summary>Key files.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Key files in the wallets' format (Web3 Secret Storage, version 3).") { New(), KeysRotateCommand.Create() };

    private static ExampleCommand New()
    {
        var file = new Argument<string>("FILE") { Description = "The key file to write; it must not exist." };
        var password = new Option<string?>("--password-file") { HelpName = "FILE", Description = "The password, in a file of your own (0600); asked for when left out." };
        var json = SharedOptions.Json();
        var command = new ExampleCommand(
            "new", "Makes a key and writes it, encrypted under a password.", "keys new member.json", "keys new member.json --password-file password")
        {
            file, password, json,
        };
        command.SetAction((parsed, cancellationToken) =>
            NewAsync(Path.GetFullPath(parsed.GetRequiredValue(file)), parsed.GetValue(password), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> NewAsync(string file, string? passwordFile, bool json, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            throw new CommandFault($"{file} exists. Name a new file: a key is never overwritten.");
        }

        var password = passwordFile is not null ? await PrivateFiles.ReadAsync(Path.GetFullPath(passwordFile), "--password-file", cancellationToken) : Ask();
        var random = new SystemRandomSource();
        var key = PrivateKeys.New(random);
        await PrivateFiles.WriteNewAsync(file, Keystore.Encrypt(key, password, random), "FILE", cancellationToken);
        var address = Secp256k1.AddressOf(key).ToChecksumText();
        Console.WriteLine(json ? new JsonObject { ["file"] = file, ["address"] = address }.ToJsonString() : $"{file} holds the key of {address}.");
        return ExitCode.Ok;
    }

    private static string Ask()
    {
        if (Console.IsInputRedirected)
        {
            throw new StartupFault(StartupCode.Configuration, "No password can be asked for here: give --password-file.");
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var password = console.Prompt(new TextPrompt<string>("Password:").Secret());
        return console.Prompt(new TextPrompt<string>("Once more:").Secret()) == password
            ? password
            : throw new CommandFault("The passwords differ. Nothing was written.");
    }
}
