using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// A checker's signature freezes a drafted list and puts the disbursement on the ledger. Maker ≠ checker. Where its amount needs several
/// approvers, each signs the same frozen list.
/// </summary>
public static class Approvals
{
    /// <summary>Most characters of a period or a kind of assistance.</summary>
    public const int MaximumText = 32;

    /// <param name="draft">The disbursement as drafted: state draft, no lot, no hold, nobody's approval.</param>
    public static Outcome<Transaction> Decide(DisbursementRecord draft, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Disbursement(draft.Id);
        return view.Program(draft.Program) is not { } program ? NoProgram()
            : found.Record is { } current && !NeedsMore(current, program) ? ApprovedAlready()
            : Decision.Complete(
                scope.Draft(TransactionKind.DisbursementApproval, namesPersons: false) with
                {
                    Program = draft.Program,
                    Subject = draft.Id,
                    Writes = [new RecordWrite(found.Version + 1, Approved(found.Record ?? Frozen(draft, scope.Command, view), scope.Principal, program))],
                    Authorisations = signatures,
                },
                scope,
                view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction is not { Postings: [], Writes: [{ Record: DisbursementRecord record }] }
            || record.Id != transaction.Subject || record.Program != transaction.Program
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
            return NoProgram();
        }

        if (CheckApprovers(transaction, record, program, view) is { } early)
        {
            return early;
        }

        if (!Enum.IsDefined(record.Purpose) || (record.Purpose != DisbursementPurpose.Regular && !Entitlements.AreKnownTo(program)))
        {
            return new Refusal(RefusalCode.InvalidInput, "Only where the terms have an entitlement for each period is more than one payment for it bounded.", "purpose");
        }

        if (record.Grants.Any(part => view.Grant(part.Lot).Record is not { Active: true } grant || grant.Program != program.Id))
        {
            return new Refusal(RefusalCode.GrantIneligible, "A disbursement draws on active grants of its own program.", "grants");
        }

        if ((CheckCash(record, program, view) ?? Instructions.CheckProvider(record, program, transaction.DecidedAt, view)
            ?? Harmonised.CheckDraft(record, program, transaction.DecidedAt, view)) is { } refusal)
        {
            return refusal;
        }

        return Samples.CheckApproval(record, program, view)
            ?? Principals.RequireMember(record.CreatedBy, transaction.DecidedAt, view, program.Organisation, Roles.Registrar, program.Id)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Approver)
            ?? (Separation.IsOn(program, transaction.DecidedAt, view) && record.CreatedBy == record.ApprovedBy ? Separation.Refusal : null)
            ?? ActingRoles.NeverBoth(transaction, view, [record.CreatedBy, .. record.CoApprovers])
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static DisbursementRecord Frozen(DisbursementRecord draft, CommandKey? command, ILedgerView view)
    {
        var commitment = Samples.CommitmentOf(draft.Id, view);
        return draft with { Sample = commitment, SampleNonce = Samples.NonceOf(commitment, command) };
    }

    private static Refusal? CheckApprovers(Transaction transaction, DisbursementRecord record, ProgramRecord program, ILedgerView view)
    {
        var current = view.Disbursement(record.Id).Record;
        if (current is not null && !NeedsMore(current, program))
        {
            return ApprovedAlready();
        }

        return current is null && (record.SampleNonce != Samples.NonceOf(record.Sample, transaction.Command) || record.SampleNonce.IsNone != record.Sample.IsZero)
                ? Checks.Broken("A list is frozen with its approval's own nonce.")
            : current?.IsApprovedBy(record.ApprovedBy) == true
                ? new Refusal(RefusalCode.RolesIncompatible, "You have approved it already; another approver must.", "disbursement")
            : !record.IsAs(Approved(current ?? record with { ApprovedBy = Id.None, CoApprovers = [] }, record.ApprovedBy, program))
                ? Checks.Broken("An approval adds one approver to the frozen list, and the last one that its amount needs approves it.")
            : null;
    }

    private static DisbursementRecord Approved(DisbursementRecord record, Id approver, ProgramRecord program)
    {
        IReadOnlyList<Id> before = record.ApprovedBy.IsNone ? [] : [.. record.CoApprovers, record.ApprovedBy];
        return record with
        {
            State = before.Count + 1 >= ApprovalsByAmount.Needed(program, record.TotalMinor) ? DisbursementState.Approved : DisbursementState.PartlyApproved,
            ApprovedBy = approver,
            CoApprovers = before,
        };
    }

    /// <summary>True where another approver must sign: not enough have, or the terms have been amended and ask for more than they did.</summary>
    internal static bool NeedsMore(DisbursementRecord record, ProgramRecord program) =>
        record.State == DisbursementState.PartlyApproved
        || (record.State == DisbursementState.Approved && record.CoApprovers.Count + 1 < ApprovalsByAmount.Needed(program, record.TotalMinor));

    private static Refusal ApprovedAlready() => new(RefusalCode.WrongState, "The disbursement is approved already.", "disbursement");

    private static Refusal NoProgram() => new(RefusalCode.NotFound, "There is no such active program.", "program");

    private static Refusal? CheckCash(DisbursementRecord record, ProgramRecord program, ILedgerView view)
    {
        if (record.Cash is not { } plan || record.Mode != DeliveryMode.Cash)
        {
            return (record.Mode == DeliveryMode.Cash) == (record.Cash is not null) ? null : Checks.Broken("Cash is paid by a provider, and nothing else is.");
        }

        return record.Purpose == DisbursementPurpose.TopUp && plan.FollowsUp.IsNone
                ? new Refusal(RefusalCode.InvalidInput, "A top-up in cash names the disbursement that it comes on top of.", "followsUp")
            : RecallUnclaimed.Of(program) is null
                ? new Refusal(RefusalCode.WrongState, "The program's terms have no rule recallUnclaimed, so it pays no cash.", "program")
            : view.Account(plan.Float) is not { AccountKind: AccountKind.Float, Status: not AccountStatus.Closed } account
                || view.Organisation(account.Organisation) is not { OrganisationKind: OrganisationKind.FinancialServiceProvider, Active: true }
                ? new Refusal(RefusalCode.AccountUnknown, "Cash goes through the float account of an active financial service provider.", "floatAccount")
            : !plan.FollowsUp.IsNone
                && (view.Disbursement(plan.FollowsUp).Record is not { Cash: not null } first
                    || (first.Program, first.Period, first.AssistanceKind) != (record.Program, record.Period, record.AssistanceKind))
                ? new Refusal(RefusalCode.NotFound, "A follow-up names a cash disbursement of the same program, period and kind of assistance.", "followsUp")
            : null;
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
