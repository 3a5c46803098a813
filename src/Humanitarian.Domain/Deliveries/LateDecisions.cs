using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Deliveries;

/// <summary>
/// An approver who did not deliver decides a late delivery, once, under a reason: it is rejected, or paid from a grant by a disbursement of
/// one line, within the program's terms and the device's limits, of which the day's is that of the day on which the device signed. The line of
/// the list is then used up, so nothing pays it again.
/// </summary>
public static class LateDecisions
{
    /// <param name="grant">The grant that pays; none to reject.</param>
    /// <param name="resolution">A code that says why.</param>
    /// <param name="payment">Id of the disbursement that pays.</param>
    /// <param name="lot">Id of its lot.</param>
    public static Outcome<Transaction> Decide(
        Id exception, Id grant, string resolution, Id payment, Id lot, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<DeliveryExceptionRecord>(RecordKind.DeliveryException, exception);
        if (found.Record is not { } late || view.Disbursement(late.Disbursement).Record is not { } disbursement || view.Program(late.Program) is not { } program
            || view.Device(late.Device).Record is not { } device)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such late delivery.", "exceptionId");
        }

        if (late.State != DeliveryExceptionState.Open)
        {
            return new Refusal(RefusalCode.WrongState, "It has been decided.", "exceptionId");
        }

        var backlog = view.Find<DeliveryBacklogRecord>(RecordKind.DeliveryBacklog, DeliveryBacklogRecord.IdOf(late.Device));
        var counted = new RecordWrite(backlog.Version + 1, LateDeliveries.Counted(late.Device, backlog.Record, -1));
        var decided = new RecordWrite(found.Version + 1, Decided(late, grant.IsNone ? Id.None : payment, scope.Principal, resolution));
        var draft = scope.Draft(TransactionKind.DeliveryExceptionDecision, namesPersons: true) with
        {
            Program = program.Id, Subject = disbursement.Id, Writes = [counted, decided], Authorisations = signatures,
        };
        if (!grant.IsNone)
        {
            if (view.Book(program.Pool) is not { } pool
                || LotChoice.Take(LotChoice.OfGrant(pool, grant, program.Unit, view), late.AmountMinor) is not { } parts)
            {
                return new Refusal(RefusalCode.InsufficientFunds, "The grant does not have enough left in the program's pool.", "grantId");
            }

            var paying = Paying(disbursement, late.AmountMinor, payment, lot, grant, late.Agent, scope.Principal);
            var terms = TermsJson.Of(program).Decide(Releases.Movement(program, paying, parts, Until(disbursement, scope.Now, view), scope.Now), view);
            if (terms.Refusal is { } refusal)
            {
                return refusal;
            }

            paying = paying with { ExpiresAt = terms.Value!.ExpiresAt };
            var opened = new LotRecord(lot, program.Id, payment, program.Unit, late.AmountMinor, parts, paying.ExpiresAt, scope.Now);
            draft = draft with
            {
                TermsVersion = program.TermsVersion,
                Writes = [counted, new RecordWrite(1, paying), new RecordWrite(1, opened), decided],
                Postings = Postings(opened, program, late.Account, AllowanceOf(late, device)),
            };
        }

