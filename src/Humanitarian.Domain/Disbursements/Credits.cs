using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>What every credit of a disbursement's line obeys, in bulk or in person.</summary>
internal static class Credits
{
    /// <summary>The movement of one line as the program's rules see it.</summary>
    public static Movement Movement(Line line, DisbursementRecord disbursement, ProgramRecord program, long at, ILedgerView view)
    {
        // A regular credit is the first, which its claim shows; asking what was paid before would only slow bulk down. Of cash, the lines
        // that this one follows tell.
        var paid = disbursement.Cash is not null ? Instructions.PaidBefore(line, disbursement, view)
            : disbursement.Purpose == DisbursementPurpose.Regular ? null : view.Paid(line.Account, program.Id, disbursement.Period);
        var household = Lineage.OfLine(line.Account, line.Household, program.Id, view);
        return new Movement
        {
            Kind = MovementKind.Credit,
            Program = program,
            AmountMinor = line.AmountMinor,
            At = at,
            Payer = view.Peek<AccountRecord>(RecordKind.Account, program.Pool).Record,
            Payee = view.Peek<AccountRecord>(RecordKind.Account, line.Account).Record,
            Household = household,
            Overlaps = TermsJson.Of(program).Find<OneAssistancePerHousehold>() is null ? [] : HouseholdOverlaps.Of(household, view),
            Period = disbursement.Period,
            AssistanceKind = disbursement.AssistanceKind,
            Purpose = disbursement.Purpose,
            Instalment = disbursement.Purpose == DisbursementPurpose.Regular ? 0 : paid?.Count ?? 0,
            Paid = paid,
        };
    }

    /// <summary>Why a line may not be credited, or null.</summary>
    public static Refusal? CheckLine(Line line, DisbursementRecord disbursement, ProgramRecord program, long at, ILedgerView view) =>
        CheckLine(line, Movement(line, disbursement, program, at, view), disbursement, program, view);

    /// <summary>The same, for whoever has the line's movement already.</summary>
    public static Refusal? CheckLine(Line line, Movement movement, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view) =>
        line.AmountMinor <= 0 ? new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor")
            : movement.Payee is null ? new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account")
            : movement.Payee.Status == AccountStatus.Closed ? new Refusal(RefusalCode.AccountClosed, "The account is closed.", "account")
            : Stops.OfPerson(line.Account, program, view) is { } stopped ? stopped
            : Separation.IsOn(program, movement.At, view)
                && disbursement.IsApprovedBy(view.Enrolment(program.Id, line.Account)?.EnrolledBy ?? Id.None) ? Separation.Refusal
            : disbursement is { Cash: null, Purpose: not DisbursementPurpose.Regular } && RecallUnclaimed.Of(program) is not null
                ? new Refusal(RefusalCode.InvalidInput, "What comes on top in a program that pays cash goes through its provider too.", "purpose")
            : TermsJson.Of(program).Check(movement, view);

    /// <summary>Refuses a credit before release, after completion, or of a lot that has expired.</summary>
    public static Refusal? CheckOpen(DisbursementRecord? disbursement, DeliveryMode mode, long at) =>
        disbursement is null ? new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement")
        : disbursement.State != DisbursementState.Released || disbursement.Mode != mode
            ? new Refusal(RefusalCode.WrongState, "The disbursement is not released for this kind of delivery.", "disbursement")
        : at >= disbursement.ExpiresAt ? new Refusal(RefusalCode.VoucherExpired, "The disbursement has expired.", "disbursement")
        : null;

    /// <summary>The debit of the budget for some lines; their credits follow from the chunk.</summary>
    public static Posting Debit(DisbursementRecord disbursement, ProgramRecord program, long totalMinor) =>
        new(program.Pool, false, program.Unit, disbursement.Lot, -totalMinor, Bucket.Held);
}
