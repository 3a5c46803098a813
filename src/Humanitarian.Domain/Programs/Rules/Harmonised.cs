using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// The program follows a working group: a regular payment is what the group recommends for the household's size, for a kind of assistance
/// and a form of period that the group names. A program that deviates says why, for everybody who sees its terms.
/// </summary>
/// <param name="Group">Id of the working group's organisation.</param>
/// <param name="Deviation">Why the program pays other values; empty where it follows.</param>
public sealed record Harmonised(string Group, string Deviation) : Rule
{
    /// <summary>Most characters of a deviation's reason.</summary>
    public const int MaximumReason = 500;

    public override Refusal? Validate() =>
        Id.TryParse(Group, out _) && Deviation.Length <= MaximumReason && (Deviation.Length == 0 || !string.IsNullOrWhiteSpace(Deviation))
            ? null
            : new Refusal(RefusalCode.InvalidInput, $"group is an organisation's id, and deviation a reason of at most {MaximumReason} characters.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement is not { Kind: MovementKind.Credit, Purpose: DisbursementPurpose.Regular } || Deviation.Length > 0 ? null
        : GuidanceOf(movement.AssistanceKind, movement.Period, movement.Program, movement.At, view) is not { } guidance ? NotHarmonised()
        : view.Household(movement.Household).Record is { } household && guidance.ValueOf(household.Size) == movement.AmountMinor ? null
        : NotHarmonised();

    /// <summary>Refuses a disbursement of a kind of assistance or a form of period that the program's group does not name.</summary>
    /// <param name="at">Unix milliseconds.</param>
    internal static Refusal? CheckDraft(DisbursementRecord draft, ProgramRecord program, long at, ILedgerView view) =>
        draft.Purpose != DisbursementPurpose.Regular || TermsJson.Of(program).Find<Harmonised>() is not { Deviation.Length: 0 } rule
            || rule.GuidanceOf(draft.AssistanceKind, draft.Period, program, at, view) is not null
            ? null
            : NotHarmonised();

    // What is not there cannot be relied on: without a recommendation that counts nothing is paid.
    private GuidanceRecord? GuidanceOf(string assistanceKind, string period, ProgramRecord program, long at, ILedgerView view)
    {
        var group = Id.Parse(Group);
        return view.Find<GuidanceRecord>(RecordKind.Guidance, GuidanceRecord.IdOf(group, assistanceKind, program.Unit)).Record is { } found
            && (found.Organisation, found.AssistanceKind, found.Unit) == (group, assistanceKind, program.Unit)
            && Limits.DayOf(at) >= found.FromDay && Limits.DayOf(at) <= found.UntilDay && found.Names(period)
                ? found
                : null;
    }

    private static Refusal NotHarmonised() => new(
        RefusalCode.NotHarmonised, "The working group that the program follows recommends another amount, kind of assistance or form of period.", "amountMinor");
}
