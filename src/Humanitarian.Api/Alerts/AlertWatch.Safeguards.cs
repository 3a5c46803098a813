using System.Globalization;
using System.Text.Json;
using GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Programs;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Alerts;

/// <content>What is done in an emergency, suspected, stopped or waived: others are to look at it soon.</content>
internal sealed partial class AlertWatch
{
    private const string StandingKind = "alert-standing";

    private async Task LookAtSafeguardsAsync(IReadOnlyList<Record> written, ulong height, CancellationToken cancellationToken)
    {
        foreach (var taken in written.OfType<EmergencyRecord>().Where(record => record.ReviewedBy.IsNone))
        {
            await alerts.RaiseAsync(taken.Organisation, AlertKind.Emergency, taken.Id, taken.Roles.ToString().ToConstantCase(), $"{taken.Id}", cancellationToken);
        }

        foreach (var overlap in written.OfType<OverlapRecord>().Where(record => (record.Raiser.Opinion, record.Other.Opinion) == (OverlapOpinion.None, OverlapOpinion.None)))
        {
            await LookAsync(overlap, cancellationToken);
        }

        foreach (var program in written.OfType<ProgramRecord>())
        {
            await LookAsync(program, height, cancellationToken);
        }
    }

    // One comparison may raise thousands: they are told as one, so that they do not push all other alerts out.
    private Task LookAsync(OverlapRecord overlap, CancellationToken cancellationToken)
    {
        var concerned = overlap.AppealedBy == overlap.Other.Organisation ? overlap.Raiser : overlap.Other;
        var cause = overlap.AppealedBy.IsNone ? $"{overlap.Raiser.Organisation} {overlap.DecideUntil} {Limits.DayOf(overlap.RaisedAt)}" : $"{overlap.Id} {overlap.DecideUntil}";
        var until = DateTimeOffset.FromUnixTimeMilliseconds(overlap.DecideUntil).ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture);
        return alerts.RaiseAsync(concerned.Organisation, AlertKind.OverlapRaised, overlap.Id, $"decide until {until}", cause, cancellationToken);
    }

    /// <summary>Raises what a program's record says and its last version did not: what stands is written again with whatever else changes.</summary>
    private async Task LookAsync(ProgramRecord program, ulong height, CancellationToken cancellationToken)
    {
        var stands = new Dictionary<string, (AlertKind Kind, string Detail)>();
        foreach (var stop in program.Stops)
        {
            stands.TryAdd($"stop {stop.VendorAccount} {stop.Area}", (AlertKind.Stopped, stop.Reason.ToString().ToConstantCase()));
        }

        if (program.Waiver is { } waiver)
        {
            var of = $"{waiver.ApprovedBy[0]} {waiver.From} {waiver.Until}";
            stands.Add($"waiver proposed {of}", (AlertKind.SeparationWaived, "proposed"));
            if (waiver.IsApproved)
            {
                stands.Add($"waiver approved {of}", (AlertKind.SeparationWaived, "approved"));
            }
        }

        var known = await store.FindAsync(StandingKind, program.Id.ToString(), cancellationToken);
        string[] before = known is null ? [] : JsonSerializer.Deserialize<string[]>(known.Json)!;
        foreach (var (what, (kind, detail)) in stands.Where(one => !before.Contains(one.Key)))
        {
            await alerts.RaiseAsync(program.Organisation, kind, program.Id, detail, $"{program.Id} {what} {height}", cancellationToken);
        }

        if (!stands.Keys.SequenceEqual(before))
        {
            await store.PutAsync(
                new SideDocument(StandingKind, program.Id.ToString(), program.Organisation.ToString(), known?.Version ?? 0, JsonSerializer.Serialize(stands.Keys)), cancellationToken);
        }
    }
}
