using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// A releaser's signature draws the budget: units leave the grants' receipts first-in first-out within each grant, form the
/// disbursement's lot and are set aside on the pool. Checker ≠ releaser.
/// </summary>
public static class Releases
{
    /// <param name="lot">Id of the disbursement's lot.</param>
    /// <param name="hold">Id of the hold that is its budget.</param>
    public static Outcome<Transaction> Decide(
        Id disbursement, Id lot, Id hold, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Disbursement(disbursement);
        if (found.Record is not { } record)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such approved disbursement.", "disbursement");
        }

        if (record.State != DisbursementState.Approved)
        {
            return new Refusal(RefusalCode.WrongState, "Only an approved disbursement can be released, once.", "disbursement");
        }

        if (view.Program(record.Program) is not { } program || view.Book(program.Pool) is not { } pool)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if (ProgramClosures.Refuse(program) is { } closed)
        {
            return closed;
        }

        var drawn = new List<LotPart>();
        foreach (var grant in record.Grants)
        {
            if (LotChoice.Take(LotChoice.OfGrant(pool, grant.Lot, program.Unit, view), grant.AmountMinor) is not { } parts)
            {
                return new Refusal(RefusalCode.InsufficientFunds, "A grant does not have enough left in the program's pool.", "grants");
            }

            drawn.AddRange(parts);
        }

        var decided = TermsJson.Of(program).Decide(Movement(program, record, drawn, record.ExpiresAt, scope.Now), view);
        if (decided.Refusal is { } refusal)
        {
            return refusal;
        }

        var expiresAt = decided.Value!.ExpiresAt;
        var released = record with { State = DisbursementState.Released, Lot = lot, Hold = hold, ExpiresAt = expiresAt, ReleasedBy = scope.Principal };
        return Decision.Complete(
            scope.Draft(TransactionKind.DisbursementRelease, namesPersons: false) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Subject = record.Id,
                Writes =
                [
                    new RecordWrite(found.Version + 1, released),
                    new RecordWrite(1, new LotRecord(lot, program.Id, record.Id, program.Unit, record.TotalMinor, drawn, expiresAt, scope.Now)),
                    new RecordWrite(1, Budget(hold, lot, released, program, scope.Principal)),
                ],
                Postings =
                [
                    .. drawn.Select(part => new Posting(program.Pool, false, program.Unit, part.Lot, -part.AmountMinor)),
                    new Posting(program.Pool, false, program.Unit, lot, record.TotalMinor, Bucket.Held),
                ],
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { State: DisbursementState.Approved } approved
            || view.Program(approved.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.WrongState, "Only an approved disbursement of an active program can be released, once.", "disbursement");
        }

        if (transaction.Writes is not [{ Record: DisbursementRecord next }, { Version: 1, Record: LotRecord lot }, { Version: 1, Record: HoldRecord hold }]
            || transaction.Program != program.Id || transaction.TermsVersion != program.TermsVersion
            || !IsReleased(approved, next, transaction) || !IsLot(lot, next, program, transaction) || !IsBudget(hold, next, program, transaction)
            || !IsDrawn(transaction, lot, program))
        {
            return Checks.Broken("A release draws exactly the approved budget into one lot and sets it aside.");
        }

        return (Approvals.NeedsMore(approved, program)
                ? new Refusal(RefusalCode.WrongState, "The terms ask for more approvers than have signed; another must approve it first.", "disbursement") : null)
            ?? Terms(transaction, view, program, next, lot)
            ?? Samples.CheckRelease(approved, program, view)
            ?? FirstInFirstOut(approved, lot, program, view)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Releaser)
            ?? (Separation.IsOn(program, transaction.DecidedAt, view)
                && (next.IsApprovedBy(next.ReleasedBy) || next.ReleasedBy == next.CreatedBy) ? Separation.Refusal : null)
            ?? ActingRoles.NeverBoth(transaction, view, [next.CreatedBy, next.ApprovedBy, .. next.CoApprovers])
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static Refusal? Terms(Transaction transaction, ILedgerView view, ProgramRecord program, DisbursementRecord next, LotRecord lot) =>
        TermsJson.Of(program).Check(Movement(program, next, lot.Parts, lot.ExpiresAt, transaction.DecidedAt), view);

    internal static Refusal? FirstInFirstOut(DisbursementRecord approved, LotRecord lot, ProgramRecord program, ILedgerView view)
    {
        foreach (var grant in approved.Grants)
        {
            var parts = lot.Parts.Where(part => view.Lot(part.Lot)?.Origin == grant.Lot).ToArray();
            if (parts.Sum(part => part.AmountMinor) != grant.AmountMinor)
            {
                return Checks.Broken("A release draws from each grant what was approved.");
            }

            if (view.Book(program.Pool) is { } pool
                && LotChoice.Take(LotChoice.OfGrant(pool, grant.Lot, program.Unit, view), grant.AmountMinor)?.SequenceEqual(parts) != true)
            {
                return new Refusal(RefusalCode.InsufficientFunds, "A grant is drawn on first-in first-out, as far as it goes.", "grants");
            }
        }

        return null;
    }

    private static bool IsReleased(DisbursementRecord approved, DisbursementRecord next, Transaction transaction) =>
        next.IsAs(approved with
        {
            State = DisbursementState.Released, Lot = next.Lot, Hold = next.Hold, ExpiresAt = next.ExpiresAt, ReleasedBy = transaction.Principal,
        })
        && next.ExpiresAt <= approved.ExpiresAt;

    internal static bool IsLot(LotRecord lot, DisbursementRecord next, ProgramRecord program, Transaction transaction) =>
        (lot.Id, lot.Program, lot.Origin, lot.Unit, lot.SizeMinor, lot.ExpiresAt, lot.OpenedAt)
            == (next.Lot, program.Id, next.Id, program.Unit, next.TotalMinor, next.ExpiresAt, transaction.DecidedAt)
        && lot.Parts.Select(part => part.Lot).Distinct().Count() == lot.Parts.Count;

    private static bool IsBudget(HoldRecord hold, DisbursementRecord next, ProgramRecord program, Transaction transaction)
    {
        var expected = Budget(next.Hold, next.Lot, next, program, transaction.Principal);
        return hold with { Parts = expected.Parts } == expected && hold.Parts.SequenceEqual(expected.Parts);
    }

    private static bool IsDrawn(Transaction transaction, LotRecord lot, ProgramRecord program) =>
        transaction.Postings.SequenceEqual(
        [
            .. lot.Parts.Select(part => new Posting(program.Pool, false, program.Unit, part.Lot, -part.AmountMinor)),
            new Posting(program.Pool, false, program.Unit, lot.Id, lot.SizeMinor, Bucket.Held),
        ])
        && lot.Parts.All(part => part.AmountMinor > 0);

    private static HoldRecord Budget(Id hold, Id lot, DisbursementRecord disbursement, ProgramRecord program, Id releaser) =>
        new(hold, program.Pool, program.Id, program.Unit, [new LotPart(lot, disbursement.TotalMinor)], disbursement.ExpiresAt, HoldPurpose.Budget,
            disbursement.Id, HoldState.Open, releaser, releaser, false);

    internal static Movement Movement(ProgramRecord program, DisbursementRecord record, IReadOnlyList<LotPart> drawn, long expiresAt, long now) => new()
    {
        Kind = MovementKind.Issue,
        Program = program,
        AmountMinor = record.TotalMinor,
        At = now,
        Period = record.Period,
        AssistanceKind = record.AssistanceKind,
        Lots = drawn,
        ExpiresAt = expiresAt,
    };
}
