using System.Globalization;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Overlaps;

/// <summary>A comparison of a list with other organisations' records, as it is logged. It names no household.</summary>
/// <param name="Rows">Rows that were compared.</param>
/// <param name="AtLeast">How many households of the list others may know, in steps, at least; fewer than <paramref name="FewerThan"/>.</param>
/// <param name="Parameters">What was asked for: the same key with another question is refused.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record MatchingRun(
    string Id, string Organisation, string Member, string List, bool DryRun, long Rows, long AtLeast, long FewerThan, string Parameters, long At);

/// <summary>The log of comparisons, and what an organisation has left of its quota today.</summary>
public sealed class MatchingRuns(ISideStore side, HumanitarianApiOptions options, TimeProvider time)
{
    private const string RunKind = "matching-run";
    private const string QuotaKind = "matching-quota";

    /// <summary>A comparison of an organisation; of any when none is named.</summary>
    public async Task<MatchingRun?> FindAsync(Id id, Id? organisation) =>
        await side.FindAsync(RunKind, id.ToString()) is { } document && (organisation is null || document.Owner == organisation.ToString())
            ? JsonSerializer.Deserialize<MatchingRun>(document.Json)
            : null;

    /// <summary>An organisation's comparisons by id, after an id; all organisations' when none is named.</summary>
    public async Task<IReadOnlyList<MatchingRun>> ListAsync(Id? organisation, Id? after, int limit) =>
        [.. (await side.ListAsync(RunKind, organisation?.ToString(), after?.ToString(), limit)).Select(document => JsonSerializer.Deserialize<MatchingRun>(document.Json)!)];

    public Task AddAsync(MatchingRun run) => side.PutAsync(new SideDocument(RunKind, run.Id, run.Organisation, 0, JsonSerializer.Serialize(run)));

    /// <summary>Counts a comparison before anything is looked at; MATCH_QUOTA_EXCEEDED when today's quota does not reach.</summary>
    public async Task<Refusal?> CountAsync(Id organisation, long rows, bool dryRun)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{organisation}:{time.GetUtcNow():yyyy-MM-dd}");
        while (true)
        {
            var known = await side.FindAsync(QuotaKind, key);
            var used = known is null ? new Used(0, 0) : JsonSerializer.Deserialize<Used>(known.Json)!;
            var next = new Used(checked(used.Rows + rows), used.DryRuns + (dryRun ? 1 : 0));
            if (next.Rows > options.MatchedRowsPerDay || next.DryRuns > options.DryRunsPerDay)
            {
                return new Refusal(
                    RefusalCode.MatchQuotaExceeded,
                    $"An organisation compares at most {options.MatchedRowsPerDay:N0} rows and makes {options.DryRunsPerDay} dry runs in a UTC day.", "listId");
            }

            if (await side.PutAsync(new SideDocument(QuotaKind, key, organisation.ToString(), known?.Version ?? 0, JsonSerializer.Serialize(next))))
            {
                return null;
            }
        }
    }

    private sealed record Used(long Rows, long DryRuns);
}
