using System.Text.Json.Nodes;
using Humanitarian.Host.Configuration;
using Humanitarian.Testing.Postgres;

namespace Humanitarian.Host.Tests;

/// <summary>One server, on which an operator has prepared a ledger by the shipped script.</summary>
public sealed class PostgresMachine : IAsyncLifetime
{
    private const string Name = "relief";
    private PostgresServer? _server;

    public PostgresServer Server => _server!;

    /// <summary>The settings of a ledger with a role for each purpose, as environment variables.</summary>
    public Dictionary<string, string> Settings(string running = "run") => new()
    {
        ["HUMANITARIAN__Storage__Provider"] = "Postgres",
        ["HUMANITARIAN__Storage__Postgres__Connection"] = As(running),
        ["HUMANITARIAN__Storage__Postgres__MigrationConnection"] = As("owner"),
        ["HUMANITARIAN__Storage__Postgres__MatchingConnection"] = As("match"),
    };

    public string As(string role) => Server.Connection(Name, $"{Name}_{role}");

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        var (code, output) = await Server.PsqlAsync("-v", $"ledger={Name}", "-f", Path.Combine(HostProcess.Repository, "deploy/sql/bootstrap.sql"));
        Assert.True(code == 0, output);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class PostgresTests(PostgresMachine machine) : IClassFixture<PostgresMachine>
{
    private const string Loopback = "http://127.0.0.1:0";

    [Fact]
    public async Task The_demo_runs_on_a_database_of_its_own_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var (code, output, errors) = await HostProcess.RunAsync(
            HostProcess.Repository, "demo", "--store", "postgres", "--connection", machine.Server.Connection(), "--beneficiaries", "200", "--data", folder["demo"], "--json");
        Assert.True(code == 0, errors);
        Assert.True(errors.Length == 0, errors);
        var figures = JsonNode.Parse(output)!;
        Assert.True((bool)figures["verified"]!);
        Assert.Equal((long)figures["disbursedMinor"]!, (long)figures["redeemedMinor"]! + (long)figures["expiredMinor"]! + (long)figures["heldMinor"]!);
        Assert.Empty(await machine.Server.RowsAsync("SELECT datname FROM pg_database WHERE datname LIKE 'humanitarian_demo_%'"));
        Assert.False(File.Exists(folder["demo/blocks.db"]));
    }

    [Fact]
    public async Task The_demo_says_what_to_do_where_no_server_answers()
    {
        using var taken = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)); // It does not listen, and nobody else can meanwhile.
        var (code, output, errors) = await HostProcess.RunAsync(
            HostProcess.Repository, "demo", "--store", "postgres", "--connection", $"Host=127.0.0.1;Port={((System.Net.IPEndPoint)taken.LocalEndPoint!).Port};Username=postgres", "--json");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(StartupCode.DatabaseUnreachable, errors, StringComparison.Ordinal);
        Assert.Contains("Start it, or correct the connection", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_role_does_its_part_of_a_ledgers_life_and_no_other()
    {
        using var folder = new TemporaryFolder();
        var settings = machine.Settings();
        await RefusedAsync(folder, settings, StartupCode.DatabaseVersion, "migrate", "serve", "--url", Loopback);
        var migrated = await RunAsync(folder, settings, "migrate");
        Assert.Contains("0001_ledger.sql", migrated, StringComparison.Ordinal);
        Assert.Contains("up to date", await RunAsync(folder, settings, "migrate"), StringComparison.Ordinal);
        await RefusedAsync(folder, settings, StartupCode.LedgerMissing, "Storage:Postgres", "verify");

        string genesis, administrator;
        await using (var server = HostProcess.Start(folder.Path, settings, "serve", "--url", Loopback))
        {
            genesis = Last(await server.LineWithAsync("genesis hash"));
            administrator = Last(await server.LineWithAsync("administrator    "));
            Assert.Contains("relief_run", await server.LineWithAsync("GraphQL at"), StringComparison.Ordinal);

            // Auditors read beside it; whoever needs it stopped is told so.
            await RunAsync(folder, machine.Settings("read"), "verify", "--genesis", genesis);
            await RunAsync(folder, machine.Settings("read"), "head", folder["head.json"]);
            await RefusedAsync(folder, settings, StartupCode.DatabaseInUse, "a server runs", "rebuild");
            await RefusedAsync(folder, settings, StartupCode.DatabaseInUse, "a server runs", "apikey", "new", "--member", administrator);
            Assert.Equal(0, (await server.TerminateAsync()).Code);
        }

        await RunAsync(folder, settings, "apikey", "new", "--member", administrator);
        await RunAsync(folder, settings, "rebuild");
        await RunAsync(
            folder, settings, "keys", "rotate", "--recovery-password-file", "keys/offline/password", "--recovery", "keys/offline/recovery.json");
        await RunAsync(folder, machine.Settings("read"), "export", folder["ledger.export"]);
        await RunAsync(folder, [], "verify", "--export", folder["ledger.export"], "--genesis", genesis, "--head", folder["head.json"]);
        await RefusedAsync(folder, machine.Settings("read"), StartupCode.DatabaseDenied, "may not", "serve", "--url", Loopback);

        await using (var server = HostProcess.Start(folder.Path, settings, "serve", "--url", Loopback))
        {
            await server.LineWithAsync("GraphQL at");
            Assert.Equal(0, (await server.TerminateAsync()).Code);
        }

        await RunAsync(folder, machine.Settings("read"), "verify", "--genesis", genesis, "--head", folder["head.json"], "--claim-key", "keys/claim.key");
    }

    [Fact]
    public async Task A_password_comes_from_a_file_that_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        await machine.Server.SqlAsync("CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 'open sesame' IN ROLE guarded");
        var database = await machine.Server.CreateDatabaseAsync();
        var settings = new Dictionary<string, string>
        {
            ["HUMANITARIAN__Storage__Provider"] = "Postgres",
            ["HUMANITARIAN__Storage__Postgres__Connection"] = machine.Server.Connection(database, "secretive"),
        };
        await RefusedAsync(folder, settings, StartupCode.DatabaseDenied, "password", "migrate");

        settings["HUMANITARIAN__Storage__Postgres__PasswordFile"] = folder["password"];
        await File.WriteAllTextAsync(folder["password"], "open sesame\n");
        File.SetUnixFileMode(folder["password"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await RefusedAsync(folder, settings, StartupCode.KeyFileExposed, "PasswordFile", "migrate");
        File.SetUnixFileMode(folder["password"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await RunAsync(folder, settings, "migrate");

        settings["HUMANITARIAN__Storage__Postgres__Connection"] += ";Password=open sesame";
        var (code, output, errors) = await HostProcess.RunAsync(folder.Path, settings, "migrate");
        Assert.Equal(2, code);
        Assert.Contains("holds a password", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", output + errors, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(TemporaryFolder folder, Dictionary<string, string> settings, params string[] arguments)
    {
        var (code, output, errors) = await HostProcess.RunAsync(folder.Path, settings, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    private static async Task RefusedAsync(TemporaryFolder folder, Dictionary<string, string> settings, string code, string text, params string[] arguments)
    {
        var ended = await HostProcess.RunAsync(folder.Path, settings, arguments);
        Assert.True(ended.Code == 2, $"{string.Join(' ', arguments)}: {ended}");
        Assert.Contains(code, ended.Errors, StringComparison.Ordinal);
        Assert.Contains(text, ended.Errors, StringComparison.Ordinal);
    }

    private static string Last(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
}
