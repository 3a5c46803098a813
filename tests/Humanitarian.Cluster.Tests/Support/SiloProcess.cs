using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Host.Configuration;
using Humanitarian.Testing.Postgres;
using Npgsql;

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>One silo of a cluster: a process that may be killed and started again, and the network around it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private const string Ordering = "This silo orders";

    private readonly JsonObject settings;

    /// <param name="database">Connection string of the database, without the network between.</param>
    /// <param name="change">Further settings.</param>
    public SiloProcess(string folder, int number, string database, string keys, ClusterTlsSettings tls, Action<JsonObject>? change = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        var listening = FreePort.Take();
        Peers = new TcpProxy(listening);
        Database = new TcpProxy(connection.Port);
        connection.Port = Database.Port;
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Take()}/"));
        settings = new JsonObject
        {
            ["Storage"] = new JsonObject
            {
                ["Provider"] = StorageSettings.OfPostgres,
                ["DataFolder"] = Path.Combine(folder, $"data-{number}"),
                ["Postgres"] = new JsonObject { ["Connection"] = connection.ConnectionString },
            },
            ["Keys"] = new JsonObject { ["Folder"] = keys },
            ["Api"] = new JsonObject { [nameof(Url)] = Url.ToString() },
            ["Cluster"] = JsonSerializer.SerializeToNode(new ClusterSettings
            {
                Enabled = true, Address = "127.0.0.1", Port = Peers.Port, ListenPort = listening, Tls = tls,
            }),
        };
        SettingsFile = Path.Combine(folder, $"silo-{number}.json");
        Change(change ?? (_ => { }));
    }

    /// <summary>Where its API is, in every life.</summary>
    public Uri Url { get; }

    /// <summary>What lies between the other silos and this one.</summary>
    public TcpProxy Peers { get; }

    /// <summary>What lies between this silo and the database.</summary>
    public TcpProxy Database { get; }

    public ServerProcess Process { get; private set; } = null!;

    public string SettingsFile { get; }

    /// <summary>Changes its settings from its next life on.</summary>
    public void Change(Action<JsonObject> change)
    {
        change(settings);
        File.WriteAllText(SettingsFile, settings.ToJsonString());
    }

    public void Start() => Process = ServerProcess.ServeWith(SettingsFile);

    /// <summary>True when it answers that it can decide and commit.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync("health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public async Task<double> ReadyAsync() => (await Process.ReadyAsync()).Seconds;

    /// <summary>When this process last became the one that orders; null when it never did.</summary>
    public DateTimeOffset? OrdersSince => Process.Text.Split('\n')
        .LastOrDefault(line => line.Contains(Ordering, StringComparison.Ordinal)) is { } line
            ? DateTimeOffset.Parse((string)JsonNode.Parse(line)!["Timestamp"]!, CultureInfo.InvariantCulture)
            : null;

    /// <summary>How often this process became the one that orders.</summary>
    public int TimesOrdering => Process.Text.Split(Ordering).Length - 1;

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Peers.Dispose();
        Database.Dispose();
    }
}
