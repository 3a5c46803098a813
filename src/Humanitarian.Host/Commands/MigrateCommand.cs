using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Commands;

/// <summary>Brings the layout of a PostgreSQL database up to date.</summary>
internal static class MigrateCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var command = new ExampleCommand(
            "migrate", "Brings the layout of the PostgreSQL database up to date, as the role of Storage:Postgres:MigrationConnection. Repeating it changes nothing.",
            "migrate", "migrate --config production.json")
        {
            config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config);
            if (!settings.Storage.IsPostgres)
            {
                throw new StartupFault(StartupCode.Configuration, $"Storage:Provider is {settings.Storage.Provider}: files are brought up to date whenever a server starts. There is nothing to do.");
            }

            var made = await LedgerStorage.MigrateAsync(settings.Storage, cancellationToken);
            Console.WriteLine(made.Count == 0 ? "The layout is up to date." : $"Made: {string.Join(", ", made)}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
