using Humanitarian.Api.Outgoing;

namespace Humanitarian.Api.Webhooks;

/// <summary>How webhooks are sent.</summary>
public sealed record WebhookOptions
{
    /// <summary>Where to, and how long a receiver may take.</summary>
    public OutgoingRules Outgoing { get; init; } = new() { Timeout = TimeSpan.FromSeconds(15), AnswerBytes = 64 * 1024 };

    /// <summary>After how long without any success a webhook is disabled.</summary>
    public TimeSpan DisableAfter { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Wait after the first failure; each further one doubles it.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two attempts, and the most that a receiver's <c>Retry-After</c> counts.</summary>
    public TimeSpan LastRetry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often changed webhooks are looked for.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);
}
