using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>What is kept of a person is deleted by two members, at the end of its retention or when the person may ask for it, once their account is closed.</summary>
public static class Forgettings
{
    /// <summary>Who proposes.</summary>
    public const Roles Proposers = Roles.Registrar | Roles.HelpLine | Confirmers;

    /// <summary>Who confirms.</summary>
    public const Roles Confirmers = Roles.Administrator | Roles.Protection;

    /// <summary>Proposes it, or confirms what another member has proposed for the same reason.</summary>
    public static Outcome<Transaction> Decide(Id account, ForgettingReason reason, DecisionScope scope, ILedgerView view)
    {
        if (view.Account(account) is not { NamesPerson: true } person)
        {
            return new Refusal(RefusalCode.AccountUnknown, "There is no such person's account.", "account");
        }

        var next = view.Find<ForgettingRecord>(RecordKind.Forgetting, account).Record is { IsForgotten: false } proposed && proposed.Reason == reason
            ? Confirmed(proposed, scope.Principal, scope.Now)
            : Proposed(account, person.Organisation, reason, scope.Principal, scope.Now);
        return Registry.Decide([next], [], scope, view);
    }

    internal static Refusal? Check(Transaction transaction, ForgettingRecord r, ILedgerView view)
    {
        if (view.Account(r.Id) is not { NamesPerson: true } account || account.Organisation != r.Organisation || !Enum.IsDefined(r.Reason))
        {
            return new Refusal(RefusalCode.InvalidInput, "A person is forgotten by their own organisation, for a reason.", "account");
        }

        var current = view.Find<ForgettingRecord>(RecordKind.Forgetting, r.Id).Record;
        return current is { IsForgotten: true } ? new Refusal(RefusalCode.WrongState, "The person is forgotten already.", "account")
            : Ground(r, transaction.DecidedAt, view) is { } kept ? kept
            : r == Proposed(r.Id, r.Organisation, r.Reason, transaction.Principal, transaction.DecidedAt) ? Principals.Require(transaction, view, r.Organisation, Proposers)
            : current is null || current.Reason != r.Reason || r != Confirmed(current, transaction.Principal, transaction.DecidedAt)
                ? Checks.Broken("Forgetting is proposed, and confirmed as it was proposed.")
            : current.ProposedBy == transaction.Principal
                ? new Refusal(RefusalCode.RolesIncompatible, "Who proposed to forget a person does not confirm it.", "account")
            : account.Status != AccountStatus.Closed
                ? new Refusal(RefusalCode.WrongState, "Close the person's account first, which it lets you do once it is empty.", "account")
            : Principals.Require(transaction, view, r.Organisation, Confirmers);
    }

    /// <summary>Refuses what would be kept of somebody who is forgotten.</summary>
    internal static Refusal? RequireKnown(Id account, ILedgerView view) =>
        view.Find<ForgettingRecord>(RecordKind.Forgetting, account).Record is { IsForgotten: true }
            ? new Refusal(RefusalCode.AccountClosed, "What was kept of this person is deleted; nothing new is kept.", "account")
            : null;

    private static Refusal? Ground(ForgettingRecord r, long at, ILedgerView view)
    {
        var notice = view.Find<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, r.Id).Record;
        var mayGo = r.Reason == ForgettingReason.RetentionEnded
            ? notice is not null && notice.RetainUntil < Limits.DayOf(at)
            : notice is null or { Basis: LawfulBasis.LegitimateInterest } or { Basis: LawfulBasis.Consent, WithdrawnAt: > 0 };
        return mayGo ? null : new Refusal(
            RefusalCode.RetentionNotEnded, "What is kept of the person is kept until the day that they were told, or until they take back the consent that is its ground.", "reason");
    }

    private static ForgettingRecord Proposed(Id account, Id organisation, ForgettingReason reason, Id by, long at) =>
        new(account, organisation, reason, by, at, Id.None, 0);

    private static ForgettingRecord Confirmed(ForgettingRecord proposed, Id by, long at) => proposed with { ForgottenBy = by, ForgottenAt = at };
}
