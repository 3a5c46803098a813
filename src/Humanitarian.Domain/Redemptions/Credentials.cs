using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Redemptions;

/// <summary>
/// A person gets a PIN, a card or a login; a card is blocked at once by the person or any who help people, and replaced by somebody else.
/// </summary>
public static class Credentials
{
    /// <summary>Who may block a card or end a login; so may the person.</summary>
    public const Roles Blockers = Roles.Administrator | Roles.Registrar | Roles.FieldAgent | Roles.HelpLine;

    /// <param name="pin">A new PIN's id.</param>
    public static Outcome<Transaction> SetPin(Id account, Id pin, DecisionScope scope, ILedgerView view) =>
        Change(account, scope, view, current => Pinned(current, pin, scope.Principal, scope.Now));

    /// <param name="card">Address of the card's key.</param>
    public static Outcome<Transaction> IssueCard(Id account, Address card, DecisionScope scope, ILedgerView view) =>
        Change(account, scope, view, current => Issued(current, card, scope.Principal, scope.Now));

    public static Outcome<Transaction> BlockCard(Id account, DecisionScope scope, ILedgerView view) =>
        view.Credential(account) is not { Card.IsZero: false, CardBlockedBy.IsNone: true }
            ? new Refusal(RefusalCode.WrongState, "The person has no card that counts.", "account")
            : Change(account, scope, view, current => Blocked(current, scope.Principal));

    /// <summary>The person gets access of their own; the login before counts no more.</summary>
    /// <param name="login">The principal that they act as from now on.</param>
    public static Outcome<Transaction> GiveLogin(Id account, Id login, DecisionScope scope, ILedgerView view) =>
        Change(account, scope, view, current => Admitted(current, login, scope.Principal, scope.Now));

    public static Outcome<Transaction> EndLogin(Id account, DecisionScope scope, ILedgerView view) =>
        view.Credential(account) is not { Login.IsNone: false }
            ? new Refusal(RefusalCode.WrongState, "The person has no login that counts.", "account")
            : Change(account, scope, view, current => current with { Login = Id.None });

    /// <summary>True when the principal is the person whose account it is.</summary>
    internal static bool IsOwn(Id principal, Id account, ILedgerView view) => view.Credential(account)?.IsOwn(principal) == true;

    internal static Refusal? Check(Transaction transaction, CredentialRecord r, ILedgerView view)
    {
        var known = view.Credential(r.Id);
        var current = known ?? CredentialRecord.None(r.Id, r.Organisation);
        if (view.Account(r.Id) is not { NamesPerson: true } account || (account.Organisation, current.Organisation) != (r.Organisation, r.Organisation))
        {
            return new Refusal(RefusalCode.InvalidInput, "A PIN or a card is a person's, given by the person's organisation.", "account");
        }

        return !r.Pin.IsNone && r.Pin != current.Pin && r == Pinned(current, r.Pin, transaction.Principal, transaction.DecidedAt)
                ? Principals.Require(transaction, view, r.Organisation, Roles.Registrar)
            : !r.Card.IsZero && r == Issued(current, r.Card, transaction.Principal, transaction.DecidedAt)
                ? Principals.Require(transaction, view, r.Organisation, Roles.Registrar) ?? CheckIssue(transaction, r, current)
            : current is { Card.IsZero: false, CardBlockedBy.IsNone: true } && r == Blocked(current, transaction.Principal)
                ? RequireHelper(transaction, current, view)
            : !r.Login.IsNone && r.Login != current.Login && r == Admitted(current, r.Login, transaction.Principal, transaction.DecidedAt)
                ? Principals.Require(transaction, view, r.Organisation, Roles.Registrar)
            : !current.Login.IsNone && r == current with { Login = Id.None } ? RequireHelper(transaction, current, view)
            : Checks.Broken("A change of credentials sets a PIN, issues a card, gives a login, or ends one of them.");
    }

    private static Refusal? RequireHelper(Transaction transaction, CredentialRecord current, ILedgerView view) =>
        current.IsOwn(transaction.Principal) ? null : Principals.Require(transaction, view, current.Organisation, Blockers);

    private static Refusal? CheckIssue(Transaction transaction, CredentialRecord r, CredentialRecord current) =>
        current.Card.IsZero ? null
        : current.CardBlockedBy.IsNone ? new Refusal(RefusalCode.WrongState, "The person has a card; block it first.", "account")
        : current.CardBlockedBy == transaction.Principal
            ? new Refusal(RefusalCode.RolesIncompatible, "Who blocked a card does not issue the next one.", "account")
        : current.Card == r.Card ? new Refusal(RefusalCode.CardBlocked, "This card is blocked; issue another one.", "card")
        : null;

    private static Outcome<Transaction> Change(Id account, DecisionScope scope, ILedgerView view, Func<CredentialRecord, CredentialRecord> change) =>
        view.Account(account) is { NamesPerson: true } person
            ? Registry.Decide([change(view.Credential(account) ?? CredentialRecord.None(account, person.Organisation))], [], scope, view)
            : new Refusal(RefusalCode.AccountUnknown, "There is no such person's account.", "account");

    private static CredentialRecord Pinned(CredentialRecord current, Id pin, Id by, long at) => current with { Pin = pin, PinSetBy = by, PinSetAt = at };

    private static CredentialRecord Issued(CredentialRecord current, Address card, Id by, long at) =>
        current with { Card = card, CardIssuedBy = by, CardIssuedAt = at, CardBlockedBy = Id.None };

    private static CredentialRecord Admitted(CredentialRecord current, Id login, Id by, long at) =>
        current with { Login = login, LoginGivenBy = by, LoginGivenAt = at };

    private static CredentialRecord Blocked(CredentialRecord current, Id by) => current with { CardBlockedBy = by };
}
