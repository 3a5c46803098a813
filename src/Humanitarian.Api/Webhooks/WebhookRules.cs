using Humanitarian.Api.Alerts;
using Humanitarian.Api.Disbursements;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Webhooks;

/// <summary>What a webhook may be told to do.</summary>
internal sealed class WebhookRules(Access access, DisbursementReads disbursements, LedgerReader reader, AlertLog alerts)
{
    public const int TopicsMost = 20;
    private const int UrlMost = 2_000;

    public static Refusal? RefuseUrl(string url) =>
        url.Length <= UrlMost && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? null
            : new Refusal(RefusalCode.InvalidInput, $"Write the URL as https://hooks.example.org/path, without a user or a fragment, in at most {UrlMost} characters.", "url");

    /// <summary>The topics asked for with the places to begin behind, once the caller may follow each.</summary>
    public async Task<Outcome<Dictionary<WebhookTopic, ulong>>> TopicsAsync(IReadOnlyList<WebhookTopicInput> asked)
    {
        if (asked.Count is < 1 or > TopicsMost)
        {
            return new Refusal(RefusalCode.InvalidInput, $"A webhook has 1 to {TopicsMost} topics.", "topics");
        }

        var topics = new Dictionary<WebhookTopic, ulong>();
        foreach (var one in asked)
        {
            if (one.SubjectId.HasValue != WebhookTopic.HasSubject(one.Event))
            {
                return new Refusal(RefusalCode.InvalidInput, "Accounts, disbursements and programs need a subjectId; blocks and alerts have none.", "topics");
            }

            var topic = new WebhookTopic(one.Event, one.SubjectId ?? Id.None);
            if (await ReachedAsync(topic) is not { } reached)
            {
                return new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may follow.", "topics");
            }

            if (one.After > reached || !topics.TryAdd(topic, one.After ?? reached))
            {
                return new Refusal(RefusalCode.InvalidInput, "A topic stands once, and its after is a place that has been reached.", "topics");
            }
        }

        return topics;
    }

    /// <summary>The newest place of a topic; null when it is not the caller's to follow.</summary>
    public async Task<ulong?> ReachedAsync(WebhookTopic topic) => topic.Event switch
    {
        WebhookEvent.AccountEntries => await access.AccountAsync(topic.Subject) is { } account ? (await reader.BookAsync(account.Id)).Entries : null,
        WebhookEvent.DisbursementProgress => await disbursements.ReadAsync(topic.Subject) is null ? null : await HeightAsync(),
        WebhookEvent.ProgramTotals => await access.CoveredProgramAsync(topic.Subject) is { } program && access.Reads(program.Organisation) ? await HeightAsync() : null,
        WebhookEvent.Alerts => await alerts.LastAsync(access.Caller.Organisation),
        _ => await HeightAsync(),
    };

    private async Task<ulong?> HeightAsync() => (await reader.CurrentAsync()).Height;
}
