using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>What one beneficiary has been paid in one program for one period.</summary>
/// <param name="Count">Number of payments; the next one claims the next instalment, so that two decided side by side never both count.</param>
/// <param name="SumMinor">Their sum in minor units.</param>
/// <param name="AssistanceKind">The kind of assistance of the first.</param>
public readonly record struct PaidSoFar(int Count, long SumMinor, string AssistanceKind)
{
    /// <summary>Nothing yet.</summary>
    public static PaidSoFar Nothing => new(0, 0, "");

    /// <summary>With one payment more.</summary>
    /// <exception cref="OverflowException">The sum does not fit 64 bits.</exception>
    public PaidSoFar Plus(long amountMinor, string assistanceKind) => new(
        checked(Count + 1), checked(SumMinor + amountMinor), Count == 0 ? assistanceKind : AssistanceKind);
}

/// <summary>A payment that counts towards an entitlement.</summary>
public readonly record struct EntitledPayment(Id Account, Id Program, string Period, string AssistanceKind, long AmountMinor);

/// <summary>What of a transaction counts towards entitlements: the paid lines of programs whose terms know an entitlement.</summary>
public static class Entitlements
{
    /// <summary>True when a program's terms bound what a beneficiary may receive for a period.</summary>
    public static bool AreKnownTo(ProgramRecord program) => TermsJson.Of(program).Rules.Any(rule => rule is EntitlementPerPeriod);

    /// <summary>The payments of a transaction, judged by the records before it. Needs the closed part.</summary>
    public static IEnumerable<EntitledPayment> PaymentsOf(Transaction transaction, ILedgerView view) =>
        LateDecisions.Of(transaction) is { State: DeliveryExceptionState.Accepted } late ? OfLate(late, view)
        : transaction is { HasClosedPart: true, Kind: TransactionKind.DisbursementChunk or TransactionKind.Delivery, Chunk: { } chunk }
        && view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record is { } disbursement
        && view.Peek<ProgramRecord>(RecordKind.Program, disbursement.Program).Record is { } program && AreKnownTo(program)
            ? Chunks.Paid(chunk).Select(entry => new EntitledPayment(
                entry.Line.Account, program.Id, disbursement.Period, disbursement.AssistanceKind, entry.Line.AmountMinor))
        : [];

    private static EntitledPayment[] OfLate(DeliveryExceptionRecord late, ILedgerView view) =>
        view.Peek<DisbursementRecord>(RecordKind.Disbursement, late.Disbursement).Record is { } disbursement
        && view.Peek<ProgramRecord>(RecordKind.Program, late.Program).Record is { } program && AreKnownTo(program)
            ? [new EntitledPayment(late.Account, program.Id, disbursement.Period, disbursement.AssistanceKind, late.AmountMinor)]
            : [];
}
