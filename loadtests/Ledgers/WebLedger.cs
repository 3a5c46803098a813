using Humanitarian.Api;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>A ledger with its API on Kestrel in this process, and the trivial endpoint it is compared with on the same server.</summary>
internal sealed class WebLedger : IAsyncDisposable
{
    /// <summary>Path of an endpoint that reads its body and answers a few bytes.</summary>
    public const string Trivial = "/trivial";

    /// <summary>Most connections of a client.</summary>
    public const int Connections = 256;

    private static readonly byte[] Answer = "{\"data\":{\"ok\":true}}"u8.ToArray();
    private readonly WebApplication application;
    private readonly Uri url;

    private WebLedger(WebApplication application, RunningLedger ledger, Uri url)
    {
        (this.application, Ledger) = (application, ledger);
        this.url = url;
        Client = NewClient();
    }

    public RunningLedger Ledger { get; }

    /// <summary>At most 256 connections; what waits for one waits in the generator, and its latency counts.</summary>
    public HttpClient Client { get; }

    public static async Task<WebLedger> StartAsync(StoreUnderTest store, LedgerKeys keys, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        RunningLedger.Configure(builder, store.Stores, keys);
        builder.Services.AddSingleton(new HumanitarianApiOptions { Pepper = Names.KeyOf("pepper"), MatchingKey = Names.KeyOf("matching"), DataFolder = store.Folder });
        builder.Services.AddHumanitarianApi();
        var application = builder.Build();
        application.UseHumanitarianSecurity();
        application.MapHumanitarianApi();
        application.MapPost(Trivial, async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Answer.Length;
            await http.Response.Body.WriteAsync(Answer, http.RequestAborted);
        });
        await application.StartAsync(cancellationToken);
        return new WebLedger(application, await RunningLedger.ReadyAsync(application, store.Stores, keys, cancellationToken), new Uri(application.Urls.First()));
    }

    /// <summary>Connections of somebody else; dispose of it.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) })
    {
        BaseAddress = url, Timeout = TimeSpan.FromMinutes(30),
    };

    /// <summary>A new API key of a member of the operator.</summary>
    public Task<string> KeyOfAsync(Id member) => KeyOfAsync(member, Names.Operator);

    public async Task<string> KeyOfAsync(Id member, Id organisation) =>
        (await application.Services.GetRequiredService<ApiKeys>().CreateAsync(member, organisation)).Secret;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Ledger.DisposeAsync();
    }
}
