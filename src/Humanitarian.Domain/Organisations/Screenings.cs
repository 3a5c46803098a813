using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>Dated results of screening vendors, providers and staff, and what a program asks of them.</summary>
public static class Screenings
{
    /// <summary>Most characters of a list's name.</summary>
    public const int MaximumList = 64;

    /// <summary>Longest that a result counts, in days.</summary>
    public const long MaximumDays = 366;

    private const string NoSubject = "A vendor's or provider's organisation, or a member of your own, is screened.";

    /// <summary>Refuses a subject without a clear result that counts, for each list that the program's terms name.</summary>
    /// <param name="at">Unix milliseconds.</param>
    internal static Refusal? Require(ProgramRecord program, Id subject, long at, ILedgerView view) =>
        TermsJson.Of(program).Find<Screened>() is { } rule && !rule.Lists.All(list => Counts(program.Organisation, subject, list, at, view))
            ? new Refusal(RefusalCode.ScreeningRequired, $"A clear result that still counts is needed for each of: {string.Join(", ", rule.Lists)}.")
            : null;

    /// <summary>Refuses to pay a subject whose newest result of a list that the program's terms name is a hit. An older result that ran out stops nobody at a till.</summary>
    internal static Refusal? RefuseHit(ProgramRecord program, Id subject, ILedgerView view) =>
        TermsJson.Of(program).Find<Screened>() is { } rule && rule.Lists.Any(list => Find(program.Organisation, subject, list, view) is { Outcome: ScreeningOutcome.Hit })
            ? new Refusal(RefusalCode.ScreeningRequired, "The vendor was found on a screening list; it is paid once its newest result is clear.")
            : null;

    internal static Refusal? Check(Transaction transaction, ScreeningRecord r, ILedgerView view)
    {
        if (r.Id != ScreeningRecord.IdOf(r.Organisation, r.Subject, r.List) || r.ScreenedBy != transaction.Principal)
        {
            return Checks.Broken("A result names its subject, its list and who recorded it.");
        }

        if (Principals.Require(transaction, view, r.Organisation, ProgramGovernance.Managers | Roles.Finance) is { } refusal)
        {
            return refusal;
        }

        return CheckSubject(r, view)
            ?? (r.List.Length is 0 or > MaximumList || !Enum.IsDefined(r.Outcome) ? Invalid($"A list's name has 1 to {MaximumList} characters.", "list")
                : r.OnDay < 0 || r.OnDay > Limits.DayOf(transaction.DecidedAt) + 1 ? Invalid("A result is not of the future.", "on")
                : r.ValidUntil < r.OnDay || r.ValidUntil - r.OnDay > MaximumDays ? Invalid($"A result counts for at most {MaximumDays} days.", "validUntil")
                : view.Find<ScreeningRecord>(RecordKind.Screening, r.Id).Record is { } current && current.OnDay > r.OnDay
                    ? new Refusal(RefusalCode.WrongState, "There is a newer result.", "on")
                : null);
    }

    // Only what is refused looks at persons, so that no record of theirs is ever named here; nor is a member of staff's in the open part.
    private static Refusal? CheckSubject(ScreeningRecord r, ILedgerView view) =>
        view.Peek<AccountRecord>(RecordKind.Account, r.Subject).Record is { NamesPerson: true }
            || view.Peek<HouseholdRecord>(RecordKind.Household, r.Subject).Record is not null
            ? new Refusal(RefusalCode.ScreeningForbidden, "Beneficiaries are never screened.", "subjectId")
        : r.OfMember
            ? view.Peek<MemberRecord>(RecordKind.Member, r.Subject).Record?.Organisation == r.Organisation ? null : Invalid(NoSubject, "subjectId")
        : view.Organisation(r.Subject) is { OrganisationKind: OrganisationKind.Vendor or OrganisationKind.FinancialServiceProvider } ? null
        : Invalid(NoSubject, "subjectId");

    private static bool Counts(Id organisation, Id subject, string list, long at, ILedgerView view) =>
        Find(organisation, subject, list, view) is { Outcome: ScreeningOutcome.Clear } found && Limits.DayOf(at) <= found.ValidUntil;

    private static ScreeningRecord? Find(Id organisation, Id subject, string list, ILedgerView view) =>
        view.Find<ScreeningRecord>(RecordKind.Screening, ScreeningRecord.IdOf(organisation, subject, list)).Record is { } found
        && (found.Organisation, found.Subject, found.List) == (organisation, subject, list) ? found : null;

    private static Refusal Invalid(string message, string field) => new(RefusalCode.InvalidInput, message, field);
}
