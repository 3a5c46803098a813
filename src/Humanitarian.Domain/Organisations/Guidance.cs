using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>A working group publishes the values that programs which follow it pay.</summary>
public static class Guidance
{
    /// <summary>Most values of one kind of assistance.</summary>
    public const int MaximumValues = 32;

    internal static Refusal? Check(Transaction transaction, GuidanceRecord r, ILedgerView view) =>
        r.Id != GuidanceRecord.IdOf(r.Organisation, r.AssistanceKind, r.Unit) ? Checks.Broken("A recommendation names its group, kind and unit.")
        : view.Organisation(r.Organisation) is not { OrganisationKind: OrganisationKind.WorkingGroup, Active: true }
            ? new Refusal(RefusalCode.Forbidden, "Only an active working group recommends values.")
        : Principals.Require(transaction, view, r.Organisation, ProgramGovernance.Managers) is { } refusal ? refusal
        : r.AssistanceKind.Length is 0 or > Approvals.MaximumText ? Invalid($"A kind of assistance has 1 to {Approvals.MaximumText} characters.", "assistanceKind")
        : view.Unit(r.Unit) is null ? new Refusal(RefusalCode.UnitUnknown, "There is no such unit; an operator defines it first.", "unit")
        : !Enum.IsDefined(r.Period) || r.FromDay < 0 || r.UntilDay < r.FromDay ? Invalid("It counts from a day until the same or a later one.", "until")
        : r.Values.Count is 0 or > MaximumValues || r.Values.Any(value => value.Persons <= 0 || value.AmountMinor <= 0)
            || r.Values.Zip(r.Values.Skip(1)).Any(pair => pair.First.Persons >= pair.Second.Persons)
            ? Invalid($"Give 1 to {MaximumValues} positive values by growing number of persons.", "values")
        : null;

    private static Refusal Invalid(string message, string field) => new(RefusalCode.InvalidInput, message, field);
}
