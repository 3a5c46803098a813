using System.Net;
using System.Reflection;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Storage.Postgres;

namespace Humanitarian.Host.Configuration;

/// <summary>
/// Reads settings, the later winning: the defaults built in, <c>appsettings.json</c>, environment variables
/// (<c>HUMANITARIAN__Storage__DataFolder</c>), the command line.
/// </summary>
internal static class SettingsReader
{
    public const string FileName = "appsettings.json";
    public const string EnvironmentPrefix = "HUMANITARIAN__";

    private static readonly string[] Sections = ["Storage", "Keys", "Api", "SignIn", "Privacy", "Ledger", "Cluster", "Dashboard", "Telemetry", "Logging"];

    /// <param name="file">The file named by the caller; searched for when null.</param>
    /// <param name="commandLine">Settings given on the command line, by their full names.</param>
    /// <exception cref="StartupFault">A setting is wrong.</exception>
    public static (Settings Settings, IConfiguration Configuration) Read(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var configuration = Build(file, commandLine);
        return (Bind(configuration), configuration);
    }

    /// <summary>The defaults built in and what the caller sets, whatever files and environment say: for the demo.</summary>
    public static (Settings Settings, IConfiguration Configuration) Defaults(params (string Setting, string Value)[] given)
    {
        using var defaults = DefaultStream();
        var configuration = new ConfigurationBuilder().AddJsonStream(defaults)
            .AddInMemoryCollection(given.Select(one => KeyValuePair.Create(one.Setting, (string?)one.Value))).Build();
        return (Bind(configuration), configuration);
    }

    private static Settings Bind(IConfiguration configuration)
    {
        foreach (var known in typeof(Settings).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            RefuseUnknown(configuration.GetSection(known.Name), known.PropertyType);
        }

        Settings settings;
        try
        {
            settings = configuration.Get<Settings>() ?? new Settings();
        }
        catch (InvalidOperationException fault)
        {
            throw Wrong($"{fault.Message} {fault.InnerException?.Message}", fault);
        }

        Validate(settings);
        settings = settings with { Keys = settings.Keys with { Folder = KeysBeside(settings) } };
        RequireOutside(settings.Keys.Folder, settings.Storage.DataFolder);
        return settings;
    }

