using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Api.Webhooks;

/// <summary>Which subscription a webhook carries on; its events are those of the subscription.</summary>
public enum WebhookEvent
{
    /// <summary>Entries of an account, each with its number; type <c>account.entries</c>.</summary>
    AccountEntries = 1,

    /// <summary>A disbursement whenever it has changed; type <c>disbursement.progress</c>.</summary>
    DisbursementProgress = 2,

    /// <summary>A program's totals whenever they have changed; type <c>program.totals</c>.</summary>
    ProgramTotals = 3,

    /// <summary>Every block, without its transactions; type <c>block.sealed</c>.</summary>
    Blocks = 4,

    /// <summary>Alerts of your organisation; type <c>alert.raised</c>.</summary>
    Alerts = 5,
}

/// <summary>Why a webhook sends nothing.</summary>
public enum WebhookDisabledReason
{
    /// <summary>A member disabled it.</summary>
    Member = 1,

    /// <summary>Every attempt of days has failed.</summary>
    Failing = 2,

    /// <summary>The receiver answered 410: it wants no more.</summary>
    Gone = 3,

    /// <summary>The member it acts for is no active administrator any more, or may not follow one of its topics.</summary>
    NotAllowed = 4,
}

/// <summary>What is followed.</summary>
/// <param name="Subject">The account, disbursement or program; none for blocks and alerts.</param>
internal sealed record WebhookTopic(WebhookEvent Event, Id Subject)
{
    /// <summary>True for one that is about an account, a disbursement or a program.</summary>
    public static bool HasSubject(WebhookEvent of) => of is not (WebhookEvent.Blocks or WebhookEvent.Alerts);
}

/// <summary>A secret that requests are signed with.</summary>
/// <param name="Text"><c>whsec_</c> and 32 random bytes in base64.</param>
/// <param name="MadeBy">The command that made it, which may be told it again.</param>
/// <param name="Until">Unix milliseconds; <see cref="long.MaxValue"/> for the current one.</param>
internal sealed record WebhookSecret(string Text, string MadeBy, long Until)
{
    public const string Prefix = "whsec_";

    /// <summary>Without the secret: a record's generated text would put it in logs.</summary>
    public override string ToString() => MadeBy;
}

/// <summary>A command that was done.</summary>
/// <param name="Scope">Hash of the caller and the idempotency key.</param>
/// <param name="Content">Hash of its input.</param>
internal sealed record WebhookCommand(string Scope, string Content);

/// <summary>A receiver of events.</summary>
/// <param name="Principal">The administrator who made or changed it last: it sees what they see.</param>
/// <param name="Disabled">Null while it sends.</param>
/// <param name="Old">The secret before; null when it never had one.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
/// <param name="Commands">The last commands that made or changed it, so that a repetition changes nothing.</param>
internal sealed record Webhook(
    Id Id, Id Organisation, Id Principal, string Url, IReadOnlyList<WebhookTopic> Topics, WebhookDisabledReason? Disabled, WebhookSecret Secret, WebhookSecret? Old,
    long CreatedAt, IReadOnlyList<WebhookCommand> Commands)
{
    private const int CommandsKept = 100;

    /// <summary>Version of its document; 0 before it is written.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Version { get; init; }

    /// <summary>The id of the webhook that a command makes.</summary>
    public static Id IdOf(Id principal, string idempotencyKey) =>
        Id.FromBytes(SHA256.HashData([.. "webhook"u8, .. principal.ToBytes(), .. Encoding.UTF8.GetBytes(idempotencyKey)]));

    public Webhook With(WebhookCommand command) => this with { Commands = [.. Commands.TakeLast(CommandsKept - 1), command] };

    /// <summary>The secrets that count at a time, the current one first.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public IEnumerable<WebhookSecret> SecretsAt(long now) => Old is { } old && old.Until > now ? [Secret, old] : [Secret];

    /// <summary>Without the URL, whose path may be a secret of its receiver, and without the secrets.</summary>
    public override string ToString() => Id.ToString();
}

/// <summary>An attempt to hand an event over.</summary>
/// <param name="MessageId">What the receiver got as <c>webhook-id</c>: the same for every attempt of one event.</param>
/// <param name="Event">What it told of; null for a test.</param>
/// <param name="SubjectId">The account, disbursement or program; null for none.</param>
/// <param name="Place">The event's height or number; null for a test.</param>
/// <param name="At">When it was tried.</param>
/// <param name="Delivered">True when the receiver answered 2xx.</param>
/// <param name="Status">Status that the receiver answered; null when it answered nothing.</param>
/// <param name="Problem">Why it was not delivered; null when it was.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record WebhookDelivery(
    string MessageId, WebhookEvent? Event, Id? SubjectId, ulong? Place, DateTimeOffset At, bool Delivered, int? Status, WebhookProblem? Problem, int Milliseconds);

/// <summary>Why an event was not delivered.</summary>
public enum WebhookProblem
{
    /// <summary>The receiver answered another status than 2xx. Redirects are not followed.</summary>
    Status = 1,

    /// <summary>The receiver took too long.</summary>
    TimedOut = 2,

    /// <summary>The receiver's address is not public, cannot be found or does not answer, its certificate is not good, or its answer is too long.</summary>
    NotReached = 3,
}

/// <summary>How far a topic of a webhook has come.</summary>
/// <param name="After">Place of the last event delivered.</param>
/// <param name="FailingSince">Unix milliseconds of the first failure since then; null while there is none.</param>
/// <param name="Failures">Failures since then.</param>
/// <param name="Deliveries">The last attempts, oldest first.</param>
internal sealed record WebhookState(ulong After, long? FailingSince, int Failures, IReadOnlyList<WebhookDelivery> Deliveries)
{
    private const int DeliveriesKept = 20;

    [System.Text.Json.Serialization.JsonIgnore]
    public long Version { get; init; }

    public static WebhookState At(ulong place) => new(place, null, 0, []);

    /// <summary>After an attempt.</summary>
    public WebhookState With(WebhookDelivery delivery)
    {
        var tried = this with { Deliveries = [.. Deliveries.TakeLast(DeliveriesKept - 1), delivery] };
        return delivery.Delivered
            ? tried with { After = delivery.Place ?? After, FailingSince = null, Failures = 0 }
            : tried with { FailingSince = FailingSince ?? delivery.At.ToUnixTimeMilliseconds(), Failures = Failures + 1 };
    }
}
