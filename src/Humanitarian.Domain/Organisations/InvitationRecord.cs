namespace Humanitarian.Domain.Organisations;

/// <summary>The life of an invitation; it expires by itself.</summary>
public enum InvitationState
{
    /// <summary>Whoever holds its code may join.</summary>
    Open = 1,

    /// <summary>Somebody joined with its code.</summary>
    Joined = 2,

    /// <summary>An administrator took it back.</summary>
    Withdrawn = 3,
}

/// <summary>
/// Lets whoever holds a code become a member of an organisation, once. The member has the invitation's id. The ledger holds the code's hash
/// until somebody joins, and then the code, so that anybody can check that they held it.
/// </summary>
/// <param name="Roles">What the member may do.</param>
/// <param name="Scope">Where; null for the whole organisation.</param>
/// <param name="ExpiresAt">Unix milliseconds from which nobody joins any more.</param>
/// <param name="CodeHash">SHA-256 of the code's 32 bytes.</param>
/// <param name="Code">The code; zero until somebody has joined.</param>
/// <param name="InvitedBy">The administrator who signed it; it ends with their role.</param>
public sealed record InvitationRecord(
    Id Id, Id Organisation, Roles Roles, MemberScope? Scope, long ExpiresAt, Hash32 CodeHash, InvitationState State, Hash32 Code, Id InvitedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Invitation;
    public override Id Parent => Organisation;
}
