using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Overlaps;

/// <summary>What to compare.</summary>
/// <param name="Until">Until when a suspicion is decided, in Unix milliseconds.</param>
internal sealed record MatchRequest(Id Program, ListHead List, bool DryRun, long Until)
{
    public string Parameters => string.Join('|', Program, List.Id, DryRun, Until);
}

/// <summary>
/// Compares the households of an organisation's list with other organisations', by the keyed hashes of identifiers. It answers counts in
/// steps; what it finds is a suspicion on the ledger, which both organisations see. So it is no oracle: who asks has imported the
/// person, is counted, and is seen by the other side.
/// </summary>
public sealed partial class OverlapMatching(
    ISideStore side, IMatchingStore matching, MatchingRuns runs, LedgerCommands commands, LedgerReader reader, TimeProvider time, ILogger<OverlapMatching> logger)
{
    private const int Page = 1_000;

    /// <summary>Runs a comparison, once: a repetition finds it.</summary>
    internal async Task<Refusal?> RunAsync(Id id, MatchRequest request, Id member)
    {
        var organisation = Id.Parse(request.List.Organisation);
        if (await runs.FindAsync(id, organisation) is { } known)
        {
            return known.Parameters == request.Parameters
                ? null
                : new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used for another request; use a new one.", "idempotencyKey");
        }

        await reader.CurrentAsync();
        if ((await reader.FindAsync<MatchingTallyRecord>(RecordKind.MatchingTally, organisation)).Record is { HasEnded: true })
        {
            return new Refusal(RefusalCode.MatchingEnded, "Most of what your organisation suspected was refuted; it no longer matches.");
        }

        // Before anything is compared, or a refusal would tell that there is somebody.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!request.DryRun && (request.Until <= now || request.Until - now > OverlapRecord.MaximumMilliseconds))
        {
            return OverlapSuspicions.OutOfTime();
        }

        if (await runs.CountAsync(organisation, request.List.Rows, request.DryRun) is { } refusal)
        {
            return refusal;
        }

        var pairs = await PairsAsync(organisation, await HouseholdsAsync(Id.Parse(request.List.Id)));
        if (!request.DryRun && await RaiseAsync(pairs, request, member) is { } ended)
        {
            return ended;
        }

        var found = CountStep.Of(pairs.Keys.Select(pair => pair.Own).Distinct().Count());
        await runs.AddAsync(new MatchingRun(
            id.ToString(), request.List.Organisation, member.ToString(), request.List.Id, request.DryRun, request.List.Rows, found.AtLeast, found.FewerThan,
            request.Parameters, time.GetUtcNow().ToUnixTimeMilliseconds()));
        LogRun(logger, organisation, request.List.Id, request.List.Rows, request.DryRun);
        return null;
    }

    private async Task<Dictionary<Id, Id>> HouseholdsAsync(Id list)
    {
        var households = new Dictionary<Id, Id>();
        for (long from = 0; await side.RowsAsync(list, from, Page) is { Count: > 0 } rows; from += rows.Count)
        {
            foreach (var row in rows)
            {
                households[row.Account] = row.Household;
            }
        }

        return households;
    }

    /// <summary>Pairs of households that share an identifier of a person, and whether on more than a telephone number or an address.</summary>
    private async Task<Dictionary<(Id Own, Id Other), bool>> PairsAsync(Id organisation, Dictionary<Id, Id> households)
    {
        var shared = new Dictionary<(Id Own, Id Other), HashSet<IdentifierKind>>();
        await foreach (var one in matching.SharedAsync(organisation))
        {
            // Numbers of registers and payments are an organisation's own: alike by chance.
            var kind = PersonSpool.KindOf(one.Identifier);
            if (kind is IdentifierKind.Phone or IdentifierKind.Email or IdentifierKind.NationalId && households.TryGetValue(one.Account, out var own))
            {
                if (!shared.TryGetValue((own, one.Other.Household), out var kinds))
                {
                    shared[(own, one.Other.Household)] = kinds = [];
                }

                kinds.Add(kind);
            }
        }

        // Whom the other organisation has not enrolled is not told of.
        var pairs = new Dictionary<(Id Own, Id Other), bool>();
        foreach (var (pair, kinds) in shared)
        {
            if ((await reader.FindAsync<HouseholdRecord>(RecordKind.Household, pair.Other)).Record is { MergedInto.IsNone: true })
            {
                pairs[pair] = kinds.Count > 1 || kinds.Contains(IdentifierKind.NationalId);
            }
        }

        return pairs;
    }

    /// <summary>Raises what is not raised yet. Of households that cannot be suspected (not enrolled, merged, the deadline over meanwhile) nothing is said.</summary>
    private async Task<Refusal?> RaiseAsync(Dictionary<(Id Own, Id Other), bool> pairs, MatchRequest request, Id member)
    {
        foreach (var ((own, other), strong) in pairs)
        {
            var result = await commands.SuspectAsync(member, new SuspectCommand(request.Program, own, other, strong, request.Until));
            if (result.Refusal is { Code: not (RefusalCode.AlreadyExists or RefusalCode.NotEnrolled or RefusalCode.NotFound or RefusalCode.WrongState or RefusalCode.InvalidInput) } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Organisation {Organisation} compared list {List} of {Rows} rows with others' (dry run: {DryRun}).")]
    private static partial void LogRun(ILogger logger, Id organisation, string list, long rows, bool dryRun);
}