        return Decision.Complete(draft, scope, view);
    }

    /// <summary>The record of what was decided; null for other transactions and without the closed part.</summary>
    public static DeliveryExceptionRecord? Of(Transaction transaction) => transaction is
    {
        Kind: TransactionKind.DeliveryExceptionDecision, Writes: [.., { Record: DeliveryExceptionRecord decided }],
    }
        ? decided
        : null;

    /// <summary>Whether a device's allowance is the one that an acceptance counts for. Which day it is stands in the closed part: without it every account may be.</summary>
    internal static bool Spends(Transaction transaction, Id allowance, DeviceRecord device) => Of(transaction) is not { } late || allowance == AllowanceOf(late, device);

    /// <summary>The device whose late delivery a transaction decides; none for other transactions.</summary>
    internal static Id DeviceOf(Transaction transaction) =>
        transaction is { Kind: TransactionKind.DeliveryExceptionDecision, Writes: [{ Record: DeliveryBacklogRecord backlog }, ..] } ? backlog.Device : Id.None;

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { Mode: DeliveryMode.InPerson } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");
        }

        var accepts = transaction.Postings.Count > 0;
        if (transaction.Writes is not [{ Record: DeliveryBacklogRecord backlog }, ..] || transaction.Program != program.Id
            || transaction.TermsVersion != (accepts ? program.TermsVersion : 0)
            || transaction.Writes.Count != (accepts ? 3 : 1) + (transaction.HasClosedPart ? 1 : 0) || !LateDeliveries.IsCounted(backlog, backlog.Device, -1, view))
        {
            return Checks.Broken("A decision ends one late delivery and counts it.");
        }

        return (accepts ? CheckPayment(transaction, disbursement, program, view) : null)
            ?? (transaction.HasClosedPart ? CheckRecord(transaction, backlog, disbursement, program, view) : null)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Approver, ofArea: true)
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key) => MovementOf(transaction, view) is var (movement, disbursement)
        ? [key.DisbursementLine(disbursement, Of(transaction)!.Account), .. TermsJson.Of(movement.Program).Claims(movement, key)]
        : [];

    internal static Refusal? Inherited(Transaction transaction, ILedgerView view, ClaimKey key) =>
        MovementOf(transaction, view) is var (movement, _) ? TermsJson.Of(movement.Program).CheckInherited(movement, view, key) : null;

    private static (Movement Movement, Id Disbursement)? MovementOf(Transaction transaction, ILedgerView view) =>
        Of(transaction) is { State: DeliveryExceptionState.Accepted } late && transaction.Writes[1].Record is DisbursementRecord paying
            ? (Credits.Movement(LineOf(late), paying, view.Peek<ProgramRecord>(RecordKind.Program, late.Program).Record!, transaction.DecidedAt, view), late.Disbursement)
            : null;

    private static Refusal? CheckPayment(Transaction transaction, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view)
    {
        if (transaction.Writes is not [_, { Version: 1, Record: DisbursementRecord paying }, { Version: 1, Record: LotRecord lot }, ..]
            || paying is not { Grants: [var share] } || !program.Active
            || !paying.IsAs(Paying(disbursement, paying.TotalMinor, paying.Id, lot.Id, share.Lot, paying.CreatedBy, transaction.Principal) with { ExpiresAt = lot.ExpiresAt })
            || paying.TotalMinor <= 0 || !Releases.IsLot(lot, paying, program, transaction) || lot.Parts.Any(part => part.AmountMinor <= 0)
            || transaction.Postings is not [.., { Account: var allowance }, _]
            || !transaction.Postings.SequenceEqual(Postings(lot, program, Of(transaction)?.Account ?? Id.None, allowance)))
        {
            return Checks.Broken("A late delivery is paid by a disbursement of one line from one grant.");
        }

        return disbursement.ReleasedBy.IsNone ? LateDeliveries.NeverReleased()
            : lot.ExpiresAt > Until(disbursement, transaction.DecidedAt, view) ? Checks.Broken("A late delivery lasts no longer than the list's lines did.")
            : Separation.IsOn(program, transaction.DecidedAt, view) && transaction.Principal == disbursement.CreatedBy ? Separation.Refusal
            : view.Grant(share.Lot).Record is not { Active: true } grant || grant.Program != program.Id
                ? new Refusal(RefusalCode.GrantIneligible, "A disbursement draws on active grants of its own program.", "grantId")
            : ApprovalsByAmount.Needed(program, paying.TotalMinor) > 1
                ? new Refusal(RefusalCode.WrongState, "The terms ask for several approvers of such an amount; pay it by a disbursement and reject this.", "exceptionId")
            : disbursement.Sample.IsZero && AuditedSample.Of(program, paying.TotalMinor) is not null
                ? new Refusal(RefusalCode.SampleDue, "The terms ask for an auditor's sample of such an amount, and the list has none; pay it by a disbursement and reject this.", "exceptionId")
            : TermsJson.Of(program).Check(Releases.Movement(program, paying, lot.Parts, lot.ExpiresAt, transaction.DecidedAt), view)
                ?? Releases.FirstInFirstOut(paying, lot, program, view);
    }

    private static Refusal? CheckRecord(
        Transaction transaction, DeliveryBacklogRecord backlog, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view)
    {
        if (Of(transaction) is not { } next || view.Find<DeliveryExceptionRecord>(RecordKind.DeliveryException, next.Id).Record is not { State: DeliveryExceptionState.Open } late)
        {
            return new Refusal(RefusalCode.WrongState, "It has been decided.", "exceptionId");
        }

        var paying = transaction.Writes[1].Record as DisbursementRecord;
        if (late.Disbursement != disbursement.Id || late.Device != backlog.Device || next != Decided(late, paying?.Id ?? Id.None, transaction.Principal, next.Resolution)
            || (paying is not null && (paying.TotalMinor, paying.CreatedBy) != (late.AmountMinor, late.Agent)))
        {
            return Checks.Broken("A decision changes nothing else of a late delivery, and pays its amount.");
        }

        var enrolment = view.Enrolment(program.Id, late.Account);
        return !CashLineRecord.IsReason(next.Resolution)
                ? new Refusal(RefusalCode.InvalidInput, "Give a reason as a code of capital letters, digits and underscores.", "reason")
            : transaction.Principal == late.Agent ? new Refusal(RefusalCode.RolesIncompatible, "Who delivered does not decide; another member must.", "exceptionId")
            : ActingRoles.NeverBoth(transaction, view, [late.Agent]) is { } both ? both
            : Principals.RequireArea(transaction.Principal, enrolment?.Site ?? "", view) is { } outside ? outside
            : paying is null ? null
            : enrolment is not { Active: true } ? new Refusal(RefusalCode.NotEnrolled, "The beneficiary is not enrolled in the program.", "exceptionId")
            : enrolment.EnrolledBy == late.Agent ? new Refusal(RefusalCode.EnrollerCannotDeliver, "An agent does not deliver to people they enrolled.", "exceptionId")
            : Credits.CheckLine(LineOf(late), paying, program, transaction.DecidedAt, view) ?? CheckAgent(late, enrolment.Site, program, view);
    }

    /// <summary>What a delivery in time asks of the device and its agent. The device's limit for a day is its allowance's, which is debited.</summary>
    private static Refusal? CheckAgent(DeliveryExceptionRecord late, string site, ProgramRecord program, ILedgerView view) =>
        view.Device(late.Device).Record is not { } device ? new Refusal(RefusalCode.DeviceUnknown, "The device is not registered.", "exceptionId")
        : late.AmountMinor > device.PerBeneficiaryMinor ? new Refusal(RefusalCode.AgentLimitExceeded, "The amount exceeds the device's limit for one beneficiary.", "exceptionId")
        : device.Site.Length > 0 && site != device.Site ? new Refusal(RefusalCode.AgentSiteMismatch, "The beneficiary is assigned to another site than the device.", "exceptionId")
        : Principals.RequireArea(late.Agent, site, view) ?? TermsJson.Of(program).Find<ConfirmedRedemptions>()?.CheckServer(late.Account, program.Id, late.Agent, late.OccurredAt, view);

    /// <summary>As long from now as the list's own lines lasted from their release; for ever where those did.</summary>
    private static long Until(DisbursementRecord disbursement, long at, ILedgerView view) =>
        disbursement.ExpiresAt == long.MaxValue || view.Lot(disbursement.Lot) is not { } lot ? long.MaxValue : checked(at + (disbursement.ExpiresAt - lot.OpenedAt));

    private static DeliveryExceptionRecord Decided(DeliveryExceptionRecord late, Id payment, Id principal, string resolution) => late with
    {
        State = payment.IsNone ? DeliveryExceptionState.Rejected : DeliveryExceptionState.Accepted, DecidedBy = principal, Resolution = resolution, PaidBy = payment,
    };

    // It has no list, its one line is the late delivery's, and nobody releases it.
    private static DisbursementRecord Paying(DisbursementRecord disbursement, long amountMinor, Id id, Id lot, Id grant, Id agent, Id principal) => disbursement with
    {
        Id = id, State = DisbursementState.Completed, ListRoot = Hash32.Zero, Lines = 1, TotalMinor = amountMinor, ChunkRoots = [], Grants = [new LotPart(grant, amountMinor)],
        Lot = lot, Hold = Id.None, ExpiresAt = long.MaxValue, CreatedBy = agent, ApprovedBy = principal, CoApprovers = [], ReleasedBy = Id.None, Sample = Hash32.Zero,
    };

    private static Line LineOf(DeliveryExceptionRecord late) => new(late.Account, late.Household, late.AmountMinor, Id.None);

    private static Id AllowanceOf(DeliveryExceptionRecord late, DeviceRecord device) => device.AllowanceOn(Limits.DayOf(late.OccurredAt));

    private static IReadOnlyList<Posting> Postings(LotRecord lot, ProgramRecord program, Id account, Id allowance) =>
    [
        .. lot.Parts.Select(part => new Posting(program.Pool, false, program.Unit, part.Lot, -part.AmountMinor)),
        new Posting(account, true, program.Unit, lot.Id, lot.SizeMinor),
        .. FieldDeliveries.Allowance(allowance, program, lot.SizeMinor),
    ];
}
