using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// Break-glass: where a program's terms allow it, a member takes a role they lack, for one disbursement or settlement up to an amount and
/// for a while. It stays on record, another member reviews it, and until then the same member takes no other.
/// </summary>
public static class Emergencies
{
    /// <summary>Most characters of a reason and of a review.</summary>
    public const int MaximumText = 500;

    private const Roles Reviewing = Roles.Administrator | Roles.ProgramManager | Roles.Auditor;

    /// <param name="emergency">Id of the record.</param>
    /// <param name="until">Unix milliseconds.</param>
    public static Outcome<Transaction> Take(
        Id emergency, Id program, Id subject, Roles role, long until, string reason, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Member(scope.Principal).Record is not { } member || view.Program(program) is not { } record)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "programId");
        }

        var taken = new EmergencyRecord(
            emergency, member.Organisation, member.Id, role, program, subject, TermsJson.Of(record).Find<BreakGlass>()?.MaximumMinor ?? 0, until, reason, Id.None, false, "");
        return Registry.Decide([member with { Emergency = taken.Role }, taken], signatures, scope, view);
    }

    /// <summary>Another member says what they think of it; the role ends.</summary>
    public static Outcome<Transaction> Review(
        Id emergency, bool justified, string review, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Find<EmergencyRecord>(RecordKind.Emergency, emergency).Record is not { } current || view.Member(current.Member).Record is not { } member
            ? new Refusal(RefusalCode.NotFound, "There is no such emergency.", "emergencyId")
            : !current.ReviewedBy.IsNone ? new Refusal(RefusalCode.WrongState, "It has been reviewed.", "emergencyId")
            : Registry.Decide(
                [member with { Emergency = null }, current with { ReviewedBy = scope.Principal, Justified = justified, Review = review }], signatures, scope, view);

    /// <summary>The two records of an emergency; null for other changes.</summary>
    internal static (MemberRecord Member, EmergencyRecord Emergency)? Of(IReadOnlyList<RecordWrite> writes) =>
        writes is [{ Record: MemberRecord member }, { Record: EmergencyRecord emergency }] ? (member, emergency) : null;

    internal static Refusal? Check(Transaction transaction, MemberRecord next, EmergencyRecord emergency, ILedgerView view) =>
        view.Member(next.Id).Record is not { } current || current with { Emergency = next.Emergency } != next || emergency.Member != current.Id
            ? Checks.Broken("An emergency changes nothing else of its member.")
        : view.Find<EmergencyRecord>(RecordKind.Emergency, emergency.Id).Record is { } before
            ? CheckReviewed(transaction, next, before, emergency, view)
            : CheckTaken(transaction, current, next, emergency, view);

    /// <summary>True when the member holds one of the roles by an emergency that covers the transaction.</summary>
    internal static bool Allows(Transaction transaction, MemberRecord member, Roles anyOf, Id program, ILedgerView view) =>
        member is { Active: true, Emergency: { } held } && (held.Roles & anyOf) != 0 && transaction.DecidedAt < held.Until
        && held.Program == program && held.Subject == transaction.Subject && AmountOf(transaction, view) is { } amount && amount <= held.CapMinor;

    // An approval puts its disbursement on the ledger, so until then only the transaction knows the total.
    private static long? AmountOf(Transaction transaction, ILedgerView view) =>
        transaction.Kind == TransactionKind.DisbursementApproval && transaction.Writes is [{ Record: DisbursementRecord draft }] ? draft.TotalMinor
        : view.Disbursement(transaction.Subject).Record is { } disbursement ? disbursement.TotalMinor
        : view.Hold(transaction.Subject).Record is { Purpose: HoldPurpose.Settlement } hold ? hold.RemainingMinor
        : null;

    private static Refusal? CheckTaken(Transaction transaction, MemberRecord current, MemberRecord next, EmergencyRecord taken, ILedgerView view)
    {
        if (current.Emergency is not null)
        {
            return new Refusal(RefusalCode.ReviewDue, "The role that you took before waits for another member's review.");
        }

        if (transaction.Principal != current.Id || next.Emergency != taken.Role || taken.Organisation != current.Organisation
            || !taken.ReviewedBy.IsNone || taken.Justified || taken.Review.Length > 0)
        {
            return Checks.Broken("A member takes a role themselves, and it is not reviewed yet.");
        }

        if (view.Program(taken.Program) is not { Active: true } program || program.Organisation != current.Organisation || !current.Active)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program of your organisation.", "programId");
        }

        return TermsJson.Of(program).Find<BreakGlass>() is not { } rule
                ? new Refusal(RefusalCode.WrongState, "The program's terms have no rule breakGlass.", "programId")
            : taken.CapMinor != rule.MaximumMinor ? Checks.Broken("An emergency is capped by the terms.")
            : taken.Roles is not (Roles.Approver or Roles.Releaser or Roles.Finance) || current.Has(taken.Roles)
                ? new Refusal(RefusalCode.InvalidInput, "Take one role that you lack: approver, releaser or finance.", "role")
            : taken.Until <= transaction.DecidedAt || taken.Until - transaction.DecidedAt > rule.Seconds * 1000
                ? new Refusal(RefusalCode.InvalidInput, $"It is held for at most {rule.Seconds} seconds.", "until")
            : taken.Reason.Length is 0 or > MaximumText ? new Refusal(RefusalCode.InvalidInput, $"Give a reason of 1 to {MaximumText} characters.", "reason")
            : taken.Subject.IsNone ? new Refusal(RefusalCode.InvalidInput, "Name the disbursement or the settlement.", "subjectId")
            : null;
    }

    private static Refusal? CheckReviewed(Transaction transaction, MemberRecord next, EmergencyRecord before, EmergencyRecord after, ILedgerView view) =>
        !before.ReviewedBy.IsNone || next.Emergency is not null || after.ReviewedBy != transaction.Principal
            || before with { ReviewedBy = after.ReviewedBy, Justified = after.Justified, Review = after.Review } != after
            ? Checks.Broken("An emergency is reviewed once, by who signs.")
        : transaction.Principal == before.Member ? new Refusal(RefusalCode.RolesIncompatible, "Another member reviews it.")
        : after.Review.Length is 0 or > MaximumText ? new Refusal(RefusalCode.InvalidInput, $"A review has 1 to {MaximumText} characters.", "review")
        : Principals.Require(transaction, view, before.Organisation, Reviewing, before.Program);
}
