using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>A checker's signature freezes a drafted list and puts the disbursement on the ledger. Maker ≠ checker.</summary>
public static class Approvals
{
    /// <summary>Most characters of a period or a kind of assistance.</summary>
    public const int MaximumText = 32;

    /// <param name="draft">The disbursement as drafted: state draft, no lot, no hold, nobody's approval.</param>
    public static Outcome<Transaction> Decide(DisbursementRecord draft, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Disbursement(draft.Id).Record is not null
            ? new Refusal(RefusalCode.WrongState, "The disbursement is approved already.", "disbursement")
            : Decision.Complete(
                scope.Draft(TransactionKind.DisbursementApproval, namesPersons: false) with
                {
                    Program = draft.Program,
                    Subject = draft.Id,
                    Writes = [new RecordWrite(1, draft with { State = DisbursementState.Approved, ApprovedBy = scope.Principal })],
                    Authorisations = signatures,
                },
                scope,
                view);

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction is not { Postings: [], Writes: [{ Version: 1, Record: DisbursementRecord record }] }
            || record.Id != transaction.Subject || record.Program != transaction.Program || record.State != DisbursementState.Approved
            || record.ApprovedBy != transaction.Principal || !record.ReleasedBy.IsNone || !record.Lot.IsNone || !record.Hold.IsNone
            || !SumsUp(record))
        {
            return Checks.Broken("An approval puts one disbursement on the ledger whose chunks and grants sum to its total.");
        }

        if (record.Period.Length is 0 or > MaximumText || record.AssistanceKind.Length is 0 or > MaximumText)
        {
            return new Refusal(RefusalCode.InvalidInput, "A disbursement names its period and its kind of assistance.", "period");
        }

        if (view.Program(record.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        if (!Enum.IsDefined(record.Purpose) || (record.Purpose != DisbursementPurpose.Regular && !Entitlements.AreKnownTo(program)))
        {
            return new Refusal(RefusalCode.InvalidInput, "Only where the terms have an entitlement for each period is more than one payment for it bounded.", "purpose");
        }

        if (record.Grants.Any(part => view.Grant(part.Lot).Record is not { Active: true } grant || grant.Program != program.Id))
        {
            return new Refusal(RefusalCode.GrantIneligible, "A disbursement draws on active grants of its own program.", "grants");
        }

        return (view.Member(record.CreatedBy).Record is { } maker && maker.Organisation == program.Organisation && maker.Has(Roles.Registrar)
                ? null
                : Principals.Forbidden())
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Approver)
            ?? (view.Organisation(program.Organisation) is { SeparateRoles: true } && record.CreatedBy == record.ApprovedBy ? Separation.Refusal : null)
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static bool SumsUp(DisbursementRecord record)
    {
        Int128 chunks = 0;
        long lines = 0;
        foreach (var chunk in record.ChunkRoots)
        {
            chunks += chunk.TotalMinor;
            lines += chunk.Lines;
        }

        Int128 grants = 0;
        foreach (var part in record.Grants)
        {
            grants += part.AmountMinor;
        }

        return record.TotalMinor > 0 && chunks == record.TotalMinor && grants == record.TotalMinor && lines == record.Lines && lines > 0
            && record.Grants.All(part => part.AmountMinor > 0) && record.Grants.Select(part => part.Lot).Distinct().Count() == record.Grants.Count
            && record.ChunkRoots.All(chunk => chunk is { Lines: > 0, TotalMinor: > 0 });
    }
}

internal static class Separation
{
    public static Refusal Refusal =>
        new(RefusalCode.RolesIncompatible, "Who enrols does not approve, and who approves does not release; another member must do this.");
}
