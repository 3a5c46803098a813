using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Humanitarian.Domain;

namespace Humanitarian.Api.Webhooks;

/// <summary>An event as it is sent: the same bytes at every attempt.</summary>
/// <param name="Id">The same for the same event, also when it is sent again after a crash or a replay.</param>
/// <param name="Place">The event's height or number; null for a test.</param>
internal sealed record WebhookMessage(string Id, WebhookTopic? Topic, ulong? Place, byte[] Body)
{
    /// <summary>Most bytes of a body. A longer event is sent without its data, to be asked for.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <param name="data">The subscription's event.</param>
    /// <param name="now">Taken where the event does not say when it was.</param>
    public static WebhookMessage Of(Webhook webhook, WebhookTopic topic, JsonElement data, DateTimeOffset now)
    {
        var place = ulong.Parse(data.GetProperty(WebhookSource.Of(topic.Event).Place).GetString()!, CultureInfo.InvariantCulture);
        var raw = data.GetRawText();
        var body = Written(topic, place, TimeOf(topic.Event, data) ?? Text(now), raw);
        return new WebhookMessage(
            IdOf($"{webhook.Id} {topic.Event} {topic.Subject} {place} {raw}"), topic, place,
            body.Length <= BodyBytes ? body : Written(topic, place, TimeOf(topic.Event, data) ?? Text(now), null));
    }

    /// <summary>What shows that a receiver is reached and checks signatures.</summary>
    public static WebhookMessage Test(Webhook webhook, string command, DateTimeOffset now) => new(
        IdOf($"{webhook.Id} test {command}"), null, null,
        JsonSerializer.SerializeToUtf8Bytes(new { type = "webhook.test", timestamp = Text(now), data = new { webhookId = webhook.Id.ToString() } }));

    private static byte[] Written(WebhookTopic topic, ulong place, string timestamp, string? data)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", WebhookSource.Of(topic.Event).Type);
            writer.WriteString("timestamp", timestamp);
            if (!topic.Subject.IsNone)
            {
                writer.WriteString("subjectId", topic.Subject.ToString());
            }

            writer.WriteString("place", place.ToString(CultureInfo.InvariantCulture));
            writer.WritePropertyName("data");
            writer.WriteRawValue(data ?? "null");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string? TimeOf(WebhookEvent of, JsonElement data) => of switch
    {
        WebhookEvent.Blocks => data.GetProperty("time").GetString(),
        WebhookEvent.Alerts => data.GetProperty("at").GetString(),
        WebhookEvent.AccountEntries when data.GetProperty("entries") is { } entries && entries.GetArrayLength() > 0 => entries[0].GetProperty("at").GetString(),
        _ => null,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string IdOf(string content) => $"msg_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16))}";
}

/// <summary>The subscription behind a topic.</summary>
/// <param name="Type">Type of its messages.</param>
/// <param name="Field">Its root field.</param>
/// <param name="Place">The field that says where an event stands.</param>
/// <param name="Selection">What is asked of an event.</param>
internal sealed record WebhookSource(string Type, string Field, string Place, string? SubjectArgument, string Selection)
{
    private const string Money = "{ amountMinor currency exponent }";

    private static readonly WebhookSource AccountEntries = new(
        "account.entries", "accountEntries", "number", "accountId", $"number entries {{ number kind available {Money} held {Money} height position at }}");

    private static readonly WebhookSource DisbursementProgress = new(
        "disbursement.progress", "disbursementProgress", "height", "disbursementId",
        $"height disbursement {{ id programId state inPerson lines total {Money} period assistanceKind purpose paidLines paid {Money} unpaid {{ code lines }} }}");

    private static readonly WebhookSource ProgramTotals = new(
        "program.totals", "programTotals", "height", "programId",
        $"height available {Money} held {Money} disbursed {Money} redeemed {Money} settled {Money} expired {Money} delivered {Money}");

    private static readonly WebhookSource Blocks = new("block.sealed", "blocks", "height", null, "height hash previous root time sealer signature logSize logRoot");

    private static readonly WebhookSource Alerts = new("alert.raised", "alerts", "number", null, "number kind subjectId detail at");

    public static WebhookSource Of(WebhookEvent of) => of switch
    {
        WebhookEvent.AccountEntries => AccountEntries,
        WebhookEvent.DisbursementProgress => DisbursementProgress,
        WebhookEvent.ProgramTotals => ProgramTotals,
        WebhookEvent.Blocks => Blocks,
        _ => Alerts,
    };

    /// <summary>The subscription from a place on.</summary>
    public GraphQLRequest From(Id subject, ulong after) => new()
    {
        Query = SubjectArgument is null
            ? $"subscription($after: UInt64String) {{ {Field}(after: $after) {{ {Selection} }} }}"
            : $"subscription($id: Id!, $after: UInt64String) {{ {Field}({SubjectArgument}: $id, after: $after) {{ {Selection} }} }}",
        Variables = new Inputs(SubjectArgument is null
            ? new Dictionary<string, object?> { ["after"] = after.ToString(CultureInfo.InvariantCulture) }
            : new Dictionary<string, object?> { ["id"] = subject.ToString(), ["after"] = after.ToString(CultureInfo.InvariantCulture) }),
    };
}
