using System.Globalization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Lists;
using Humanitarian.Api.Organisations;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Disbursements;

/// <param name="ProgramId">The program that pays; its terms have the rule transferValues.</param>
/// <param name="Period">Calendar period it assists for, such as 2026-11 or 2026-Q4.</param>
/// <param name="AssistanceKind">Kind of assistance, of which a household gets one per period.</param>
/// <param name="ValuesOn">The day whose transfer values count, such as 2026-11-24; when absent the first day of a month or quarter, else today (UTC).</param>
/// <param name="GrantIds">Grants to draw on in this order, each as far as it has money in the program's pool.</param>
/// <param name="InPerson">True when field agents deliver the lines one by one; false credits them in bulk after release.</param>
/// <param name="ExpiresAt">When its credits expire; left to the program's terms when absent.</param>
/// <param name="Cash">Names the provider that pays the lines out in cash; absent for vouchers.</param>
public sealed record GenerateDisbursementInput(
    string IdempotencyKey, Id ProgramId, string Period, string AssistanceKind, string? ValuesOn, IReadOnlyList<Id> GrantIds, bool InPerson, DateTimeOffset? ExpiresAt,
    CashInput? Cash) : MutationInput(IdempotencyKey);

public sealed record GenerateDisbursementPayload : DisbursementPayload
{
    /// <summary>The list it was generated from, with its totals and who was left out; null when refused.</summary>
    [AsParent]
    public async Task<ListView?> List([FromServices] ListQueries lists) => Subject.IsNone ? null : await lists.List(EntitlementLists.ListOf(Subject));
}

/// <summary>Disbursements from what the terms say, without an uploaded list.</summary>
public sealed class GenerationMutations(MutationRunner run, LedgerCommands commands, Access access, EntitlementLists entitlements, TimeProvider time) : IMutations
{
    /// <summary>
    /// Drafts a disbursement for the program's enrolled households from the transfer values in its terms. Who has the period's assistance, or
    /// stands on another list for it, is left out and told with the reason. Not on the ledger yet.
    /// </summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<GenerateDisbursementPayload> GenerateDisbursement(GenerateDisbursementInput input) =>
        run.RunAsync<GenerateDisbursementPayload>(input, null, async (context, id) =>
        {
            if (await access.OwnProgramAsync(input.ProgramId) is not { } program)
            {
                return await Refuse.NotFound("programId");
            }

            var refusal = !access.Caller.Has(Roles.Registrar) ? Principals.Forbidden()
                : access.Caller.Member.Scope?.Covers(program.Id) == false ? Principals.OutOfScope()
                : input.Period.Length is 0 or > Approvals.MaximumText || input.AssistanceKind.Length is 0 or > Approvals.MaximumText
                    ? new Refusal(RefusalCode.InvalidInput, "Name the period and the kind of assistance, each at most 32 characters.", "period")
                : null;
            return refusal is not null ? CommandResult.Refused(refusal)
                : DayOf(input) is not { } day ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "valuesOn is a day such as 2026-11-24.", "valuesOn")) : await DraftAsync(context, id, program, day, input);
        });

    private async Task<CommandResult> DraftAsync(CommandContext context, Id id, ProgramRecord program, long day, GenerateDisbursementInput input)
    {
        var (list, refusal) = await entitlements.MakeAsync(
            new EntitlementRequest(id, program, input.Period, input.AssistanceKind, day, access.Caller.Member));
        if (list is null)
        {
            return CommandResult.Refused(refusal!);
        }

        // A draft that was made before answers itself, whatever the grants have left by now.
        var shares = await commands.ShareAsync(program, input.GrantIds, list.TotalMinor);
        if (shares is null && await commands.DisbursementAsync(id) is null)
        {
            return CommandResult.Refused(new Refusal(
                RefusalCode.InsufficientFunds, $"The list sums to {list.TotalMinor} minor units, and the grants have less left in the program's pool.", "grantIds"));
        }

        var drafted = await commands.DraftDisbursementAsync(context, new DisbursementDraft(
            program.Id, EntitlementLists.ListOf(id), 0, list.Rows, input.InPerson, shares ?? [], input.Period, input.AssistanceKind,
            input.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue)
        {
            Float = input.Cash?.FloatAccountId ?? Id.None, FollowsUp = input.Cash?.FollowsUpId ?? Id.None,
        });
        return drafted.Refusal is { } refused ? CommandResult.Refused(refused) : CommandResult.Done(Hash32.Zero, 0, 0);
    }

    /// <summary>Null for what is no day.</summary>
    private long? DayOf(GenerateDisbursementInput input) => input.ValuesOn is { } day
        ? Days.Read(day)
        : Days.Read($"{input.Period}-01")
            ?? (input.Period is [.. var year, '-', 'Q', >= '1' and <= '4' and var quarter]
                ? Days.Read(string.Create(CultureInfo.InvariantCulture, $"{year}-{(3 * (quarter - '1')) + 1:D2}-01")) : null)
            ?? Limits.DayOf(time.GetUtcNow().ToUnixTimeMilliseconds());
}
