using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>
/// Terms change in three steps: one member proposes, another approves, and an ordered transaction puts them in effect, with the approval
/// or by the ledger itself once their time and height have come. What was decided before under the older terms stands.
/// </summary>
public static class Amendments
{
    /// <summary>Longest that terms wait for their time, in milliseconds.</summary>
    public const long MaximumMilliseconds = 366L * 24 * 60 * 60 * 1000;

    private const Roles Approving = Roles.Administrator | Roles.Approver;

    /// <param name="terms">In their canonical form.</param>
    /// <param name="fromTime">Unix milliseconds; 0 for with the approval.</param>
    /// <param name="fromHeight">Height; 0 for with the approval.</param>
    public static Outcome<Transaction> Propose(
        Id program, string terms, long fromTime, ulong fromHeight, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Amendment is not null ? new Refusal(RefusalCode.AlreadyExists, "Other terms are proposed already; withdraw them first.", "programId")
        : Registry.Decide([current with { Amendment = new TermsAmendment(terms, fromTime, fromHeight, scope.Principal, Id.None) }], signatures, scope, view);

    /// <summary>Another member approves; what is due takes effect at once.</summary>
    public static Outcome<Transaction> Approve(Id program, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Amendment is not { } amendment ? NoAmendment()
        : amendment.IsApproved ? new Refusal(RefusalCode.AlreadyExists, "The proposed terms are approved already.", "programId")
        : Registry.Decide(
            [amendment.IsDue(scope.Now, view.Height) ? InEffect(current, amendment) : current with { Amendment = amendment with { ApprovedBy = scope.Principal } }],
            signatures, scope, view);

    /// <summary>Takes proposed terms back, approved or not, before they take effect.</summary>
    public static Outcome<Transaction> Withdraw(Id program, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Amendment is null ? NoAmendment()
        : Registry.Decide([current with { Amendment = null }], signatures, scope, view);

    /// <summary>The ledger puts approved terms in effect, or drops those that cannot be any more.</summary>
    public static Outcome<Transaction> PutInEffect(Id program, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<ProgramRecord>(RecordKind.Program, program);
        return found.Record is not { Amendment: { IsApproved: true } amendment } current || !amendment.IsDue(scope.Now, view.Height)
            ? NoAmendment()
            : Decision.Complete(
                scope.Draft(TransactionKind.TermsAmendment, namesPersons: false) with
                {
                    Program = program,
                    Writes = [new RecordWrite(found.Version + 1, Ended(current, amendment, scope.Now))],
                },
                scope,
                view);
    }

    internal static Refusal? CheckInEffect(Transaction transaction, ILedgerView view) =>
        view.Program(transaction.Program) is { Active: true, Amendment: { IsApproved: true } amendment } current && transaction.Principal.IsNone
        && amendment.IsDue(transaction.DecidedAt, view.Height)
        && transaction.Writes is [{ Record: ProgramRecord next }] && IsAs(next, Ended(current, amendment, transaction.DecidedAt))
            ? null
            : Checks.Broken("The ledger itself puts approved terms in effect, when they are due.");

    internal static bool IsChanged(ProgramRecord current, ProgramRecord next) => next.Amendment != current.Amendment || next.Terms != current.Terms;

    internal static Refusal? CheckChange(Transaction transaction, ProgramRecord current, ProgramRecord next, ILedgerView view)
    {
        if (next.Amendment is null && IsAs(next, current with { Amendment = null }))
        {
            return Principals.Require(transaction, view, current.Organisation, ProgramGovernance.Managers | Approving, current.Id);
        }

        if (current.Amendment is not { } proposed)
        {
            return next.Amendment is { } amendment && IsAs(next, current with { Amendment = amendment with { ProposedBy = transaction.Principal, ApprovedBy = Id.None } })
                ? CheckTerms(current, amendment.Terms, Math.Max(amendment.FromTime, transaction.DecidedAt))
                    ?? (amendment.FromTime < 0 || amendment.FromTime - transaction.DecidedAt > MaximumMilliseconds
                        ? new Refusal(RefusalCode.InvalidInput, "Terms take effect within 366 days.", "effectiveFrom")
                        : Principals.Require(transaction, view, current.Organisation, ProgramGovernance.Managers, current.Id))
                : new Refusal(RefusalCode.WrongState, "Terms change by a proposal that another member approves.", "terms");
        }

        // What waits for its time is right whatever the height; what is in effect must be due.
        var approved = IsAs(next, current with { Amendment = proposed with { ApprovedBy = transaction.Principal } })
            || (IsAs(next, InEffect(current, proposed)) && proposed.IsDue(transaction.DecidedAt, view.Height));
        return proposed.IsApproved || !approved ? Checks.Broken("Proposed terms are approved, and nothing else of the program changes.")
            : proposed.ProposedBy == transaction.Principal
                ? new Refusal(RefusalCode.RolesIncompatible, "Who proposed the terms does not approve them; another member must.", "programId")
            : CheckTerms(current, proposed.Terms, Math.Max(proposed.FromTime, transaction.DecidedAt))
                ?? Principals.Require(transaction, view, current.Organisation, Approving, current.Id)
                ?? ActingRoles.NeverBoth(transaction, view, [proposed.ProposedBy]);
    }

    /// <summary>Refuses terms that the program cannot go over to.</summary>
    /// <param name="at">Unix milliseconds at which they would take effect.</param>
    private static Refusal? CheckTerms(ProgramRecord current, string terms, long at)
    {
        var read = TermsJson.Read(terms);
        if (read.Refusal is { } invalid || TermsJson.Write(read.Value!) != terms)
        {
            return read.Refusal ?? Invalid("Terms are recorded in their canonical form.");
        }

        var next = current with { Terms = terms };
        return terms == current.Terms ? Invalid("These are the terms in effect.")
            : RecallUnclaimed.Of(current) is not null && RecallUnclaimed.Of(next) is null
                ? Invalid("A program that pays cash keeps the rule recallUnclaimed; change its seconds instead.")
            : !HaveSameOrigin(TermsJson.Of(current), read.Value!)
                ? Invalid("How a program's units come into being stays as it was: the rules mutualCredit and backedByDeposits, and its money. Open another program instead.")
            // That day's rate counts too: people have been holding the balance under it since midnight.
            : !Demurrage.SameBefore(Limits.DayOf(at) + 1, Demurrage.Of(current), Demurrage.Of(next))
                ? new Refusal(RefusalCode.DemurragePast, "What melts until the end of the day on which terms take effect stays as it was; a new rate begins the day after or later.", "terms")
            : null;
    }

    // What circulates was opened under these rules, and the sums that every verifier asks for rest on them.
    private static bool HaveSameOrigin(Terms before, Terms after) =>
        before.Find<MutualCredit>() is null == after.Find<MutualCredit>() is null && before.Find<BackedByDeposits>()?.Money == after.Find<BackedByDeposits>()?.Money;

    private static ProgramRecord Ended(ProgramRecord current, TermsAmendment amendment, long at) =>
        CheckTerms(current, amendment.Terms, at) is null ? InEffect(current, amendment) : current with { Amendment = null };

    private static ProgramRecord InEffect(ProgramRecord current, TermsAmendment amendment) =>
        current with { Terms = amendment.Terms, TermsVersion = checked(current.TermsVersion + 1), Amendment = null };

    // Lists are compared one by one: those of a replay would differ.
    private static bool IsAs(ProgramRecord next, ProgramRecord other) => next with { Stops = other.Stops } == other && next.Stops.SequenceEqual(other.Stops);

    private static Refusal Invalid(string message) => new(RefusalCode.InvalidInput, message, "terms");

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is no such program.", "programId");

    private static Refusal NoAmendment() => new(RefusalCode.WrongState, "No terms are proposed, or they are not due.", "programId");
}
