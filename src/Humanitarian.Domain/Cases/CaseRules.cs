using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cases;

/// <summary>Who opens cases, beside the person they are of, and who may change them.</summary>
public static class CaseRules
{
    /// <summary>Who opens cases.</summary>
    public const Roles Openers = Roles.HelpLine | Roles.Registrar | Roles.Administrator | Roles.Protection;

    /// <summary>Who sees and changes sensitive ones.</summary>
    public const Roles Protectors = Roles.Administrator | Roles.Protection;

    /// <summary>Who changes the others.</summary>
    public const Roles Handlers = Roles.HelpLine | Protectors;

    internal static Refusal? Check(Transaction transaction, RecordWrite write, CaseRecord r, ILedgerView view)
    {
        if (view.Account(r.Account) is not { NamesPerson: true } account || account.Organisation != r.Organisation || r.ChangedBy != transaction.Principal || r.Content.IsZero)
        {
            return new Refusal(RefusalCode.InvalidInput, "A case is a beneficiary's, of the organisation that registered them.", "account");
        }

        return view.Find<CaseRecord>(RecordKind.Case, r.Id).Record is { } current
            ? CheckChange(transaction, r, current, view)
            : CheckOpening(transaction, write, r, view);
    }

    private static Refusal? CheckOpening(Transaction transaction, RecordWrite write, CaseRecord r, ILedgerView view) =>
        write.Version != 1 || (r.Status, r.OpenedBy) != (CaseStatus.Open, transaction.Principal)
            ? Checks.Broken("A case is opened by who opens it.")
        : (r.CaseKind == CaseKind.Dispute) == (r.Redemption.IsNone && r.Entry == 0)
            || (!r.Redemption.IsNone && view.Find<RedemptionRecord>(RecordKind.Redemption, r.Redemption).Record?.Account != r.Account)
            ? new Refusal(RefusalCode.InvalidInput, "A dispute, and nothing else, names a redemption or an entry of the beneficiary's.", "redemption")
        : Credentials.IsOwn(transaction.Principal, r.Account, view) ? null
        : Principals.Require(transaction, view, r.Organisation, Openers);

    private static Refusal? CheckChange(Transaction transaction, CaseRecord r, CaseRecord current, ILedgerView view) =>
        r != current with { Status = r.Status, Sensitive = r.Sensitive, Content = r.Content, ChangedBy = r.ChangedBy }
            ? Checks.Broken("A case stays what it is about.")
        : current.Status == CaseStatus.Closed ? new Refusal(RefusalCode.WrongState, "The case is closed; open another one.", "case")
        : view.Credential(r.Account) is { } login && login.IsOwn(current.OpenedBy) && login.LoginGivenBy == transaction.Principal
            ? new Refusal(RefusalCode.RolesIncompatible, "Who gave the person their login does not answer what they opened with it.", "case")
        : Principals.Require(transaction, view, r.Organisation, current.Sensitive ? Protectors : Handlers);
}
