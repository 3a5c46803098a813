using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>An administrator invites, and takes back what nobody has used yet.</summary>
public static class Invitations
{
    /// <summary>Longest that an invitation stands, in milliseconds.</summary>
    public const long MaximumMilliseconds = 90L * 24 * 60 * 60 * 1000;

    /// <summary>Takes an invitation back.</summary>
    public static Outcome<Transaction> Withdraw(Id invitation, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Find<InvitationRecord>(RecordKind.Invitation, invitation).Record is not { } current
            ? new Refusal(RefusalCode.NotFound, "There is no such invitation.", "invitationId")
            : Registry.Decide([current with { State = InvitationState.Withdrawn }], signatures, scope, view);

    internal static Refusal? Check(Transaction transaction, RecordWrite write, InvitationRecord next, ILedgerView view)
    {
        var byOperator = Principals.IsOperator(transaction, view);
        if (!byOperator && Principals.Require(transaction, view, next.Organisation, Roles.Administrator) is { } refusal)
        {
            return refusal;
        }

        if (write.Version > 1)
        {
            return view.Find<InvitationRecord>(RecordKind.Invitation, next.Id).Record is not { } current || next != current with { State = InvitationState.Withdrawn }
                    ? Checks.Broken("An invitation is used or withdrawn, and nothing else of it changes.")
                : current.State != InvitationState.Open ? Joins.Ended()
                : null;
        }

        return next is not { State: InvitationState.Open, Code.IsZero: true, CodeHash.IsZero: false } || next.InvitedBy != transaction.Principal
                ? Checks.Broken("An invitation begins open, by who signs it.")
            : next.Roles == Roles.None || (!byOperator && next.Roles.HasFlag(Roles.Operator)) ? Principals.Forbidden()
            : next.ExpiresAt <= transaction.DecidedAt || next.ExpiresAt - transaction.DecidedAt > MaximumMilliseconds
                ? new Refusal(RefusalCode.InvalidInput, "An invitation stands for at most 90 days.", "expiresAt")
            : next.Scope is { IsSound: false } ? new Refusal(RefusalCode.InvalidInput, $"A scope has 1 to {MemberScope.Maximum} programs or areas, each once.", "scope")
            : view.Organisation(next.Organisation) is not { Active: true } ? new Refusal(RefusalCode.NotFound, "There is no such active organisation.", "organisationId")
            : null;
    }
}
