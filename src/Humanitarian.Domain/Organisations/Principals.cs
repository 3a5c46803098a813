using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>Whether the member behind a transaction may do what it does, by the member's record.</summary>
public static class Principals
{
    // What these do is of a person, a list or a till, found by an area where there is one.
    private const Roles OfPeople = Roles.Registrar | Roles.FieldAgent | Roles.Vendor | Roles.HelpLine | Roles.Protection;

    /// <summary>Refuses unless the principal is an active member of the organisation, which is not suspended, with one of the roles, within their scope.</summary>
    /// <param name="program">The program that the decision is of, where the transaction does not name it; none for the whole organisation.</param>
    /// <param name="ofArea">True where the decision is of one area, which is judged beside this.</param>
    public static Refusal? Require(Transaction transaction, ILedgerView view, Id organisation, Roles anyOf, Id program = default, bool ofArea = false) =>
        RequireMember(transaction.Principal, transaction.DecidedAt, view, organisation, anyOf, program.IsNone ? transaction.Program : program, ofArea) is not { } refusal
            || (refusal.Code != RefusalCode.OrganisationSuspended && view.Member(transaction.Principal).Record is { Emergency: not null } member && member.Organisation == organisation
                && Emergencies.Allows(transaction, member, anyOf, program.IsNone ? transaction.Program : program, view))
            ? null
            : refusal;

    /// <summary>The same of any member.</summary>
    /// <param name="at">Unix milliseconds.</param>
    internal static Refusal? RequireMember(Id id, long at, ILedgerView view, Id organisation, Roles anyOf, Id program, bool ofArea = false) =>
        view.Member(id).Record is not { } member || member.Organisation != organisation ? Forbidden()
        : view.Organisation(organisation) is { Active: false } ? Suspended()
        : !Holds(member, anyOf, at, view) ? Forbidden()
        : member.Scope is { } scope && (!scope.Covers(program) || (scope.Areas.Count > 0 && !ofArea && (anyOf & OfPeople) == Roles.None)) ? OutOfScope()
        : null;

    /// <summary>Refuses what names an area outside of the principal's scope.</summary>
    /// <param name="area">Empty for everywhere.</param>
    internal static Refusal? RequireArea(Id id, string area, ILedgerView view) =>
        view.Member(id).Record?.Scope is { } scope && !scope.CoversArea(area) ? OutOfScope() : null;

    /// <summary>True when the principal runs the ledger.</summary>
    public static bool IsOperator(Transaction transaction, ILedgerView view) =>
        view.Member(transaction.Principal).Record is { } member && member.Has(Roles.Operator);

    /// <summary>Refuses unless the transaction carries exactly one signature, the principal's own.</summary>
    public static Refusal? RequireOwnSignature(Transaction transaction, ILedgerView view) =>
        transaction.Authorisations is [var authorisation] && authorisation.Signer == transaction.Principal
            && authorisation.RoleVersion == view.Member(transaction.Principal).Version
            ? null
            : new Refusal(RefusalCode.SignatureRequired, "This needs the member's own signature by the key of their current record.", "signature");

    private static Refusal Suspended() => new(
        RefusalCode.OrganisationSuspended, "Your organisation is not verified, or is suspended: it decides nothing until the ledger's operator verifies it.");

    public static Refusal Forbidden() => new(RefusalCode.Forbidden, "Your role does not allow this.");

    // A role held for somebody ends with theirs.
    private static bool Holds(MemberRecord member, Roles anyOf, long at, ILedgerView view) =>
        member.Has(anyOf)
        || (member.Active && member.Acting.Any(acting =>
            acting.IsInForce(at) && (acting.Roles & anyOf) is not Roles.None and var held && view.Member(acting.For).Record?.Has(held) == true));

    public static Refusal OutOfScope() => new(RefusalCode.OutOfScope, "Your roles are limited to other programs or areas.");
}
