using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>Whether the member behind a transaction may do what it does, by the member's record.</summary>
public static class Principals
{
    /// <summary>Refuses unless the principal is an active member of the organisation with one of the roles.</summary>
    public static Refusal? Require(Transaction transaction, ILedgerView view, Id organisation, Roles anyOf) =>
        view.Member(transaction.Principal).Record is { } member && member.Organisation == organisation && member.Has(anyOf)
            ? null
            : Forbidden();

    /// <summary>Refuses unless the transaction carries exactly one signature, the principal's own.</summary>
    public static Refusal? RequireOwnSignature(Transaction transaction, ILedgerView view) =>
        transaction.Authorisations is [var authorisation] && authorisation.Signer == transaction.Principal
            && authorisation.RoleVersion == view.Member(transaction.Principal).Version
            ? null
            : new Refusal(RefusalCode.SignatureRequired, "This needs the member's own signature by the key of their current record.", "signature");

    public static Refusal Forbidden() => new(RefusalCode.Forbidden, "Your role does not allow this.");
}
