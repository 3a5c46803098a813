using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Settlements;

/// <summary>Changes of the details that a vendor is paid out by.</summary>
public static class PayoutDetails
{
    /// <summary>Longest cool-off, in milliseconds.</summary>
    public const long MaximumCoolOff = 90L * 86_400_000;

    private const Roles Proposers = Roles.Administrator | Roles.Finance | Roles.Vendor;
    private const Roles Confirmers = Roles.Administrator | Roles.Finance;

    /// <param name="hash">Salted hash of the details.</param>
    /// <param name="coolOff">Milliseconds from now until they can be confirmed.</param>
    public static Outcome<Transaction> Propose(Id account, Hash32 hash, long coolOff, DecisionScope scope, ILedgerView view) =>
        view.Account(account) is { AccountKind: AccountKind.Vendor } vendor
            ? Registry.Decide(
                [(Of(account, view) ?? new PayoutDetailsRecord(account, vendor.Organisation, 0, default, Id.None, default, Id.None, 0))
                    .WithProposal(hash, scope.Principal, checked(scope.Now + coolOff))],
                [], scope, view)
            : new Refusal(RefusalCode.AccountUnknown, "There is no such vendor's account.", "account");

    public static Outcome<Transaction> Confirm(Id account, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Of(account, view) is { Proposed.IsZero: false } current
            ? Registry.Decide([current.WithConfirmation(scope.Principal)], signatures, scope, view)
            : NothingWaits();

    public static Outcome<Transaction> Withdraw(Id account, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Of(account, view) is { Proposed.IsZero: false } current ? Registry.Decide([current.WithoutProposal()], signatures, scope, view) : NothingWaits();

    internal static PayoutDetailsRecord? Of(Id account, ILedgerView view) => view.Find<PayoutDetailsRecord>(RecordKind.PayoutDetails, account).Record;

    internal static Refusal? Check(Transaction transaction, PayoutDetailsRecord r, ILedgerView view)
    {
        if (view.Account(r.Id) is not { AccountKind: AccountKind.Vendor } vendor || vendor.Organisation != r.Organisation)
        {
            return Checks.Broken("Pay-out details are a vendor account's.");
        }

        var current = Of(r.Id, view) ?? new PayoutDetailsRecord(r.Id, r.Organisation, 0, default, Id.None, default, Id.None, 0);
        return !r.Proposed.IsZero && r == current.WithProposal(r.Proposed, transaction.Principal, r.ConfirmableAt)
                ? Principals.Require(transaction, view, r.Organisation, Proposers) ?? CheckCoolOff(transaction, r)
            : !current.Proposed.IsZero && r == current.WithConfirmation(transaction.Principal)
                ? Principals.Require(transaction, view, r.Organisation, Confirmers) ?? CheckConfirmation(transaction, current)
            : !current.Proposed.IsZero && r == current.WithoutProposal() ? Principals.Require(transaction, view, r.Organisation, Proposers)
            : Checks.Broken("Pay-out details are proposed, confirmed as proposed, or withdrawn.");
    }

    private static Refusal? CheckCoolOff(Transaction transaction, PayoutDetailsRecord r) =>
        r.ConfirmableAt < transaction.DecidedAt || r.ConfirmableAt > transaction.DecidedAt + MaximumCoolOff
            ? new Refusal(RefusalCode.InvalidInput, "A cool-off lasts at most ninety days.", "account")
            : null;

    private static Refusal? CheckConfirmation(Transaction transaction, PayoutDetailsRecord current) =>
        current.ProposedBy == transaction.Principal ? new Refusal(RefusalCode.RolesIncompatible, "Who proposed the details does not confirm them.", "account")
        : transaction.DecidedAt < current.ConfirmableAt ? new Refusal(RefusalCode.CoolingOff, "The cool-off has not ended; confirm later.", "account")
        : null;

    private static Refusal NothingWaits() => new(RefusalCode.WrongState, "No details wait to be confirmed.", "account");
}
