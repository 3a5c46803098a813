using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Households;

/// <summary>Accounts and places that a change of households opens for people who had none.</summary>
internal static class PersonalAccounts
{
    public static bool IsNew(AccountRecord r, Id organisation) =>
        !WorldAccount.IsReserved(r.Id) && r.Tags.Count == 0 && r == AccountRecord.Open(r.Id, organisation, AccountKind.Beneficiary) with { Tags = r.Tags };

    public static EnrolmentRecord Enrolled(Id program, Id account, Id household, Id principal, string site) =>
        new(EnrolmentRecord.IdOf(program, account), program, account, household, principal, site, true);

    public static bool IsNew(EnrolmentRecord r, HouseholdRecord household, Id principal, ILedgerView view) =>
        r == Enrolled(r.Program, r.Account, household.Id, principal, r.Site) && view.Program(r.Program) is { Active: true } program
        && program.Organisation == household.Organisation;
}
