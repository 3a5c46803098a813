using System.Globalization;
using Humanitarian.Api.Alerts;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>Tells organisations once a day how many beneficiaries there are of whom is kept what is due to be deleted, while there are any.</summary>
internal sealed class ForgettingAlerts(LedgerReader reader, AlertLog alerts, TimeProvider time)
{
    private const int Page = 500;
    private long told = -1;

    /// <summary>Counts what is due, unless that was done today.</summary>
    internal async Task TellAsync(CancellationToken cancellationToken = default)
    {
        var day = Limits.DayOf(time.GetUtcNow().ToUnixTimeMilliseconds());
        if (day == told)
        {
            return;
        }

        foreach (var (organisation, count) in await CountAsync(day, cancellationToken))
        {
            var (detail, cause) = (count.ToString(CultureInfo.InvariantCulture), day.ToString(CultureInfo.InvariantCulture));
            await alerts.RaiseAsync(organisation, AlertKind.ForgettingDue, Id.None, detail, cause, cancellationToken);
        }

        told = day;
    }

    private async Task<Dictionary<Id, int>> CountAsync(long day, CancellationToken cancellationToken)
    {
        var due = new Dictionary<Id, int>();
        Id? after = null;
        while (await reader.ListAsync<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, null, after, Page, cancellationToken) is { Count: > 0 } notices)
        {
            PrivacyNoticeRecord[] over = [.. notices.Where(notice => notice.IsDue(day))];
            var forgotten = (await reader.FindAllAsync<ForgettingRecord>(RecordKind.Forgetting, [.. over.Select(notice => notice.Id)], cancellationToken))
                .Where(one => one.IsForgotten).Select(one => one.Id).ToHashSet();
            foreach (var notice in over.Where(notice => !forgotten.Contains(notice.Id)))
            {
                due[notice.Organisation] = due.GetValueOrDefault(notice.Organisation) + 1;
            }

            after = notices[^1].Id;
        }

        return due;
    }
}
