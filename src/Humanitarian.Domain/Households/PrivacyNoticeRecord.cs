using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>On what ground a person's data is used.</summary>
public enum LawfulBasis
{
    /// <summary>They agreed.</summary>
    Consent = 1,

    /// <summary>Somebody's life depends on it.</summary>
    VitalInterests = 2,

    /// <summary>A task in the public interest, such as a humanitarian mandate.</summary>
    PublicInterest = 3,

    /// <summary>The organisation's legitimate interest.</summary>
    LegitimateInterest = 4,

    /// <summary>The law asks for it.</summary>
    LegalObligation = 5,
}

/// <summary>What a person was told of the use of their data. Its id is the account's.</summary>
/// <param name="Version">Version of the notice that was given, 1 to 64 characters.</param>
/// <param name="RetainUntil">UTC day, counted from 1970, after which the data is to be deleted.</param>
public sealed record PrivacyNoticeRecord(Id Id, Id Organisation, LawfulBasis Basis, string Version, long RetainUntil, Id GivenBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.PrivacyNotice;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;

    internal Refusal? Check(Transaction transaction, ILedgerView view) =>
        Version.Length is 0 or > 64 ? new Refusal(RefusalCode.InvalidInput, "A notice's version has 1 to 64 characters.", "version")
        : GivenBy != transaction.Principal || view.Account(Id) is not { NamesPerson: true } account || account.Organisation != Organisation
            ? new Refusal(RefusalCode.InvalidInput, "A notice is given to a person by their organisation.", "account")
        : RetainUntil < Limits.DayOf(transaction.DecidedAt) ? new Refusal(RefusalCode.InvalidInput, "The retention ends in the past.", "retainUntil")
        : Principals.Require(transaction, view, Organisation, Roles.Registrar | Roles.HelpLine);
}
