using System.Globalization;
using System.Runtime.CompilerServices;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Alerts;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>A disbursement is over, and lines of it were not paid. The detail counts them by the reason's code.</summary>
    DisbursementFailures = 1,

    /// <summary>Lines of a disbursement were not paid because their households had been assisted already. The detail counts them.</summary>
    DuplicateFound = 2,

    /// <summary>A provider's report says otherwise of cash lines than what was recorded before; a person decides. The subject is the disbursement.</summary>
    ReportContradicts = 3,

    /// <summary>A grant's commitment or a line of its budget is used up to nine tenths or more. The detail names which.</summary>
    LimitNear = 4,

    /// <summary>A webhook sends no more; the detail says why. The subject is the webhook.</summary>
    WebhookDisabled = 5,

    /// <summary>To the operator: statements and totals are read from far behind the newest block. The detail counts the blocks.</summary>
    ProjectionLag = 6,
}

/// <summary>Something that a person should look at.</summary>
/// <param name="Number">Running number of your organisation's alerts from 1, without gaps: give the last one seen as <c>after</c> to go on behind it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="SubjectId">What it concerns; null when that is the ledger itself.</param>
/// <param name="Detail">Codes and counts, such as <c>ALREADY_ASSISTED 3</c>. It names no person.</param>
/// <param name="At">When it was raised.</param>
public sealed record Alert(ulong Number, AlertKind Kind, Id? SubjectId, string Detail, DateTimeOffset At);

/// <summary>Alerts of your own organisation.</summary>
public sealed class AlertQueries(AlertLog alerts, Caller caller) : IQueries
{
    internal const Roles Readers = Access.Readers | Roles.Operator;

    /// <summary>The alerts of your organisation, oldest first; the newest thousand are kept.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the oldest when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    public async Task<Connection<Alert>?> Alerts(int first, string? after = null, CancellationToken cancellationToken = default) => Paging.Cut(
        await alerts.AfterAsync(caller.Organisation, (ulong)(Paging.NumberKey(after) ?? 0), Paging.Check(first) + 1, cancellationToken),
        first, after, alert => alert.Number.ToString(CultureInfo.InvariantCulture), alert => alert);
}

/// <summary>Alerts as they are raised.</summary>
public sealed class AlertSubscriptions(Live live, AlertLog alerts, Caller caller) : ISubscriptions
{
    private const int Page = 100;

    // Most alerts come with a block; those that do not are found by asking.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    /// <summary>Every alert of your organisation in order, from the next one on, or from the one after number <paramref name="after"/>.</summary>
    /// <param name="after">Number of the last alert seen; INVALID_INPUT when there is none such yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(AlertQueries.Readers)]
    public async IAsyncEnumerable<Alert> Alerts(ulong? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = await alerts.LastAsync(caller.Organisation, cancellationToken);
        Live.RequireReached(after, last);
        last = after ?? last;
        var events = live.FollowAsync<Alert>(
            async token =>
            {
                var news = await alerts.AfterAsync(caller.Organisation, last, Page, token);
                last = news is [.., var newest] ? newest.Number : last;
                return news;
            },
            Live.Rest, Again, cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
        }
    }
}
