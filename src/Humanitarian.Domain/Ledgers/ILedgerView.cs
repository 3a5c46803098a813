using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Ledgers;

/// <summary>The ledger as a decision or a check finds it: a grain's working set, or the whole state of a replay.</summary>
public interface ILedgerView
{
    /// <summary>The lowest height at which what is decided here may be ordered; in a check, the height at which it was.</summary>
    ulong Height { get; }

    /// <summary>A record and its version, 0 and null when there is none.</summary>
    Versioned<T> Find<T>(RecordKind kind, Id id)
        where T : Record;

    /// <summary>Like <see cref="Find"/>, for what the sequencer checks by itself: the version is not recorded as read.</summary>
    Versioned<T> Peek<T>(RecordKind kind, Id id)
        where T : Record;

    /// <summary>The balances of an account; null where this view does not answer for them.</summary>
    AccountBook? Book(Id account);

    /// <summary>What a beneficiary has been paid in a program for a period; null where this view does not answer for it.</summary>
    PaidSoFar? Paid(Id account, Id program, string period) => null;

    /// <summary>When a claim was taken, as a number that grows with the order of the ledger; null when it is not taken.</summary>
    ulong? TakenAt(Claim claim) => null;

    /// <summary>A lot's cumulative flow in minor units.</summary>
    long Flow(Id lot, LotFlow flow);
}

/// <summary>Short names for the records that rules ask for.</summary>
public static class LedgerViews
{
    public static Versioned<MemberRecord> Member(this ILedgerView view, Id id) => view.Find<MemberRecord>(RecordKind.Member, id);

    public static OrganisationRecord? Organisation(this ILedgerView view, Id id) =>
        view.Find<OrganisationRecord>(RecordKind.Organisation, id).Record;

    public static AccountRecord? Account(this ILedgerView view, Id id) => view.Find<AccountRecord>(RecordKind.Account, id).Record;

    public static ProgramRecord? Program(this ILedgerView view, Id id) => view.Find<ProgramRecord>(RecordKind.Program, id).Record;

    public static Versioned<GrantRecord> Grant(this ILedgerView view, Id id) => view.Find<GrantRecord>(RecordKind.Grant, id);

    public static Versioned<CostRecord> Cost(this ILedgerView view, Id id) => view.Find<CostRecord>(RecordKind.Cost, id);

    /// <summary>Lots never change, so reading one needs no version.</summary>
    public static LotRecord? Lot(this ILedgerView view, Id id) => view.Peek<LotRecord>(RecordKind.Lot, id).Record;

    /// <summary>Units never change, so reading one needs no version.</summary>
    public static UnitRecord? Unit(this ILedgerView view, string code) =>
        UnitRecord.IsCode(code) ? view.Peek<UnitRecord>(RecordKind.Unit, UnitRecord.IdOf(code)).Record : null;

    // The two ids below follow from two others that somebody may have chosen so that they collide: only the pair counts.
    public static AccreditationRecord? Accreditation(this ILedgerView view, Id program, Id vendorAccount) =>
        view.Find<AccreditationRecord>(RecordKind.Accreditation, AccreditationRecord.IdOf(program, vendorAccount)).Record is { } found
        && found.Program == program && found.VendorAccount == vendorAccount ? found : null;

    public static EnrolmentRecord? Enrolment(this ILedgerView view, Id program, Id account) =>
        view.Find<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(program, account)).Record is { } found
        && found.Program == program && found.Account == account ? found : null;

    public static Versioned<HouseholdRecord> Household(this ILedgerView view, Id id) => view.Find<HouseholdRecord>(RecordKind.Household, id);

    public static Versioned<DeviceRecord> Device(this ILedgerView view, Id id) => view.Find<DeviceRecord>(RecordKind.Device, id);

    public static Versioned<DisbursementRecord> Disbursement(this ILedgerView view, Id id) =>
        view.Find<DisbursementRecord>(RecordKind.Disbursement, id);

    public static Versioned<HoldRecord> Hold(this ILedgerView view, Id id) => view.Find<HoldRecord>(RecordKind.Hold, id);

    public static Versioned<CashLineRecord> CashLine(this ILedgerView view, Id id) => view.Find<CashLineRecord>(RecordKind.CashLine, id);

    public static Versioned<ReconciliationRecord> Reconciliation(this ILedgerView view, Id id) =>
        view.Find<ReconciliationRecord>(RecordKind.Reconciliation, id);

    public static Versioned<ContradictionRecord> Contradiction(this ILedgerView view, Id id) =>
        view.Find<ContradictionRecord>(RecordKind.Contradiction, id);
}
