using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Humanitarian.Api.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Tests.Webhooks;

/// <summary>A message as a receiver got it.</summary>
internal sealed record Received(string Id, string Timestamp, string Signature, string Body)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    public ulong Place => ulong.Parse(Json.GetProperty("place").GetString()!, CultureInfo.InvariantCulture);

    /// <summary>True when one of the signatures is by the secret, worked out as the Standard Webhooks specification says.</summary>
    public bool IsSignedBy(string secret) => Signature.Split(' ').Contains(
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}"))));
}

/// <summary>A receiver of webhooks on this machine. Nothing is waited for longer than a minute.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Channel<Received> received = Channel.CreateUnbounded<Received>();
    private readonly WebApplication application;

    private Receiver(WebApplication application) => this.application = application;

    public string Url => application.Urls.First() + "/hook";

    /// <summary>What is answered; by default 200.</summary>
    public Func<Received, HttpResponse, int> Answer { get; set; } = (_, _) => StatusCodes.Status200OK;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        var receiver = new Receiver(application);
        application.MapPost("/{**path}", receiver.TakeAsync);
        await application.StartAsync();
        return receiver;
    }

    /// <summary>The next message.</summary>
    public async Task<Received> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        return await received.Reader.ReadAsync(limit.Token);
    }

    /// <summary>The next so many.</summary>
    public async Task<IReadOnlyList<Received>> NextAsync(int count)
    {
        var all = new List<Received>();
        while (all.Count < count)
        {
            all.Add(await NextAsync());
        }

        return all;
    }

    /// <summary>True when nothing has come that was not taken.</summary>
    public bool IsEmpty => !received.Reader.TryPeek(out _);

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var one = new Received(
            http.Request.Headers["webhook-id"]!, http.Request.Headers["webhook-timestamp"]!, http.Request.Headers["webhook-signature"]!, await reader.ReadToEndAsync());
        http.Response.StatusCode = Answer(one, http.Response);
        received.Writer.TryWrite(one);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }
}

/// <summary>An organisation with a program whose pool's entries a webhook follows.</summary>
internal sealed class Hooked(ApiServer api, Aid aid, Receiver receiver, string pool)
{
    public const string Fields = "webhook { id url disabledReason oldSecretUntil actsForId topics { event subjectId } }";

    public Aid Aid => aid;

    public Receiver Receiver => receiver;

    public string Pool => pool;

    public string Id { get; private set; } = "";

    public string Secret { get; private set; } = "";

    public static async Task<Hooked> MakeAsync(ApiServer api, string name, Receiver receiver)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var pool = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { program(id: $id) { poolAccountId } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("program").GetProperty("poolAccountId").GetString()!;
        var hooked = new Hooked(api, aid, receiver, pool);
        var made = await aid.Cast.DoneAsync(
            aid.Administrator, "createWebhook", aid.Cast.Input(("url", receiver.Url), ("topics", new[] { new { @event = "ACCOUNT_ENTRIES", subjectId = pool } })), $"secret {Fields}");
        (hooked.Id, hooked.Secret) = (made.GetProperty("webhook").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
        return hooked;
    }

    /// <summary>Money comes in: one entry of the pool.</summary>
    public Task ReceiveAsync(long amountMinor) => aid.Cast.DoneAsync(
        aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(amountMinor))));

    public Task<JsonElement> ChangeAsync(string mutation, string fields, params (string Name, object? Value)[] input) =>
        aid.Cast.DoneAsync(aid.Administrator, mutation, aid.Cast.Input([("webhookId", Id), .. input]), fields);

    public async Task<JsonElement> WebhookAsync() =>
        (await api.QueryAsync(aid.Administrator.Key, $"{{ webhooks(first: 10) {{ nodes {{ {Fields["webhook { ".Length..^2]} }} }} }}"))
            .GetProperty("webhooks").GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("id").GetString() == Id);

    /// <summary>Waits until it is disabled, by the alert that tells of it.</summary>
    public async Task<string> DisabledAsync()
    {
        using var alerts = await SocketClient.OpenAsync(api, aid.Administrator.Key);
        await alerts.SubscribeAsync("1", "subscription { alerts(after: \"0\") { kind subjectId detail } }");
        while (true)
        {
            var alert = (await alerts.EventAsync("1")).GetProperty("alerts");
            if (alert.GetProperty("kind").GetString() == "WEBHOOK_DISABLED" && alert.GetProperty("subjectId").GetString() == Id)
            {
                return alert.GetProperty("detail").GetString()!;
            }
        }
    }
}
