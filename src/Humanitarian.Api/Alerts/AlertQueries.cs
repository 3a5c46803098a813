using System.Globalization;
using System.Runtime.CompilerServices;
using Humanitarian.Api.Beneficiaries;
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

    /// <summary>What is kept of beneficiaries is due to be deleted; raised once a day, to those who may ask dueForgettings. The detail counts the beneficiaries.</summary>
    ForgettingDue = 7,

    /// <summary>A member took a role in an emergency, and another reviews it. The subject is the emergency; the detail names the role.</summary>
    Emergency = 8,

    /// <summary>
    /// Another organisation suspects that households of yours are its own too, or appeals. The subject is the first suspicion of a comparison; the detail
    /// says until when to decide.
    /// </summary>
    OverlapRaised = 9,

    /// <summary>A program, an area of it or a vendor in it was stopped. The subject is the program; the detail is the reason.</summary>
    Stopped = 10,

    /// <summary>The separation of duties of a program is to be waived, or is waived once enough have approved. The subject is the program; the detail says which.</summary>
    SeparationWaived = 11,
}

/// <summary>Something that a person should look at.</summary>
/// <param name="Number">Running number of your organisation's alerts from 1, without gaps but for those that your roles do not show: give the last one seen as <c>after</c> to go on behind it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="SubjectId">What it concerns; null when that is the ledger itself.</param>
/// <param name="Detail">Codes and counts, such as <c>ALREADY_ASSISTED 3</c>. It names no person.</param>
/// <param name="At">When it was raised.</param>
public sealed record Alert(ulong Number, AlertKind Kind, Id? SubjectId, string Detail, DateTimeOffset At);

/// <summary>Alerts of your own organisation.</summary>
public sealed class AlertQueries(AlertLog alerts, Caller caller) : IQueries
{
    internal const Roles Readers = Others | ForgettingQueries.Readers;

    internal const int Page = 100;

    private const Roles Others = Access.Readers | Roles.Operator;

    /// <summary>The alerts of your organisation that your roles show, oldest first; the newest thousand are kept.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the oldest when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    public async Task<Connection<Alert>?> Alerts(int first, string? after = null, CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        var last = (ulong)(Paging.NumberKey(after) ?? 0);
        var seen = new List<Alert>();
        IReadOnlyList<Alert> page;
        do
        {
            page = await alerts.AfterAsync(caller.Organisation, last, Page, cancellationToken);
            seen.AddRange(page.Where(alert => Shows(caller, alert)));
            last = page is [.., var newest] ? newest.Number : last;
        }
        while (seen.Count <= first && page.Count == Page);
        return Paging.Cut(seen, first, after, alert => alert.Number.ToString(CultureInfo.InvariantCulture), alert => alert);
    }

    /// <summary>What is due to be forgotten concerns others than money does.</summary>
    internal static bool Shows(Caller caller, Alert alert) => caller.Has(alert.Kind == AlertKind.ForgettingDue ? ForgettingQueries.Readers : Others);
}

/// <summary>Alerts as they are raised.</summary>
public sealed class AlertSubscriptions(Live live, AlertLog alerts, Caller caller) : ISubscriptions
{
    // Most alerts come with a block; those that do not are found by asking.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    /// <summary>Every alert of your organisation that your roles show, in order, from the next one on, or from the one after number <paramref name="after"/>.</summary>
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
                var news = await alerts.AfterAsync(caller.Organisation, last, AlertQueries.Page, token);
                last = news is [.., var newest] ? newest.Number : last;
                return [.. news.Where(alert => AlertQueries.Shows(caller, alert))];
            },
            Live.Rest, Again, cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
        }
    }
}
