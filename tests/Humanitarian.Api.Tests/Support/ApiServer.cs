using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Outgoing;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Api.SignIn;
using Humanitarian.Api.Tests.SecondFactor;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Transport;
using Humanitarian.Api.Webhooks;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;
using Humanitarian.Storage.Sqlite;
using Humanitarian.Testing.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(ApiServer))]

namespace Humanitarian.Api.Tests.Support;

/// <summary>A real ledger with its API: Kestrel, a silo and SQLite in a temporary folder. One serves all tests, which use their own organisations.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-api-").FullName;
    private WebApplication? application;
    private SqliteLedgerFiles? files;

    public Founding Founding { get; } = new(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>It waits for the server's word before it sends a body that may be refused, however busy the machine is.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) });

    /// <summary>The clock of the ledger and of its API.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Bounds of live connections.</summary>
    public LiveOptions Live { get; init; } = new();

    /// <summary>Origins whose pages may use the API.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>How webhooks are sent: to receivers of this machine too, and without long waits.</summary>
    public WebhookOptions Webhooks { get; init; } = new()
    {
        Outgoing = new OutgoingRules { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")], Timeout = TimeSpan.FromSeconds(30) },
        FirstRetry = TimeSpan.FromMilliseconds(50), LastRetry = TimeSpan.FromMilliseconds(400), Every = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>How often the audit trail is anchored.</summary>
    public TimeSpan AuditAnchorEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Changes the side store that the API is given.</summary>
    public Func<ISideStore, ISideStore> Side { get; init; } = store => store;

    /// <summary>Changes the projections that the ledger is given.</summary>
    public Func<IProjectionStore, IProjectionStore> Projections { get; init; } = store => store;

    public string Folder => folder;

    public SqliteLedgerFiles Files => files!;

    public IServiceProvider Services => application!.Services;

    public ApiKeys Keys => Services.GetRequiredService<ApiKeys>();

    /// <summary>Key of the operator's first administrator.</summary>
    public string OperatorKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        files = await SqliteStorage.OpenAsync(folder);
        await Founding.FoundAsync(files.Blocks);
        await StartAsync("http://127.0.0.1:0");
        Http.BaseAddress = new Uri(application!.Urls.First());
        OperatorKey = (await Keys.CreateAsync(Founding.Administrator, Founding.OperatorOrganisation)).Secret;
    }

    /// <summary>Stops the server and starts another on the same stores and port.</summary>
    public async Task RestartAsync(Func<Task>? whileStopped = null)
    {
        await application!.StopAsync();
        await application.DisposeAsync();
        await (whileStopped?.Invoke() ?? Task.CompletedTask);
        await StartAsync(Http.BaseAddress!.ToString());
    }

    private async Task StartAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(3));
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", url);
        builder.Services.AddSingleton(Time);
        builder.Services.AddSingleton<IBlockStore>(Files.Blocks);
        builder.Services.AddSingleton(Projections(Files.Projections));
        builder.Services.AddSingleton(Side(Files.Side));
        builder.Services.AddSingleton<IMatchingStore>(Files.Matching);
        builder.Services.AddSingleton(new HumanitarianApiOptions
        {
            Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = folder, Live = Live, AllowedOrigins = AllowedOrigins, Webhooks = Webhooks,
            PayoutCoolOff = TimeSpan.Zero,
            SignIn = new SignInOptions { Passkeys = new PasskeyOptions(SoftAuthenticator.RelyingParty, [SoftAuthenticator.ItsOrigin]) },
            AuditAnchorEvery = AuditAnchorEvery,
        });
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Take(), gatewayPort: 0, serviceId: "test", clusterId: Path.GetFileName(folder)));
        builder.Services.AddHumanitarianLedger(Founding.Identity, Founding.Sealer);
        builder.Services.AddHumanitarianApi();
        builder.Services.AddHumanitarianApiDuties();
        application = builder.Build();
        application.UseHumanitarianSecurity();
        application.MapHumanitarianApi();
        await application.StartAsync();
    }

    public Task<HttpResponseMessage> SendAsync(string? key, HttpMethod method, string path, HttpContent? content = null, string? accept = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return Http.SendAsync(request);
    }

    /// <summary>The whole answer to a document.</summary>
    public async Task<JsonElement> ExecuteAsync(string key, string query, object? variables = null)
    {
        using var response = await SendAsync(key, HttpMethod.Post, "/graphql", JsonContent.Create(new { query, variables }));
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The data of a document that must not fail.</summary>
    public async Task<JsonElement> QueryAsync(string key, string query, object? variables = null)
    {
        var answer = await ExecuteAsync(key, query, variables);
        Assert.False(answer.TryGetProperty("errors", out var errors), errors.ValueKind == JsonValueKind.Undefined ? null : errors.ToString());
        return answer.GetProperty("data");
    }

    /// <summary>A mutation's payload; <paramref name="fields"/> are asked for beside the usual ones.</summary>
    public async Task<JsonElement> MutateAsync(string key, string name, IReadOnlyDictionary<string, object?> input, string fields = "")
    {
        var type = char.ToUpperInvariant(name[0]) + name[1..] + "Input";
        var data = await QueryAsync(
            key,
            $"mutation($input: {type}!) {{ {name}(input: $input) {{ {fields} transaction {{ hash height position }} replayed "
            + "toSign { primaryType json message { name value } } userErrors { code field message } } }",
            new { input });
        return data.GetProperty(name);
    }

    /// <summary>Asks once to learn what to sign, signs it with the member's or device's key, asks again.</summary>
    public async Task<JsonElement> SignAsync(string key, Id signer, string name, Dictionary<string, object?> input, string fields = "")
    {
        var first = await MutateAsync(key, name, input, fields);
        if (first.GetProperty("toSign").ValueKind == JsonValueKind.Null)
        {
            return first;
        }

        input["signature"] = Founding.Sign(signer, Digest(first.GetProperty("toSign"))).ToString();
        return await MutateAsync(key, name, input, fields);
    }

    /// <summary>Asserts that a mutation went through.</summary>
    public static JsonElement Done(JsonElement payload)
    {
        Assert.True(payload.GetProperty("userErrors").GetArrayLength() == 0, payload.GetProperty("userErrors").ToString());
        return payload;
    }

    /// <summary>Asserts that a mutation was refused with a code.</summary>
    public static JsonElement Refused(string code, JsonElement payload)
    {
        Assert.Equal(code, payload.GetProperty("userErrors")[0].GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, payload.GetProperty("transaction").ValueKind);
        return payload;
    }

    public Task StopAsync() => application!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (application is not null)
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }

        await Files.DisposeAsync();
        Directory.Delete(folder, true);
    }

    /// <summary>What a wallet would sign, from the words the API gives.</summary>
    private Hash32 Digest(JsonElement toSign)
    {
        var words = toSign.GetProperty("message").EnumerateArray().ToDictionary(word => word.GetProperty("name").GetString()!, word => word.GetProperty("value").GetString()!);
        long Long(string name) => long.Parse(words[name], CultureInfo.InvariantCulture);
        Id Number(string name) => UInt128.Parse(words[name], CultureInfo.InvariantCulture) is var number ? new Id((ulong)(number >> 64), (ulong)(number & ulong.MaxValue)) : default;
        return toSign.GetProperty("primaryType").GetString() == "Authorisation"
            ? SignedObjects.Digest(
                Founding.Identity.Domain, new DecisionToSign(words["action"], Hash32.Parse(words["object"]), Long("totalMinor"), (uint)Long("roleVersion")))
            : SignedObjects.Digest(
                Founding.Identity.Domain,
                new DeliveryToSign(
                    Number("device"), Number("disbursement"), Number("account"), words["unit"], Long("amountMinor"), words["purpose"], Long("occurredAt"),
                    Long("deadline"), (ulong)Long("counter")));
    }
}
