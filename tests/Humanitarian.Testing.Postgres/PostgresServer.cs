using System.Diagnostics;
using System.Globalization;
using Humanitarian.Storage.Postgres;
using Npgsql;

namespace Humanitarian.Testing.Postgres;

/// <summary>
/// A private PostgreSQL server in a temporary folder, from the binaries that the system has, on a free port of the loopback
/// interface, with fsync on. Roles need no password, but those in group <c>guarded</c> do. It can be killed and started again on its port. It ends with the test process,
/// also when that is killed: whoever starts it holds its standard input open, and a shell beside it waits for that to close.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Superuser = "postgres";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder;
    private readonly string _binaries;
    private readonly string[] _settings;
    private readonly SemaphoreSlim _templates = new(1, 1);
    private Process? _process;
    private string? _template;
    private int _databases;

    private PostgresServer(string folder, string binaries, int port, string[] settings)
    {
        _folder = folder;
        _binaries = binaries;
        _settings = [.. settings.SelectMany(setting => new[] { "-c", setting })];
        Port = port;
    }

    public int Port { get; }

    /// <summary>Process id of the postmaster.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Where the server's own files lie.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>What the server has logged.</summary>
    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    /// <summary>Makes and starts a server.</summary>
    /// <param name="settings">Such as <c>shared_buffers=1GB</c>, instead of those that suit tests.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start.</exception>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("humanitarian-postgres-").FullName;
        var server = new PostgresServer(folder, FindBinaries(), FreePort.Take(), settings);
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", User, folder);
            }

            await server.RunAsUserAsync(
                "initdb", "-D", server.DataFolder, "-U", Superuser, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync");
            await File.WriteAllTextAsync(
                Path.Combine(server.DataFolder, "pg_hba.conf"), "host all +guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n");
            await server.StartAgainAsync();
            await server.SqlAsync("CREATE ROLE guarded NOLOGIN");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connection string to a database as a role; the superuser and its database when left out.</summary>
    public string Connection(string database = Superuser, string role = Superuser) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={database};Username={role};SSL Mode=Disable;GSS Encryption Mode=Disable");

    /// <summary>A new database with the ledger's layout, copied from a template that is migrated once. Returns its name.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await _templates.WaitAsync();
        try
        {
            if (_template is null)
            {
                await SqlAsync("CREATE DATABASE ledger_template");
                await PostgresMigrations.ApplyAsync(Connection("ledger_template") + ";Pooling=false");
                _template = "ledger_template";
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"ledger_{++_databases}");
            await SqlAsync($"CREATE DATABASE {name} TEMPLATE {_template} STRATEGY FILE_COPY");
            return name;
        }
        finally
        {
            _templates.Release();
        }
    }

    /// <summary>Runs statements as the superuser, each on its own.</summary>
    public async Task SqlAsync(string sql, string database = Superuser)
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false;Command Timeout=300");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The text is the tests' own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of every row, as text.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql, string database = Superuser)
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false;Command Timeout=300");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The text is the tests' own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return rows;
    }

    /// <summary>Runs psql with these arguments; returns exit code and everything it wrote.</summary>
    public Task<(int Code, string Output)> PsqlAsync(params string[] arguments) => EndAsync(Start(
        Path.Combine(_binaries, "psql"),
        ["-X", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", Superuser, .. arguments]));

    /// <summary>Starts a server that was stopped or killed, on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        // The shell ends the server when its input closes, which the system does when the test process ends, however it ends.
        const string Guard = """
            trap '' INT
            program=$1 data=$2 port=$3 log=$4
            shift 4
            "$program" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on -c synchronous_commit=on \
                -c max_connections=200 -c shared_buffers=64MB -c max_wal_size=256MB -c autovacuum=off -c logging_collector=off "$@" </dev/null >>"$log" 2>&1 &
            server=$!
            cat >/dev/null
            kill -QUIT "$server" 2>/dev/null
            wait "$server"
            """;
        _process = StartAsUser(
            "/bin/sh",
            ["-c", Guard, "sh", Path.Combine(_binaries, "postgres"), DataFolder, Port.ToString(CultureInfo.InvariantCulture), Path.Combine(_folder, "log"), .. _settings]);
        var started = Stopwatch.GetTimestamp();
        while ((await EndAsync(Start(Path.Combine(_binaries, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture)]))).Code != 0)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"PostgreSQL does not start: {Log}");
            }
        }
    }

    /// <summary>Kills the postmaster and, with it, every session, as a crash of the machine's process would; nothing is flushed.</summary>
    public async Task KillAsync()
    {
        using var postmaster = Process.GetProcessById(ProcessId);
        var sessions = await ChildrenAsync(postmaster.Id);
        postmaster.Kill();
        foreach (var session in sessions)
        {
            await EndAsync(Start("kill", ["-KILL", session]));
        }

        await CloseAsync();
    }

    /// <summary>Stops the server at once but in order: sessions are ended, nothing is lost.</summary>
    public async Task StopAsync()
    {
        await RunAsUserAsync("pg_ctl", "stop", "-D", DataFolder, "-m", "fast", "-w");
        await CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await CloseAsync();
        }

        _templates.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string User => Environment.GetEnvironmentVariable("HUMANITARIAN_POSTGRES_USER") ?? Superuser;

    private static string FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var newest = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin")).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            : null;
        return newest
            ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");
    }

    private static async Task<IReadOnlyList<string>> ChildrenAsync(int parent) =>
        (await EndAsync(Start("ps", ["-o", "pid=", "--ppid", parent.ToString(CultureInfo.InvariantCulture)]))).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static Process Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{file} does not start.");
    }

    private static async Task<(int Code, string Output)> EndAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, await output + await errors);
        }
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        var (code, output) = await EndAsync(Start(file, arguments));
        if (code != 0)
        {
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {output}");
        }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static Process StartAsUser(string file, params string[] arguments) => Environment.IsPrivilegedProcess
        ? Start("setpriv", ["--reuid", User, "--regid", User, "--clear-groups", file, .. arguments])
        : Start(file, arguments);

    private async Task RunAsUserAsync(string program, params string[] arguments)
    {
        var (code, output) = await EndAsync(StartAsUser(Path.Combine(_binaries, program), arguments));
        if (code != 0)
        {
            throw new InvalidOperationException($"{program}: {output}");
        }
    }

    /// <summary>Closing its input makes the shell end the server, if it still runs.</summary>
    private async Task CloseAsync()
    {
        var process = _process!;
        _process = null;
        await EndAsync(process);
    }
}
