using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>Only enrolled beneficiaries receive.</summary>
public sealed record EnrolmentRequired : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Credit
        && (movement.Payee is not { } payee || view.Enrolment(movement.Program.Id, payee.Id) is not { Active: true } enrolment
            || Lineage.Current(enrolment.Household, view) != movement.Household)
            ? new Refusal(RefusalCode.NotEnrolled, "The beneficiary is not enrolled in the program; enrol them first.", "account")
            : null;
}