    private static string KeysBeside(Settings settings)
    {
        var data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Storage.DataFolder));
        return settings.Keys.Folder.Length > 0 ? Path.GetFullPath(settings.Keys.Folder)
            : Path.GetFileName(data) == "data" ? Path.Combine(Path.GetDirectoryName(data)!, "keys")
            : data + "-keys";
    }

    /// <summary>The file that counts: beside the caller, else upwards from the program.</summary>
    public static string? Find()
    {
        if (File.Exists(FileName))
        {
            return Path.GetFullPath(FileName);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, FileName)))
            {
                return Path.Combine(folder.FullName, FileName);
            }
        }

        return null;
    }

    private static IConfigurationRoot Build(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        if (file is not null && !File.Exists(file))
        {
            throw Wrong($"--config: there is no file {Path.GetFullPath(file)}. Name an existing one, or leave the option out.");
        }

        using var defaults = DefaultStream();
        var builder = new ConfigurationBuilder().AddJsonStream(defaults);
        if ((file ?? Find()) is { } path)
        {
            RefuseUnknownSections(new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false), Path.GetFullPath(path));
            builder.AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false);
        }

        RefuseUnknownSections(new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix), $"Environment variables {EnvironmentPrefix}…");
        return builder.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(commandLine).Build();
    }

    private static Stream DefaultStream() => typeof(SettingsReader).Assembly.GetManifestResourceStream(FileName)!;

    private static void RefuseUnknownSections(IConfigurationBuilder source, string place)
    {
        try
        {
            if (source.Build().GetChildren().FirstOrDefault(section => !Sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            {
                throw Wrong($"{place}: there is no section {unknown.Key}. Known are {string.Join(", ", Sections)}.");
            }
        }
        catch (InvalidDataException fault)
        {
            throw Wrong($"{place} is not valid JSON: {fault.InnerException?.Message ?? fault.Message}", fault);
        }
    }

    private static void RefuseUnknown(IConfigurationSection section, Type type)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(known, one => string.Equals(one.Name, child.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw Wrong($"There is no setting {child.Path}. Known in {section.Path} are {string.Join(", ", known.Select(one => one.Name))}.");
            if (property.PropertyType.Namespace?.StartsWith(nameof(Humanitarian), StringComparison.Ordinal) == true)
            {
                RefuseUnknown(child, property.PropertyType);
            }
        }
    }

    private static void Validate(Settings settings)
    {
        ValidateStorage(settings.Storage);
        RequireText(settings.Storage.DataFolder, "Storage:DataFolder", "name a folder");
        RequireText(settings.Ledger.Name, "Ledger:Name", "give the ledger a name");
        RequireText(settings.Ledger.Operator, "Ledger:Operator", "name the organisation that runs the ledger");
        if ((settings.Api.Wrong() ?? settings.SignIn.Wrong()) is { } wrong)
        {
            throw Wrong(wrong);
        }

        if (settings.Privacy.LeastHouseholds is < 3 or > 1000)
        {
            throw Wrong($"Privacy:LeastHouseholds is {settings.Privacy.LeastHouseholds}; it lies between 3 and 1000.");
        }

        ValidateRecovery(settings.Ledger);
        ValidateTelemetry(settings.Telemetry);
        ValidateCluster(settings);
    }

    private static void ValidateCluster(Settings settings)
    {
        if (settings.Cluster.Enabled && !settings.Storage.IsPostgres)
        {
            throw Wrong($"Cluster:Enabled needs Storage:Provider=Postgres; {StorageSettings.Sqlite} is one process's alone.");
        }

        if (settings.Cluster.Tls.Mode is not (ClusterTlsSettings.Certificates or ClusterTlsSettings.Network))
        {
            throw Wrong($"Cluster:Tls:Mode is '{settings.Cluster.Tls.Mode}'; it is {ClusterTlsSettings.Certificates} or {ClusterTlsSettings.Network}.");
        }

        if (settings.Cluster.Probes.Timeout < TimeSpan.FromMilliseconds(100) || settings.Cluster.Probes.Missed < 1)
        {
            throw Wrong("Cluster:Probes:Timeout must be at least 00:00:00.1, Cluster:Probes:Missed at least 1.");
        }

        if (!Uri.TryCreate(settings.Dashboard.Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/" || url.Port == 0
            || !IPAddress.TryParse(url.Host, out var address) || !IPAddress.IsLoopback(address))
        {
            throw Wrong($"Dashboard:Url is '{settings.Dashboard.Url}'; the dashboard listens on the loopback interface alone: write it as http://127.0.0.1:5090.");
        }
    }

    private static void ValidateTelemetry(TelemetrySettings telemetry)
    {
        if (telemetry.OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(telemetry.OtlpEndpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"))
        {
            throw Wrong($"Telemetry:OtlpEndpoint is '{telemetry.OtlpEndpoint}'; write it as http://127.0.0.1:4318, or leave it empty.");
        }

        if (!Enum.TryParse<OpenTelemetry.Exporter.OtlpExportProtocol>(telemetry.OtlpProtocol, ignoreCase: true, out _))
        {
            throw Wrong($"Telemetry:OtlpProtocol is '{telemetry.OtlpProtocol}'; it is HttpProtobuf or Grpc.");
        }

        if (telemetry.IntervalSeconds is < 1 or > 3600)
        {
            throw Wrong($"Telemetry:IntervalSeconds is {telemetry.IntervalSeconds}; it lies between 1 and 3600.");
        }
    }

    private static void ValidateStorage(StorageSettings storage)
    {
        if (!storage.IsPostgres && !string.Equals(storage.Provider, StorageSettings.Sqlite, StringComparison.OrdinalIgnoreCase))
        {
            throw new StartupFault(
                StartupCode.StorageProvider, $"Storage:Provider is '{storage.Provider}'; it is {StorageSettings.Sqlite} or {StorageSettings.OfPostgres}.");
        }

        if (storage.IsPostgres && storage.Postgres.Connection.Length == 0)
        {
            throw Wrong("Storage:Postgres:Connection is empty; write it as Host=db.example.org;Database=humanitarian;Username=humanitarian_run.");
        }

        RequireConnection(storage.Postgres.Connection, nameof(PostgresSettings.Connection));
        RequireConnection(storage.Postgres.MigrationConnection, nameof(PostgresSettings.MigrationConnection));
        RequireConnection(storage.Postgres.MatchingConnection, nameof(PostgresSettings.MatchingConnection));
    }

    private static void RequireConnection(string connection, string setting)
    {
        if (connection.Length > 0 && PostgresConnection.Wrong(connection) is { } wrong)
        {
            throw Wrong($"Storage:Postgres:{setting} {wrong}.");
        }
    }

    private static void ValidateRecovery(LedgerSettings ledger)
    {
        if (ledger.Recovery.FirstOrDefault(text => !Address.TryParse(text, out Address _)) is { } wrong)
        {
            throw Wrong($"Ledger:Recovery names '{wrong}', which is no address; write 0x and 40 hexadecimal digits.");
        }

        var keys = Math.Max(ledger.Recovery.Count, 1);
        if (keys > Genesis.MaximumRecovery || ledger.RecoveryThreshold < 1 || ledger.RecoveryThreshold > keys)
        {
            throw Wrong($"Ledger:RecoveryThreshold is {ledger.RecoveryThreshold}; it must lie between 1 and the number of recovery keys ({keys}, at most {Genesis.MaximumRecovery}).");
        }
    }

    private static void RequireOutside(string keys, string data)
    {
        var relative = Path.GetRelativePath(Path.GetFullPath(data), Path.GetFullPath(keys));
        if (relative == "." || !(relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)))
        {
            throw Wrong("Keys:Folder lies in Storage:DataFolder; choose a folder outside it, so that a copy of the data carries no key.");
        }
    }

    private static void RequireText(string text, string setting, string advice)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > 200)
        {
            throw Wrong($"{setting} is empty or longer than 200 characters; {advice}.");
        }
    }

    private static StartupFault Wrong(string message, Exception? inner = null) => new(StartupCode.Configuration, message, inner);
}
