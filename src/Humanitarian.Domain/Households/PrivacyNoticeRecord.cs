using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
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
    /// <summary>Who tells persons, and takes their word.</summary>
    public const Roles Givers = Roles.Registrar | Roles.HelpLine;

    public override RecordKind Kind => RecordKind.PrivacyNotice;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;

    /// <summary>Unix milliseconds at which the person took their consent back; 0 while it stands, or for another basis.</summary>
    public long WithdrawnAt { get; init; }

    /// <summary>True once the retention has ended.</summary>
    /// <param name="day">UTC day, counted from 1970.</param>
    public bool IsOver(long day) => RetainUntil < day;

    /// <summary>True once what is kept of the person is due to be deleted: the retention has ended, or they have taken their consent back.</summary>
    /// <param name="day">UTC day, counted from 1970.</param>
    public bool IsDue(long day) => IsOver(day) || WithdrawnAt > 0;

    /// <summary>The person takes their consent back, or a member does on their word.</summary>
    public static Outcome<Transaction> Withdraw(Id account, DecisionScope scope, ILedgerView view) =>
        view.Find<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, account).Record is not { Basis: LawfulBasis.Consent, WithdrawnAt: 0 } given
            ? new Refusal(RefusalCode.WrongState, "There is no consent to take back: none is recorded, or another basis.", "account")
            : Registry.Decide([given with { WithdrawnAt = scope.Now }], [], scope, view);

    internal Refusal? Check(Transaction transaction, ILedgerView view) => WithdrawnAt == 0 ? CheckGiving(transaction, view)
        : view.Find<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, Id).Record is not { Basis: LawfulBasis.Consent, WithdrawnAt: 0 } given
            || this != given with { WithdrawnAt = transaction.DecidedAt }
            ? Checks.Broken("Consent that was given is taken back when it is.")
        : Credentials.IsOwn(transaction.Principal, Id, view) ? null
        : Principals.Require(transaction, view, Organisation, Givers);

    private Refusal? CheckGiving(Transaction transaction, ILedgerView view) =>
        Version.Length is 0 or > 64 ? new Refusal(RefusalCode.InvalidInput, "A notice's version has 1 to 64 characters.", "version")
        : GivenBy != transaction.Principal || view.Account(Id) is not { NamesPerson: true } account || account.Organisation != Organisation
            ? new Refusal(RefusalCode.InvalidInput, "A notice is given to a person by their organisation.", "account")
        : RetainUntil < Limits.DayOf(transaction.DecidedAt) ? new Refusal(RefusalCode.InvalidInput, "The retention ends in the past.", "retainUntil")
        : Principals.Require(transaction, view, Organisation, Givers);
}
