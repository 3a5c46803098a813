using Humanitarian.Api;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Domain;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Tests;

public class SettingsTests
{
    [Fact]
    public void Command_line_wins_over_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["settings.json"], """{ "Storage": { "DataFolder": "from-file" }, "Ledger": { "Name": "From file" } }""");
        var (settings, _) = SettingsReader.Read(folder["settings.json"], [KeyValuePair.Create("Storage:DataFolder", (string?)"from-command-line")]);
        Assert.Equal(("from-command-line", "From file", "http://127.0.0.1:5080"), (settings.Storage.DataFolder, settings.Ledger.Name, settings.Api.Url));
    }

    [Theory]
    [InlineData("data", "keys")]
    [InlineData("mine", "mine-keys")]
    public void Keys_lie_beside_the_data(string data, string keys)
    {
        var (settings, _) = SettingsReader.Read(null, [KeyValuePair.Create("Storage:DataFolder", (string?)data)]);
        Assert.Equal(Path.GetFullPath(keys), settings.Keys.Folder);
    }

    [Theory]
    [InlineData("""{ "Storage": { "Provider": "Oracle" } }""", StartupCode.StorageProvider, "Storage:Provider")]
    [InlineData("""{ "Storage": { "DataFoldr": "x" } }""", StartupCode.Configuration, "Storage:DataFoldr")]
    [InlineData("""{ "Storag": { "DataFolder": "x" } }""", StartupCode.Configuration, "Storag")]
    [InlineData("""{ "Storage": { "DataFolder": "" } }""", StartupCode.Configuration, "Storage:DataFolder")]
    [InlineData("""{ "Storage": { "DataFolder": "a" }, "Keys": { "Folder": "a/keys" } }""", StartupCode.Configuration, "Keys:Folder")]
    [InlineData("""{ "Api": { "Url": "5080" } }""", StartupCode.Configuration, "Api:Url")]
    [InlineData("""{ "Api": { "Url": "https://127.0.0.1:5080" } }""", StartupCode.Configuration, "Api:Url")]
    [InlineData("""{ "Api": { "AllowedOrigins": ["aid.example.org"] } }""", StartupCode.Configuration, "Api:AllowedOrigins")]
    [InlineData("""{ "Api": { "AllowedOrigins": ["https://aid.example.org/path"] } }""", StartupCode.Configuration, "Api:AllowedOrigins")]
    [InlineData("""{ "Api": { "AllowedOrigins": ["*"] } }""", StartupCode.Configuration, "Api:AllowedOrigins")]
    [InlineData("""{ "Api": { "TrustedProxies": ["proxy"] } }""", StartupCode.Configuration, "Api:TrustedProxies")]
    [InlineData("""{ "Api": { "TrustedProxies": ["10.0.0.0/33"] } }""", StartupCode.Configuration, "Api:TrustedProxies")]
    [InlineData("""{ "Api": { "Documents": { "Only": true } } }""", StartupCode.Configuration, "Api:Documents:Folder")]
    [InlineData("""{ "Api": { "Documents": { "Folder": "no/such/folder" } } }""", StartupCode.Configuration, "Api:Documents:Folder")]
    [InlineData("""{ "Api": { "Limits": { "Dept": 1 } } }""", StartupCode.Configuration, "Api:Limits:Dept")]
    [InlineData("""{ "Api": { "Limits": { "Depth": 0 } } }""", StartupCode.Configuration, "Api:Limits:Depth")]
    [InlineData("""{ "Api": { "Limits": { "Aliases": -1 } } }""", StartupCode.Configuration, "Api:Limits:Aliases")]
    [InlineData("""{ "Api": { "Limits": { "Budget": 10 } } }""", StartupCode.Configuration, "Api:Limits:Budget")]
    [InlineData("""{ "Api": { "Limits": { "QueryTimeout": "00:00:00" } } }""", StartupCode.Configuration, "Api:Limits:QueryTimeout")]
    [InlineData("""{ "Api": { "InitTimeout": "00:00:00" } }""", StartupCode.Configuration, "Api:InitTimeout")]
    [InlineData("""{ "Api": { "UnknownOfAddress": 0 } }""", StartupCode.Configuration, "Api:UnknownOfAddress")]
    [InlineData("""{ "Api": { "BulkKeptFor": "00:00:00" } }""", StartupCode.Configuration, "Api:BulkKeptFor")]
    [InlineData("""{ "Api": { "Matching": { "RowsPerDay": 0 } } }""", StartupCode.Configuration, "Api:Matching:RowsPerDay")]
    [InlineData("""{ "Api": { "Matching": { "DryRunsPerDay": -1 } } }""", StartupCode.Configuration, "Api:Matching:DryRunsPerDay")]
    [InlineData("""{ "Api": { "Matching": { "Rows": 1 } } }""", StartupCode.Configuration, "Api:Matching:Rows")]
    [InlineData("""{ "Api": { "Pins": { "AttemptsOfPerson": 0 } } }""", StartupCode.Configuration, "Api:Pins:AttemptsOfPerson")]
    [InlineData("""{ "Api": { "Pins": { "AttemptsAtTill": 11 } } }""", StartupCode.Configuration, "Api:Pins:AttemptsAtTill")]
    [InlineData("""{ "Api": { "Pins": { "AttemptsOfTill": 2 } } }""", StartupCode.Configuration, "Api:Pins:AttemptsOfTill")]
    [InlineData("""{ "Api": { "Pins": { "Wait": "00:00:00" } } }""", StartupCode.Configuration, "Api:Pins:Wait")]
    [InlineData("""{ "Api": { "Pins": { "MemoryKiB": 64 } } }""", StartupCode.Configuration, "Api:Pins:MemoryKiB")]
    [InlineData("""{ "Api": { "Pins": { "Passes": 0 } } }""", StartupCode.Configuration, "Api:Pins:Passes")]
    [InlineData("""{ "Api": { "Pins": { "AtOnce": 0 } } }""", StartupCode.Configuration, "Api:Pins:AtOnce")]
    [InlineData("""{ "Api": { "Pins": { "Waiting": -1 } } }""", StartupCode.Configuration, "Api:Pins:Waiting")]
    [InlineData("""{ "SignIn": { "Issuer": "ledger.example.org" } }""", StartupCode.Configuration, "SignIn:Issuer")]
    [InlineData("""{ "SignIn": { "Issuer": "https://ledger.example.org" } }""", StartupCode.Configuration, "SignIn:Issuer")]
    [InlineData("""{ "SignIn": { "Clients": { "local": ["https://console.example.org/"] } } }""", StartupCode.Configuration, "SignIn:Clients")]
    [InlineData("""{ "SignIn": { "Clients": { "console": ["console"] } } }""", StartupCode.Configuration, "SignIn:Clients")]
    [InlineData("""{ "SignIn": { "Passkeys": { "Origins": ["https://example.org"] } } }""", StartupCode.Configuration, "RelyingParty")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "127.0.0.1", "Origins": ["http://127.0.0.1"] } } }""", StartupCode.Configuration, "RelyingParty")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "https://example.org", "Origins": ["https://example.org"] } } }""", StartupCode.Configuration, "RelyingParty")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "example.org" } } }""", StartupCode.Configuration, "SignIn:Passkeys:Origins")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "example.org", "Origins": ["http://example.org"] } } }""", StartupCode.Configuration, "SignIn:Passkeys:Origins")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "example.org", "Origins": ["https://badexample.org"] } } }""", StartupCode.Configuration, "SignIn:Passkeys:Origins")]
    [InlineData("""{ "SignIn": { "Passkeys": { "RelyingParty": "example.org", "Origins": ["https://example.org/"] } } }""", StartupCode.Configuration, "SignIn:Passkeys:Origins")]
    [InlineData("""{ "SignIn": { "TokenLifetime": "00:00:01" } }""", StartupCode.Configuration, "SignIn:TokenLifetime")]
    [InlineData("""{ "SignIn": { "AllowedNetworks": ["10.0.0.0/33"] } }""", StartupCode.Configuration, "SignIn:AllowedNetworks")]
    [InlineData("""{ "Privacy": { "LeastHouseholds": 2 } }""", StartupCode.Configuration, "Privacy:LeastHouseholds")]
    [InlineData("""{ "Ledger": { "Recovery": ["0x12"] } }""", StartupCode.Configuration, "Ledger:Recovery")]
    [InlineData("""{ "Ledger": { "RecoveryThreshold": 2 } }""", StartupCode.Configuration, "Ledger:RecoveryThreshold")]
    [InlineData("""{ "Ledger": { "RecoveryThreshold": "two" } }""", StartupCode.Configuration, "RecoveryThreshold")]
    [InlineData("""{ "Cluster": { "Enabled": true } }""", StartupCode.Configuration, "Storage:Provider=Postgres")]
    [InlineData("""{ "Cluster": { "Tls": { "Mod": "Network" } } }""", StartupCode.Configuration, "Cluster:Tls:Mod")]
    [InlineData("""{ "Cluster": { "Tls": { "Mode": "None" } } }""", StartupCode.Configuration, "Cluster:Tls:Mode")]
    [InlineData("""{ "Cluster": { "Probes": { "Missed": 0 } } }""", StartupCode.Configuration, "Cluster:Probes:Missed")]
    [InlineData("""{ "Dashboard": { "Url": "http://0.0.0.0:5090" } }""", StartupCode.Configuration, "Dashboard:Url")]
    [InlineData("""{ "Ledger": """, StartupCode.Configuration, "settings.json")]
    public void A_wrong_setting_is_named(string json, string code, string named)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["settings.json"], json);
        var fault = Assert.Throws<StartupFault>(() => SettingsReader.Read(folder["settings.json"], []));
        Assert.Equal(code, fault.Code);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shipped_file_shows_every_limit_with_its_default()
    {
        var (settings, configuration) = SettingsReader.Defaults();
        Assert.Equal(new ApiLimits(), settings.Api.Limits);
        Assert.Equal(
            typeof(ApiLimits).GetProperties().Select(limit => limit.Name).Order(StringComparer.Ordinal),
            configuration.GetSection("Api:Limits").GetChildren().Select(limit => limit.Key).Order(StringComparer.Ordinal));
        var documented = File.ReadAllText(Path.Combine(HostProcess.Repository, "docs", "running.md"));
        Assert.All(typeof(ApiLimits).GetProperties(), limit => Assert.Contains($"`{limit.Name}`", documented, StringComparison.Ordinal));
    }

    [Fact]
    public void Shipped_file_shows_quotas_and_limits_of_PINs_with_their_defaults_and_they_reach_the_api()
    {
        var (settings, configuration) = SettingsReader.Defaults(
            ("Api:Pins:AttemptsAtTill", "4"), ("Api:Matching:RowsPerDay", "5"), ("Api:Matching:DryRunsPerDay", "0"), ("Api:BulkKeptFor", "01:00:00"));
        Assert.Equal(new PinLimits { AttemptsAtTill = 4 }, settings.Api.Pins);
        Assert.Equal(new ApiMatchingSettings { RowsPerDay = 5, DryRunsPerDay = 0 }, settings.Api.Matching);
        Assert.Equal(
            typeof(PinLimits).GetProperties().Select(limit => limit.Name).Order(StringComparer.Ordinal),
            configuration.GetSection("Api:Pins").GetChildren().Select(limit => limit.Key).Order(StringComparer.Ordinal));
        Assert.Equal(new ApiMatchingSettings(), SettingsReader.Defaults().Settings.Api.Matching);
        Assert.Equal(new PinLimits(), SettingsReader.Defaults().Settings.Api.Pins);
        var keys = new LedgerKeys(new byte[32], new ClaimKey(new byte[32]), new byte[32], new byte[32]);
        var options = Serving.ApiOptions.Of(keys, settings);
        Assert.Equal((settings.Api.Pins, 5L, 0L, TimeSpan.FromHours(1)), (options.Pins, options.MatchedRowsPerDay, options.DryRunsPerDay, options.BulkKeptFor));
    }

    [Fact]
    public void Persisted_document_that_is_none_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["broken.graphql"], "{ me {");
        var fault = Assert.Throws<StartupFault>(() => new ApiDocumentsSettings { Folder = folder.Path }.Load());
        Assert.Equal(StartupCode.Configuration, fault.Code);
        Assert.Contains("broken.graphql", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_exist() =>
        Assert.Equal(StartupCode.Configuration, Assert.Throws<StartupFault>(() => SettingsReader.Read("/no/such/settings.json", [])).Code);

    [Fact]
    public async Task The_environment_is_heard()
    {
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HostProcess.RunAsync(
            folder.Path, new Dictionary<string, string> { ["HUMANITARIAN__Storage__DataFolder"] = "elsewhere" }, "verify");
        Assert.Equal(2, code);
        Assert.Contains(StartupCode.LedgerMissing, errors, StringComparison.Ordinal);
        Assert.Contains(folder["elsewhere"], errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_of_the_environment_that_is_none_is_named()
    {
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HostProcess.RunAsync(
            folder.Path, new Dictionary<string, string> { ["HUMANITARIAN__Storag__DataFolder"] = "elsewhere" }, "verify");
        Assert.Equal(2, code);
        Assert.Contains(StartupCode.Configuration, errors, StringComparison.Ordinal);
        Assert.Contains("Storag.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refusals.md")]
    [InlineData("running.md")]
    public void Every_start_up_code_is_documented(string page)
    {
        var table = File.ReadAllText(Path.Combine(HostProcess.Repository, "docs", page));
        Assert.All(
            typeof(StartupCode).GetFields().Select(field => (string)field.GetRawConstantValue()!),
            code => Assert.Contains($"| `{code}` |", table, StringComparison.Ordinal));
    }
}
