using System.CommandLine;
using Humanitarian.Host.Serving;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Commands;

/// <summary>Runs the ledger until it is asked to stop.</summary>
internal static class ServeCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var keys = SharedOptions.Keys();
        var url = new Option<string?>("--url") { HelpName = "URL", Description = "Where the API listens (setting Api:Url)." };
        var command = new ExampleCommand(
            "serve", "Runs the ledger: on an empty folder it makes keys and genesis and shows the first administrator's keys, once.",
            "serve", "serve --data ./data --url http://127.0.0.1:5081")
        {
            data, keys, url, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, configuration) = parsed.Settings(config, ("Storage:DataFolder", data), ("Keys:Folder", keys), ("Api:Url", url));
            await using var server = await LedgerServer.StartAsync(
                settings, configuration, (ledger, apiKey) => Console.WriteLine(FirstStartText(ledger, apiKey)), cancellationToken);
            Console.WriteLine($"Ledger {server.Ledger.Ledger.Id} ({server.Ledger.Ledger.Name}), genesis {server.Ledger.Genesis}");
            if (settings.SignIn.Provider)
            {
                Console.WriteLine($"Sign-in at {(settings.SignIn.Issuer.Length > 0 ? settings.SignIn.Issuer : server.Url)}.well-known/openid-configuration");
            }

            Console.WriteLine($"GraphQL at {server.Url}graphql, health at {server.Url}health. Data in {LedgerStorage.PlaceOf(settings.Storage)}. Ctrl-C stops it.");
            await server.WaitForStopAsync();
            return ExitCode.Ok;
        });
        return command;
    }

    private static string FirstStartText(OpenedLedger ledger, string apiKey)
    {
        var first = ledger.First!;
        return $"""
            A new ledger was made. What follows is shown this once.

              ledger                       {ledger.Ledger.Id}
              genesis hash                 {ledger.Genesis}
                                           (remember it elsewhere: 'verify --genesis' shows with it whether the chain was rewritten)
              operator                     {first.Operator}
              administrator                {first.Administrator}
              administrator's API key      {apiKey}
              administrator's passphrase   {(first.Passphrase.Length > 0 ? first.Passphrase : "none")}
              administrator's signing key  0x{Convert.ToHexStringLower(first.AdministratorKey)}

            {first.OfflineFolder} holds that signing key{(first.MadeRecovery ? " and the recovery key" : "")} as key files, with their
            password. The server never needs them: move the folder to a safe offline place now. Who has the recovery key can name a new
            sealer; without it a lost sealer's key ends the ledger.

            """;
    }
}
