using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Chain.Tests.Canonical;

/// <summary>Transactions of any shape the encoding allows, sense or not, from a seed.</summary>
internal sealed partial class Arbitrary(int seed)
{
    private readonly Random random = new(seed);

    public static Transaction Of(int seed) => new Arbitrary(seed).Transaction();

    /// <summary>A transaction of one kind with every field set.</summary>
    public static Transaction Full(TransactionKind kind)
    {
        var arbitrary = new Arbitrary((int)kind);
        var full = arbitrary.Transaction(static _ => true) with { Kind = kind };
        return kind is >= TransactionKind.CashInstruction and <= TransactionKind.InstructionFile ? arbitrary.WithRecords(full, arbitrary.CashRecords())
            : kind is TransactionKind.OverlapSuspicion or TransactionKind.OverlapDecision ? arbitrary.WithRecords(full, arbitrary.OverlapRecords())
            : full;
    }

    public Transaction Transaction() => Transaction(arbitrary => arbitrary.Flag());

    private Transaction Transaction(Func<Arbitrary, bool> has)
    {
        var closed = has(this);
        Record[] records = [.. List(_ => Record(random.Next(1, 16))).Where(record => closed || !record.NamesPerson).OrderBy(record => record.NamesPerson)];
        var decidedAt = Long();
        return new Transaction
        {
            Ledger = Id(),
            Kind = (TransactionKind)random.Next(1, 21),
            DecidedAt = decidedAt,
            ValidUntil = decidedAt + Math.Min(Long(), long.MaxValue - decidedAt),
            Principal = has(this) ? Id() : default,
            Program = has(this) ? Id() : default,
            Subject = has(this) ? Id() : default,
            TermsVersion = has(this) ? (uint)random.Next() : 0,
            Labels = has(this) ? List(_ => Text()) : [],
            Command = has(this) ? new CommandKey(Claim(), Claim()) : null,
            Claims = has(this) ? List(_ => Claim()) : [],
            Reopens = has(this) ? List(_ => Claim()) : [],
            Reads = has(this)
                ? [.. List(_ => new RecordRead(new RecordKey((RecordKind)random.Next(1, 16), Id()), (uint)random.Next(), closed && Flag())).OrderBy(read => read.NamesPerson)]
                : [],
            Writes = [.. records.Select(record => new RecordWrite((uint)random.Next(), record))],
            Postings = has(this) ? List(_ => Posting(closed && Flag())) : [],
            Evidence = has(this) ? List(_ => Hash()) : [],
            Authorisations = has(this) ? List(_ => new Authorisation(Id(), (uint)random.Next(), new Signature(Hash(), Hash(), (byte)random.Next(256)))) : [],
            Chunk = closed && has(this)
                ? new Chunk(random.Next(), Hash(), List(_ => new Line(Id(), Id(), Long(), Id())), List(_ => new UnpaidLine(random.Next(), Text())), List(_ => Hash()))
                : null,
            Device = has(this) ? new DeviceStatement(Id(), Long(), Long(), (ulong)random.NextInt64()) : null,
            Salt = closed ? Id() : default,
        };
    }

    private Record Record(int kind) => (RecordKind)kind switch
    {
        RecordKind.Ledger => new LedgerRecord(Id(), Text(), Address(), List(_ => Address()), random.Next(), Hash(), Long()),
        RecordKind.Organisation => new OrganisationRecord(Id(), Text(), (OrganisationKind)random.Next(1, 7), Flag(), Flag()),
        RecordKind.Member => new MemberRecord(Id(), Id(), Address(), (Roles)random.Next(512), Flag()),
        RecordKind.Unit => new UnitRecord(Unit(), random.Next(10), Flag() ? new Commodity(Text(), Long(), Unit()) : null),
        RecordKind.Account => new AccountRecord(
            Id(), Id(), (AccountKind)random.Next(1, 12), (AccountStatus)random.Next(1, 4), Id(), Signed(), Signed(), List(_ => Text())),
        RecordKind.Household => new HouseholdRecord(Id(), Id(), random.Next(), List(_ => Id()), Id(), List(_ => Id())),
        RecordKind.Program => new ProgramRecord(Id(), Id(), Text(), Unit(), Text(), (uint)random.Next(), Id(), Id(), Flag()),
        RecordKind.Grant => new GrantRecord(
            Id(), Id(), Id(), Unit(), Long(), Long(), Long(), Long(), Text(), List(_ => new BudgetLine(Text(), Long(), Long())), Flag()),
        RecordKind.Lot => new LotRecord(Id(), Id(), Id(), Unit(), Long(), Parts(), Long(), Long()),
        RecordKind.Accreditation => new AccreditationRecord(Id(), Id(), Id(), List(_ => Text()), Flag()),
        RecordKind.Enrolment => new EnrolmentRecord(Id(), Id(), Id(), Id(), Id(), Text(), Flag()),
        RecordKind.Device => new DeviceRecord(Id(), Id(), Id(), Id(), Text(), Address(), Long(), Long(), Flag()),
        RecordKind.Disbursement => new DisbursementRecord(
            Id(), Id(), (DisbursementState)random.Next(1, 8), (DeliveryMode)random.Next(1, 3), Hash(), Long(), Long(),
            List(_ => new ChunkHead(Hash(), random.Next(), Long())), Parts(), Text(), Text(), Id(), Id(), Long(), Id(), Id(), Id()),
        RecordKind.Hold => new HoldRecord(
            Id(), Id(), Id(), Unit(), Parts(), Long(), (HoldPurpose)random.Next(1, 5), Id(), (HoldState)random.Next(1, 5), Id(), Id(), Flag()),
        _ => new RedactionRecord(Id(), (ulong)random.NextInt64(), Text()),
    };

    private Posting Posting(bool ofPerson) => new(
        Id(), ofPerson, (Flag() ? "" : "~") + Unit(), Flag() ? Id() : default, Signed(), (Bucket)random.Next(2));

    // Small enough that a hold's parts can be summed.
    private LotPart[] Parts() => List(_ => new LotPart(Id(), Long() / 4));

    private T[] List<T>(Func<int, T> item) => [.. Enumerable.Range(0, 1 + random.Next(3)).Select(item)];

    private bool Flag() => random.Next(2) == 0;

    private string Unit() => "EURX-7"[..random.Next(2, 7)];

    private string Text() => "naïve Ω 🌾 \"quoted\"\n"[..(random.Next(2) * 8)] + random.Next();

    // Numbers of every length.
    private long Long() => random.NextInt64() >> random.Next(63);

    private long Signed() => Flag() ? Long() : -Long() - 1;

    private Id Id() => Domain.Id.FromBytes(Bytes(Domain.Id.Size));

    private Claim Claim() => Domain.Claim.FromBytes(Bytes(Domain.Claim.Size));

    private Hash32 Hash() => Hash32.FromSpan(Bytes(Hash32.Size));

    private Address Address() => Domain.Address.FromSpan(Bytes(Domain.Address.Size));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
