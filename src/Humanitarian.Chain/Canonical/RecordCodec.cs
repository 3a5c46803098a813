using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of records: the kind, then the fields in the order of their declaration.</summary>
public static class RecordCodec
{
    /// <summary>First byte, instead of its kind, of a household that was split off, united or merged; no record kind has it.</summary>
    private const byte HouseholdWithLineage = 42;

    /// <summary>First byte, instead of its kind, of a household whose collectors were changed; no record kind has it.</summary>
    private const byte HouseholdWithCollectors = 58;

    /// <summary>The encoding of a record alone.</summary>
    public static byte[] Encode(Record record)
    {
        using var writer = new CanonicalWriter();
        Write(writer, record);
        return writer.ToArray();
    }

    /// <summary>Reads a record that stands alone.</summary>
    /// <exception cref="EncodingException">The bytes are no record.</exception>
    public static Record Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new CanonicalReader(bytes);
        var record = Read(ref reader);
        reader.End();
        return record;
    }

    internal static void Write(CanonicalWriter w, Record record)
    {
        w.Byte(FormOf(record));
        switch (record)
        {
            case LedgerRecord r:
                w.Id(r.Id);
                w.Text(r.Name);
                w.Address(r.Sealer);
                w.List(r.Recovery, static (w, address) => w.Address(address));
                w.Number(r.RecoveryThreshold);
                w.Hash(r.ClaimKeyCommitment);
                w.Number(r.CreatedAt);
                break;
            case OrganisationRecord r:
                w.Id(r.Id);
                w.Text(r.Name);
                w.Byte((byte)r.OrganisationKind);
                w.Flag(r.SeparateRoles);
                w.Flag(r.Active);
                break;
            case MemberRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Address(r.Address);
                w.Number((long)r.Roles);
                w.Flag(r.Active);
                PeopleRecordCodec.WriteLimits(w, r);
                break;
            case UnitRecord r:
                w.Text(r.Code);
                w.Number(r.Exponent);
                w.Flag(r.Commodity is not null);
                if (r.Commodity is { } commodity)
                {
                    w.Text(commodity.Measure);
                    w.Number(commodity.UnitCostMinor);
                    w.Text(commodity.CostCurrency);
                }

                break;
            case AccountRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Byte((byte)r.AccountKind);
                w.Byte((byte)r.Status);
                w.Id(r.Program);
                w.Signed(r.FloorMinor);
                w.Signed(r.CeilingMinor);
                w.List(r.Tags, static (w, tag) => w.Text(tag));
                break;
            case HouseholdRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Number(r.Size);
                w.List(r.Accounts, static (w, id) => w.Id(id));
                w.Id(r.Collector);
                w.List(r.Alternates, static (w, id) => w.Id(id));
                if (FormOf(r) is var household and (HouseholdWithLineage or HouseholdWithCollectors))
                {
                    w.List(r.Inherits, static (w, inheritance) =>
                    {
                        w.Id(inheritance.Household);
                        w.Id(inheritance.Until);
                    });
                    w.Id(r.MergedInto);
                    if (household == HouseholdWithCollectors)
                    {
                        w.Id(r.CollectorsSetBy);
                        w.Number(r.CollectorsSetAt);
                    }
                }

                break;
            case ProgramRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Text(r.Name);
                w.Text(r.Unit);
                w.Text(r.Terms);
                w.Number((long)r.TermsVersion);
                w.Id(r.Pool);
                w.Id(r.ReturnQueue);
                w.Flag(r.Active);
                PeopleRecordCodec.WriteGovernance(w, r);
                break;
            case LotRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Origin);
                w.Text(r.Unit);
                w.Number(r.SizeMinor);
                Parts(w, r.Parts);
                w.Number(r.ExpiresAt);
                w.Number(r.OpenedAt);
                break;
            case AccreditationRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.VendorAccount);
                w.List(r.Categories, static (w, category) => w.Text(category));
                w.Flag(r.Active);
                break;
            case EnrolmentRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Account);
                w.Id(r.Household);
                w.Id(r.EnrolledBy);
                w.Text(r.Site);
                w.Flag(r.Active);
                break;
            case DeviceRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Id(r.Member);
                w.Id(r.Program);
                w.Text(r.Site);
                w.Address(r.Address);
                w.Number(r.PerDayMinor);
                w.Number(r.PerBeneficiaryMinor);
                w.Flag(r.Active);
                w.Number(r.RevokedOnDay);
                break;
            case DisbursementRecord r:
                DeliveryRecordCodec.WriteDisbursement(w, r);
                break;
            case HoldRecord r:
                w.Id(r.Id);
                w.Id(r.Account);
                w.Id(r.Program);
                w.Text(r.Unit);
                Parts(w, r.Parts);
                w.Number(r.Until);
                w.Byte((byte)r.Purpose);
                w.Id(r.Subject);
                w.Byte((byte)r.State);
                w.Id(r.OpenedBy);
                w.Id(r.ApprovedBy);
                w.Flag(r.ForPerson);
                break;
            case RedactionRecord r:
                w.Id(r.Id);
                w.Number(r.UpToHeight);
                w.Text(r.Reason);
                break;
            case SuccessionRecord r:
                w.Id(r.Id);
                w.Id(r.Household);
                w.Id(r.From);
                w.Id(r.To);
                w.Id(r.OpenedBy);
                w.Id(r.ApprovedBy);
                break;
            case var other when CashRecordCodec.TryWrite(w, other) || DeliveryRecordCodec.TryWrite(w, other) || TillRecordCodec.TryWrite(w, other) || PeopleRecordCodec.TryWrite(w, other)
                || OverlapRecordCodec.TryWrite(w, other) || GrantRecordCodec.TryWrite(w, other):
                break;
            default:
                throw new ArgumentException($"No encoding for {record.GetType().Name}.", nameof(record));
        }
    }

    internal static Record Read(ref CanonicalReader r)
    {
        var form = r.Byte();
        var kind = KindOf(form);
        switch (kind)
        {
            case RecordKind.Ledger:
                return new LedgerRecord(
                    r.Id(), r.Text(), r.Address(), r.List(static (ref CanonicalReader r) => r.Address()), r.Int(), r.Hash(), r.Long());
            case RecordKind.Organisation:
                return new OrganisationRecord(r.Id(), r.Text(), Enum<OrganisationKind>(ref r), r.Flag(), r.Flag());
            case RecordKind.Member:
                var member = new MemberRecord(r.Id(), r.Id(), r.Address(), (Roles)r.Int(), r.Flag());
                return form == PeopleRecordCodec.LimitedMember ? PeopleRecordCodec.WithLimits(member, ref r) : member;
            case RecordKind.Unit:
                return new UnitRecord(UnitCode(ref r), r.Int(), r.Flag() ? new Commodity(r.Text(), r.Long(), r.Text()) : null);
            case RecordKind.Account:
                return new AccountRecord(
                    r.Id(), r.Id(), Enum<AccountKind>(ref r), Enum<AccountStatus>(ref r), r.Id(), r.Signed(), r.Signed(), Texts(ref r));
            case RecordKind.Household:
                var household = new HouseholdRecord(r.Id(), r.Id(), r.Int(), Ids(ref r), r.Id(), Ids(ref r));
                return form is HouseholdWithLineage or HouseholdWithCollectors ? WithLineage(household, form, ref r) : household;
            case RecordKind.Program:
                var program = new ProgramRecord(r.Id(), r.Id(), r.Text(), r.Text(), r.Text(), r.UInt(), r.Id(), r.Id(), r.Flag());
                return form is PeopleRecordCodec.GovernedProgram or PeopleRecordCodec.AmendedProgram
                    ? PeopleRecordCodec.WithGovernance(program, form == PeopleRecordCodec.AmendedProgram, ref r)
                    : program;
            case RecordKind.Lot:
                return new LotRecord(r.Id(), r.Id(), r.Id(), r.Text(), r.Long(), Parts(ref r), r.Long(), r.Long());
            case RecordKind.Accreditation:
                return new AccreditationRecord(r.Id(), r.Id(), r.Id(), Texts(ref r), r.Flag());
            case RecordKind.Enrolment:
                return new EnrolmentRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Id(), r.Text(), r.Flag());
            case RecordKind.Device:
                return new DeviceRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Text(), r.Address(), r.Long(), r.Long(), r.Flag()) { RevokedOnDay = r.Long() };
            case RecordKind.Disbursement:
                return DeliveryRecordCodec.ReadDisbursement(form == DeliveryRecordCodec.DisbursementWithNonce, ref r);
            case RecordKind.Hold:
                return new HoldRecord(
                    r.Id(), r.Id(), r.Id(), r.Text(), Parts(ref r), r.Long(), Enum<HoldPurpose>(ref r), r.Id(), Enum<HoldState>(ref r),
                    r.Id(), r.Id(), r.Flag());
            case RecordKind.Redaction:
                return new RedactionRecord(r.Id(), r.Number(), r.Text());
            case RecordKind.Succession:
                return new SuccessionRecord(r.Id(), r.Id(), r.Id(), r.Id(), r.Id(), r.Id());
            default:
                return CashRecordCodec.Read(kind, form, ref r) ?? DeliveryRecordCodec.Read(kind, ref r) ?? TillRecordCodec.Read(kind, ref r) ?? PeopleRecordCodec.Read(kind, ref r)
                    ?? OverlapRecordCodec.Read(kind, ref r) ?? GrantRecordCodec.Read(kind, form, ref r) ?? throw new EncodingException($"Unknown record kind {(int)kind}.");
        }
    }

    // Fields that came later stand in forms of their own, so that what was encoded before keeps its bytes.
    private static byte FormOf(Record record) => record switch
    {
        HouseholdRecord { CollectorsSetBy.IsNone: false } => HouseholdWithCollectors,
        HouseholdRecord { Inherits.Count: > 0 } or HouseholdRecord { MergedInto.IsNone: false } => HouseholdWithLineage,
        MemberRecord member when PeopleRecordCodec.IsLimited(member) => PeopleRecordCodec.LimitedMember,
        ProgramRecord { Amendment: not null } => PeopleRecordCodec.AmendedProgram,
        DisbursementRecord { SampleNonce.IsNone: false } => DeliveryRecordCodec.DisbursementWithNonce,
        ProgramRecord program when PeopleRecordCodec.IsGoverned(program) => PeopleRecordCodec.GovernedProgram,
        GrantRecord { HasCostTerms: true } => GrantRecordCodec.GrantWithCostTerms,
        ContradictionRecord { Against.IsZero: false } => CashRecordCodec.ContradictionWithReport,
        _ => (byte)record.Kind,
    };

    private static RecordKind KindOf(byte form) => form switch
    {
        HouseholdWithLineage or HouseholdWithCollectors => RecordKind.Household,
        PeopleRecordCodec.GovernedProgram or PeopleRecordCodec.AmendedProgram => RecordKind.Program,
        DeliveryRecordCodec.DisbursementWithNonce => RecordKind.Disbursement,
        PeopleRecordCodec.LimitedMember => RecordKind.Member,
        GrantRecordCodec.GrantWithCostTerms => RecordKind.Grant,
        CashRecordCodec.ContradictionWithReport => RecordKind.Contradiction,
        _ => (RecordKind)form,
    };

    private static HouseholdRecord WithLineage(HouseholdRecord household, byte form, ref CanonicalReader r)
    {
        var complete = household with
        {
            Inherits = r.List(static (ref CanonicalReader r) => new Inheritance(r.Id(), r.Id())),
            MergedInto = r.Id(),
        };
        complete = form == HouseholdWithCollectors ? complete with { CollectorsSetBy = r.Id(), CollectorsSetAt = r.Long() } : complete;
        return FormOf(complete) == form ? complete : throw new EncodingException("A household without lineage, or whose collectors nobody changed, has none to write.");
    }

    internal static void Parts(CanonicalWriter w, IReadOnlyList<LotPart> parts) => w.List(parts, static (w, part) =>
    {
        w.Id(part.Lot);
        w.Number(part.AmountMinor);
    });

    internal static LotPart[] Parts(ref CanonicalReader r) => r.List(static (ref CanonicalReader r) => new LotPart(r.Id(), r.Long()));

    private static Id[] Ids(ref CanonicalReader r) => r.List(static (ref CanonicalReader r) => r.Id());

    private static string[] Texts(ref CanonicalReader r) => r.List(static (ref CanonicalReader r) => r.Text());

    // A unit's id is its code, so a code of another form has none.
    private static string UnitCode(ref CanonicalReader r) =>
        r.Text() is var code && UnitRecord.IsCode(code) ? code : throw new EncodingException("A unit's code is out of form.");

    internal static T Enum<T>(ref CanonicalReader r)
        where T : struct, Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), r.Byte());
        return System.Enum.IsDefined(value) ? value : throw new EncodingException($"Unknown {typeof(T).Name}.");
    }
}
