using System.Security.Cryptography;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// Whoever holds an invitation's code joins, once: the member's first record and the invitation's last are written together, signed by the
/// new member's own key where they have one.
/// </summary>
public static class Joins
{
    /// <param name="code">The 32 bytes of the code.</param>
    /// <param name="address">Address of the new member's key; zero for who never signs.</param>
    public static Outcome<Transaction> Decide(
        Id invitation, Hash32 code, Address address, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Find<InvitationRecord>(RecordKind.Invitation, invitation).Record is not { } current || HashOf(code) != current.CodeHash)
        {
            return Unknown();
        }

        return current.State != InvitationState.Open ? Ended()
            : Registry.Decide([current with { State = InvitationState.Joined, Code = code }, MemberOf(current, address)], signatures, scope, view);
    }

    /// <summary>What a code hashes to in its invitation.</summary>
    public static Hash32 HashOf(Hash32 code) => Hash32.FromSpan(SHA256.HashData(code.ToArray()));

    /// <summary>The two records of a join; null for other changes.</summary>
    public static (InvitationRecord Invitation, MemberRecord Member)? Of(IReadOnlyList<RecordWrite> writes) =>
        writes is [{ Record: InvitationRecord { State: InvitationState.Joined } invitation }, { Version: 1, Record: MemberRecord member }] ? (invitation, member) : null;

    internal static Refusal? Check(Transaction transaction, InvitationRecord next, MemberRecord member, ILedgerView view)
    {
        if (view.Find<InvitationRecord>(RecordKind.Invitation, next.Id).Record is not { } current
            || next with { Code = current.Code } != current with { State = InvitationState.Joined } || HashOf(next.Code) != current.CodeHash
            || transaction.Principal != next.Id || member != MemberOf(next, member.Address) with { Acting = member.Acting } || member.Acting.Count > 0)
        {
            return Checks.Broken("Who joins holds the code, and becomes what the invitation says.");
        }

        return current.State != InvitationState.Open || current.ExpiresAt <= transaction.DecidedAt
                || view.Member(current.InvitedBy).Record?.Has(Roles.Administrator | Roles.Operator) != true ? Ended()
            : Registry.MemberKey(member)
                ?? (member.Address.IsZero ? null : Principals.RequireOwnSignature(transaction, view));
    }

    /// <summary>The refusal of a code that nobody was given.</summary>
    public static Refusal Unknown() => new(RefusalCode.InvitationUnknown, "There is no invitation with this code.", "code");

    /// <summary>The refusal of a code that no longer counts.</summary>
    public static Refusal Ended() =>
        new(RefusalCode.InvitationEnded, "The invitation was used, withdrawn or has expired; ask an administrator for another.", "code");

    private static MemberRecord MemberOf(InvitationRecord invitation, Address address) =>
        new(invitation.Id, invitation.Organisation, address, invitation.Roles, true) { Scope = invitation.Scope };
}
