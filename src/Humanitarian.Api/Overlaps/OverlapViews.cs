using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Overlaps;

/// <summary>A suspicion that a household of yours is another organisation's too. Both decide.</summary>
/// <param name="Id">Its id, the same for both.</param>
/// <param name="HouseholdId">Your household.</param>
/// <param name="IsStrong">True when it rests on more than one telephone number or address. Only then are payments held back until it is decided.</param>
/// <param name="RaisedByYou">True when your list raised it.</param>
/// <param name="RaisedAt">When it was raised.</param>
/// <param name="DecideUntil">Who has not agreed by then is undecided, and both are paid.</param>
/// <param name="State">Where it stands now.</param>
/// <param name="Opinion">What your organisation says.</param>
/// <param name="Reason">Why, as a code; empty where none was given.</param>
/// <param name="OtherOpinion">What the other organisation says.</param>
/// <param name="OtherOrganisationId">Which organisation that is; null unless it consents to your knowing.</param>
/// <param name="IsAppeal">True when both decide again after an appeal.</param>
/// <param name="AppealReason">Why, as a code; empty when there was none.</param>
[Name("Overlap")]
public sealed record OverlapView(
    Id Id, Id HouseholdId, bool IsStrong, bool RaisedByYou, DateTimeOffset RaisedAt, DateTimeOffset DecideUntil, OverlapState State, OverlapOpinion Opinion, string Reason,
    OverlapOpinion OtherOpinion, Id? OtherOrganisationId, bool IsAppeal, string AppealReason) : INode
{
    internal static OverlapView Of(OverlapRecord record, OverlapSide own, DateTimeOffset now)
    {
        var other = own == record.Raiser ? record.Other : record.Raiser;
        return new OverlapView(
            record.Id, own.Household, record.IsStrong, own == record.Raiser, DateTimeOffset.FromUnixTimeMilliseconds(record.RaisedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(record.DecideUntil), record.StateAt(now.ToUnixTimeMilliseconds()), own.Opinion, own.Reason, other.Opinion,
            other.NamesItself ? other.Organisation : null, !record.AppealedBy.IsNone, record.AppealReason);
    }
}

/// <summary>A comparison of a list with other organisations' records. Counts come in steps of ten: no household shows in them.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ListId">The list.</param>
/// <param name="MemberId">The member who asked.</param>
/// <param name="DryRun">True when nothing was raised.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="AtLeast">So many households of the list may be known to others, at least; 0 when fewer than ten.</param>
/// <param name="FewerThan">And fewer than so many.</param>
/// <param name="At">When it was.</param>
[Name("MatchingRun")]
public sealed record MatchingRunView(Id Id, Id ListId, Id MemberId, bool DryRun, long Rows, long AtLeast, long FewerThan, DateTimeOffset At) : INode
{
    internal static MatchingRunView Of(MatchingRun run) => new(
        Domain.Id.Parse(run.Id), Domain.Id.Parse(run.List), Domain.Id.Parse(run.Member), run.DryRun, run.Rows, run.AtLeast, run.FewerThan,
        DateTimeOffset.FromUnixTimeMilliseconds(run.At));
}

/// <summary>Suspicions about your organisation's households, and the log of comparisons.</summary>
public sealed class OverlapQueries(OverlapReads overlaps, MatchingRuns runs, LedgerReader reader, Access access, TimeProvider time) : IQueries
{
    internal const Roles Deciders = Roles.Administrator | Roles.Registrar | Roles.Approver;

    /// <summary>A suspicion about one of your households; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Deciders)]
    public Task<OverlapView?> Overlap(Id id) => overlaps.FindAsync(id);

    /// <summary>Suspicions about your organisation's households.</summary>
    /// <param name="first">How many households, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Deciders)]
    public async Task<Connection<OverlapView>?> Overlaps(int first, string? after = null)
    {
        var found = await reader.ListAsync<OverlapMarkRecord>(RecordKind.OverlapMark, access.Caller.Organisation, Paging.IdKey(after), Paging.Check(first) + 1);
        var edges = new List<Edge<OverlapView>>();
        foreach (var mark in found.Take(first))
        {
            // All of a household come together, so each has the household's cursor.
            var records = await reader.FindAllAsync<OverlapRecord>(RecordKind.Overlap, [.. mark.Overlaps]);
            edges.AddRange((await overlaps.SeenAsync(records)).Select(record => new Edge<OverlapView>(
                Paging.Cursor(mark.Id.ToString()), OverlapView.Of(record, record.SideOf(access.Caller.Organisation)!, time.GetUtcNow()))));
        }

        return Paging.Of(edges, after, found.Count > first ? Paging.Cursor(found[first - 1].Id.ToString()) : null);
    }

    /// <summary>The log of your organisation's comparisons; an operator sees everybody's.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Deciders | Roles.Operator)]
    public async Task<Connection<MatchingRunView>?> MatchingRuns(int first, string? after = null) => Paging.Cut(
        await runs.ListAsync(Logged, Paging.IdKey(after), Paging.Check(first) + 1),
        first, after, run => run.Id, MatchingRunView.Of);

    /// <summary>One comparison of your organisation's log, for an operator of anybody's; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Deciders | Roles.Operator)]
    public async Task<MatchingRunView?> MatchingRun(Id id) =>
        await runs.FindAsync(id, Logged) is { } run ? MatchingRunView.Of(run) : null;

    /// <summary>Whose log the caller sees; null for everybody's.</summary>
    private Id? Logged => access.Caller.Has(Roles.Operator) ? null : access.Caller.Organisation;
}

/// <summary>Suspicions that the caller may see.</summary>
public sealed class OverlapReads(Access access, TimeProvider time)
{
    public async Task<OverlapView?> FindAsync(Id id) =>
        access.Caller.Has(OverlapQueries.Deciders) && await access.FindAsync<OverlapRecord>(RecordKind.Overlap, id) is { } record
        && record.SideOf(access.Caller.Organisation) is { } own && (await SeenAsync([record])).Count > 0 ? OverlapView.Of(record, own, time.GetUtcNow()) : null;

    /// <summary>Those whose household the caller's scope covers.</summary>
    internal async Task<IReadOnlyList<OverlapRecord>> SeenAsync(IReadOnlyList<OverlapRecord> records)
    {
        if (access.Caller.Member.Scope is null)
        {
            return records;
        }

        var seen = new List<OverlapRecord>();
        foreach (var record in records)
        {
            if (await access.FindAsync<HouseholdRecord>(RecordKind.Household, record.SideOf(access.Caller.Organisation)!.Household) is { } household
                && await access.CoversPersonsAsync(household.Accounts))
            {
                seen.Add(record);
            }
        }

        return seen;
    }
}
