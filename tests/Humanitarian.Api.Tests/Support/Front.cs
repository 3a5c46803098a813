using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GraphQL.DI;
using Humanitarian.Chain.Crypto;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Telemetry;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Tests.Support;

/// <summary>Another API with settings and a clock of its own before the ledger that all tests share.</summary>
internal sealed class Front : IAsyncDisposable
{
    private readonly WebApplication application;

    private Front(WebApplication application)
    {
        this.application = application;
        Http.BaseAddress = new Uri(application.Urls.First());
    }

    /// <summary>Where a proxy stands that these tests play.</summary>
    public static IPNetwork Proxy { get; } = IPNetwork.Parse("127.0.0.0/8");

    public HttpClient Http { get; } = new();

    public static async Task<Front> StartAsync(
        ApiServer api, Func<HumanitarianApiOptions, HumanitarianApiOptions>? change = null, TimeProvider? time = null, IConfigureExecution? within = null,
        Action<WebApplication>? map = null, AdmissionGate? gate = null, ISideStore? side = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        Share<LedgerCommands>();
        Share<LedgerReader>();
        builder.Services.AddSingleton(gate ?? api.Services.GetRequiredService<AdmissionGate>());
        Share<LedgerTelemetry>();
        builder.Services.AddSingleton(side ?? api.Services.GetRequiredService<ISideStore>());
        Share<IMatchingStore>();
        Share<IRandomSource>();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        var options = new HumanitarianApiOptions { Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = api.Folder };
        builder.Services.AddSingleton(change?.Invoke(options) ?? options);
        builder.Services.AddHumanitarianApi();
        if (within is not null)
        {
            builder.Services.AddSingleton(within);
        }

        var application = builder.Build();
        application.UseHumanitarianSecurity();
        application.MapHumanitarianApi();
        map?.Invoke(application);
        await application.StartAsync();
        return new Front(application);

        void Share<T>()
            where T : class => builder.Services.AddSingleton(api.Services.GetRequiredService<T>());
    }

    /// <summary>A front with other limits.</summary>
    public static Task<Front> StartAsync(ApiServer api, ApiLimits limits, TimeProvider? time = null, IConfigureExecution? within = null) =>
        StartAsync(api, options => options with { Limits = limits }, time, within);

    public async Task<(HttpResponseMessage Response, JsonElement Answer)> PostAsync(string? key, object body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await Http.SendAsync(request);
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>The code of an answer's only error; null when it has none.</summary>
    public static string? Code(JsonElement answer) =>
        answer.TryGetProperty("errors", out var errors) ? Assert.Single(errors.EnumerateArray()).GetProperty("extensions").GetProperty("code").GetString() : null;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await application.DisposeAsync();
    }
}

/// <summary>A clock that moves when it is told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public void Advance(TimeSpan time) => Interlocked.Add(ref now, time.Ticks);
}

/// <summary>The system's clock, set otherwise.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
