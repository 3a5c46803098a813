using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// Switches the separation of duties off in a program: one member proposes, names who may approve and how many must, for a time and a
/// reason; each approves with their own signature. Any one who runs the program ends it.
/// </summary>
public static class SeparationWaivers
{
    /// <summary>Most members who may be named.</summary>
    public const int MaximumMembers = 16;

    /// <summary>Most characters of a reason.</summary>
    public const int MaximumReason = 500;

    /// <summary>Longest that a waiver counts, in milliseconds.</summary>
    public const long MaximumMilliseconds = 366L * 24 * 60 * 60 * 1000;

    private const Roles Approving = ProgramGovernance.Managers | Roles.Approver | Roles.Releaser | Roles.Finance;

    /// <summary>Proposes a waiver; the proposer is among the named members, and their signature is the first approval.</summary>
    public static Outcome<Transaction> Propose(
        Id program, SeparationWaiver proposed, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Waiver is { } waiver && scope.Now < waiver.Until ? new Refusal(RefusalCode.AlreadyExists, "The program has a waiver; end it first.", "programId")
        : Registry.Decide([current with { Waiver = proposed with { ApprovedBy = [scope.Principal] } }], signatures, scope, view);

    /// <summary>Another named member approves.</summary>
    public static Outcome<Transaction> Approve(Id program, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Waiver is not { } waiver || waiver.Until <= scope.Now ? NoWaiver()
        : waiver.ApprovedBy.Contains(scope.Principal) ? new Refusal(RefusalCode.AlreadyExists, "You have approved it.", "programId")
        : Registry.Decide([current with { Waiver = waiver with { ApprovedBy = [.. waiver.ApprovedBy, scope.Principal] } }], signatures, scope, view);

    /// <summary>Ends a waiver, or a proposal of one, at once.</summary>
    public static Outcome<Transaction> End(Id program, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Waiver is null ? NoWaiver()
        : Registry.Decide([current with { Waiver = null }], signatures, scope, view);

    internal static Refusal? CheckChange(Transaction transaction, ProgramRecord current, ProgramRecord next, ILedgerView view)
    {
        if (next.Waiver is not { } waiver)
        {
            return Principals.Require(transaction, view, current.Organisation, ProgramGovernance.Managers, current.Id);
        }

        return current.Waiver is { } before && transaction.DecidedAt < before.Until
            ? CheckApproved(transaction, current, before, waiver, view)
            : CheckProposed(transaction, current, waiver, view);
    }

    private static Refusal? CheckApproved(Transaction transaction, ProgramRecord program, SeparationWaiver before, SeparationWaiver after, ILedgerView view) =>
        after != before with { ApprovedBy = [.. before.ApprovedBy, transaction.Principal] } || before.ApprovedBy.Contains(transaction.Principal)
            ? Checks.Broken("A waiver is approved by one more member at a time.")
            : before.Members.Contains(transaction.Principal) ? Principals.Require(transaction, view, program.Organisation, Approving, program.Id)
            : Principals.Forbidden();

    private static Refusal? CheckProposed(Transaction transaction, ProgramRecord program, SeparationWaiver waiver, ILedgerView view)
    {
        if (waiver.ApprovedBy is not [var proposer] || proposer != transaction.Principal)
        {
            return Checks.Broken("A waiver begins with its proposer's approval.");
        }

        if (waiver.Reason.Length is 0 or > MaximumReason)
        {
            return new Refusal(RefusalCode.InvalidInput, $"A waiver has a reason of 1 to {MaximumReason} characters.", "reason");
        }

        if (waiver.Until <= Math.Max(waiver.From, transaction.DecidedAt) || waiver.From < 0 || waiver.Until - transaction.DecidedAt > MaximumMilliseconds)
        {
            return new Refusal(RefusalCode.InvalidInput, "A waiver ends after it begins, within 366 days.", "until");
        }

        if (waiver.Members.Count is < 2 or > MaximumMembers || waiver.Members.Distinct().Count() != waiver.Members.Count
            || !waiver.Members.Contains(proposer) || waiver.Threshold > waiver.Members.Count || waiver.Threshold * 2 <= waiver.Members.Count)
        {
            return new Refusal(RefusalCode.InvalidInput, $"Name 2 to {MaximumMembers} members, you among them; more than half of them must approve.", "members");
        }

        return waiver.Members.All(id => view.Member(id).Record is { } member && member.Organisation == program.Organisation && member.Has(Approving))
            ? Principals.Require(transaction, view, program.Organisation, ProgramGovernance.Managers, program.Id)
            : new Refusal(RefusalCode.InvalidInput, "Each named member runs the program, approves, releases or is of its finance.", "members");
    }

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is no such program.", "programId");

    private static Refusal NoWaiver() => new(RefusalCode.WrongState, "No waiver is proposed or counts.", "programId");
}
