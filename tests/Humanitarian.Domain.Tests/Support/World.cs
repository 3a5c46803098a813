using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Tests.Support;

/// <summary>
/// A small ledger for tests of the rules: two organisations, two programs in one unit, vendors, grants and people. Signatures are the
/// chain's business; here an authorisation names its signer and nothing else.
/// </summary>
internal sealed class World
{
    public const string Unit = "EUR";
    public const int People = 6;

    /// <summary>Number of the voucher program's grant in dollars.</summary>
    public const int Foreign = 4;
    public const long Start = 1_790_000_000_000;
    public const long Minute = 60_000;

    public static readonly ClaimKey Key = new(SHA256.HashData("claims"u8));

    private ulong random;

    public World()
    {
        var ledger = new LedgerRecord(Ledger, "Test", new Address(1, 1, 1), [new Address(2, 2, 2)], 1, Hash32.Zero, Now);
        Order(Genesis.Make(
            ledger, new OrganisationRecord(Operators, "Operators", OrganisationKind.Association, true, true),
            new MemberRecord(Operator, Operators, new Address(3, 3, 3), Roles.Administrator | Roles.Operator, true)));
        Register(
            Operator, Organisation(Ngo), Organisation(OtherNgo), Organisation(Donor), Organisation(Shops),
            new UnitRecord(Unit, 2, null), new UnitRecord("USD", 2, null));
        Register(
            Operator,
            Member(Administrator, Ngo, Roles.Administrator), Member(Registrar, Ngo, Roles.Registrar | Roles.FieldAgent),
            Member(SecondRegistrar, Ngo, Roles.Registrar), Member(Approver, Ngo, Roles.Approver), Member(Releaser, Ngo, Roles.Releaser),
            Member(Finance, Ngo, Roles.Finance), Member(Agent, Ngo, Roles.FieldAgent), Member(Cashier, Shops, Roles.Vendor),
            Member(Stranger, OtherNgo, Roles.Administrator | Roles.Registrar | Roles.Finance | Roles.Approver | Roles.Releaser | Roles.Vendor | Roles.FieldAgent));
        OpenProgram(Voucher, VoucherTerms);
        OpenProgram(Community, CommunityTerms);
        Register(Operator, Shop(0), Shop(1), AccountRecord.Open(OfficeAccount, Ngo, AccountKind.Organisation));
        Register(Administrator, Accredited(0, Voucher, "food"), Accredited(1, Voucher), Accredited(0, Community));
        Register(Administrator, Device);
        for (var grant = 0; grant < 3; grant++)
        {
            Register(Finance, GrantOf(grant));
        }

        Register(Finance, GrantOf(Foreign));
        Exchange.Open(this);
    }

    public static Id Ledger => IdOf("ledger");
    public static Id Operators => IdOf("operators");
    public static Id Operator => IdOf("operator");
    public static Id Ngo => IdOf("ngo");
    public static Id OtherNgo => IdOf("other ngo");
    public static Id Donor => IdOf("donor");
    public static Id Shops => IdOf("shops");
    public static Id Administrator => IdOf("administrator");
    public static Id Registrar => IdOf("registrar");
    public static Id SecondRegistrar => IdOf("second registrar");
    public static Id Approver => IdOf("approver");
    public static Id Releaser => IdOf("releaser");
    public static Id Finance => IdOf("finance");
    public static Id Agent => IdOf("agent");
    public static Id Cashier => IdOf("cashier");
    public static Id Stranger => IdOf("stranger");
    public static Id Voucher => IdOf("voucher");
    public static Id Community => IdOf("community");
    public static Id OfficeAccount => IdOf("office");
    public static Id DeviceId => IdOf("device");

    public const string VoucherTerms =
        """{"preset":"voucher","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"entitlementPerPeriod","maximumMinor":5000},{"rule":"oneAssistancePerHousehold"},{"rule":"accreditedVendors"},{"rule":"allowedCategories","categories":["food","hygiene"]},{"rule":"itemReceipt"},{"rule":"expiresAfter","seconds":3600},{"rule":"noTransfers"}]}""";

    public const string CommunityTerms = """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"}]}""";

    public const string StricterTerms = """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"noTransfers"}]}""";

    /// <summary>The device with its limits, in minor units.</summary>
    public static DeviceRecord Device => new(DeviceId, Ngo, Agent, Voucher, "north", new Address(9, 9, 9), 1_000, 400, true);

    public LedgerState State { get; } = new();

    public long Now { get; set; } = Start;

    /// <summary>Everything ordered so far.</summary>
    public List<Transaction> Log { get; } = [];

    public static Id IdOf(string name) => Id.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public static Hash32 HashOf(string name) => Hash32.FromSpan(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public static Id Person(int number) => IdOf($"person {number}");

    public static Id Household(int number) => IdOf($"household {number}");

    public static Id ShopId(int number) => IdOf($"shop {number}");

    public static Id GrantId(int number) => IdOf($"grant {number}");

    public static Id PoolOf(Id program) => IdOf($"pool of {program}");

    public static Id QueueOf(Id program) => IdOf($"queue of {program}");

    public static MemberRecord Member(Id id, Id organisation, Roles roles) => new(id, organisation, new Address(id.High, id.Low, 1), roles, true);

    public static AccountRecord Shop(int number) => AccountRecord.Open(ShopId(number), Shops, AccountKind.Vendor);

    public static AccreditationRecord Accredited(int shop, Id program, params string[] categories) =>
        new(AccreditationRecord.IdOf(program, ShopId(shop)), program, ShopId(shop), categories, true);

    /// <summary>Grants 0 and 1 are the voucher program's, the second with a commitment to the edge; grant 2 is the community's.</summary>
    public static GrantRecord GrantOf(int number) => new(
        GrantId(number), Donor, number == 2 ? Community : Voucher, number == Foreign ? "USD" : Unit, number == 1 ? long.MaxValue : 10_000, 0, Start, Start + (600 * Minute), "",
        [new BudgetLine("staff", 500, 0), new BudgetLine("transport", 100, 0)], true)
    {
        IndirectRate = number < 2 ? 700 : 0, AllowsRecharges = number < 2,
    };

    public DecisionScope Scope(Id principal, string? command = null) => new(
        Ledger, Key, Now, Now + 20_000, principal, command is null ? null : new CommandKey(Key.CommandKey(principal, command), default), NextId());

    public Id NextId() => IdOf($"random {random++}");

    public Authorisation Sign(Id member) => new(member, State.VersionOf(new RecordKey(RecordKind.Member, member)), default);

    public T? Get<T>(RecordKind kind, Id id)
        where T : Record => State.Peek<T>(kind, id).Record;

    public Outcome<Transaction> TryRegister(Id principal, params Record[] records) =>
        Registry.Decide(records, [Sign(principal)], Scope(principal), State);

    public Transaction Register(Id principal, params Record[] records) => Order(TryRegister(principal, records));

    /// <summary>The administrator proposes a program's terms.</summary>
    public Outcome<Transaction> TryPropose(ProgramRecord program, long fromTime = 0, ulong fromHeight = 0) =>
        Amendments.Propose(program.Id, program.Terms, fromTime, fromHeight, [Sign(Administrator)], Scope(Administrator), State);

    public Outcome<Transaction> TryApproveTerms(Id program, Id? by = null) =>
        Amendments.Approve(program, [Sign(by ?? Approver)], Scope(by ?? Approver), State);

    /// <summary>A program's terms, proposed by the administrator and approved at once by the approver.</summary>
    public void Amend(ProgramRecord program)
    {
        Order(TryPropose(program));
        Order(TryApproveTerms(program.Id));
    }

    /// <summary>Orders what was decided. Throws when it was refused, or when the check disagrees with the decision.</summary>
    public Transaction Order(Outcome<Transaction> outcome)
    {
        if ((outcome.Refusal ?? State.Check(outcome.Value!, Key)) is { } refusal)
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
        }

        Log.Add(outcome.Value!);
        State.Apply(outcome.Value!);
        return outcome.Value!;
    }

    public Outcome<Transaction> TryReceive(int grant, long amountMinor, string lot) =>
        Receipts.Decide(GrantId(grant), IdOf(lot), amountMinor, HashOf("advice"), Scope(Finance), State);

    public Outcome<Transaction> TryEnrol(Id program, string list, params int[] people) =>
        Enrolments.Decide(program, IdOf(list), 0, [.. people.Select(EnrolmentOf)], Scope(Registrar), State);

    public static EnrolmentLine EnrolmentOf(int person) => new(Person(person), Household(person), 3, person % 2 == 0 ? "north" : "south");

    public static Line LineOf(int person, long amountMinor) => new(Person(person), Household(person), amountMinor, IdOf($"salt {person}"));

    /// <summary>A draft over these chunks, drawn from these grants.</summary>
    public static DisbursementRecord Draft(
        string name, Id program, DeliveryMode mode, string period, long expiresAt, LotPart[] grants, params Line[][] chunks)
    {
        ChunkHead[] heads = [.. chunks.Select((lines, index) => new ChunkHead(HashOf($"{name} {index}"), lines.Length, lines.Sum(line => line.AmountMinor)))];
        return new DisbursementRecord(
            IdOf(name), program, DisbursementState.Draft, mode, HashOf(name), chunks.Sum(lines => lines.Length), heads.Sum(head => head.TotalMinor), heads,
            grants, period, "cash", Id.None, Id.None, expiresAt, SecondRegistrar, Id.None, Id.None);
    }

    public Outcome<Transaction> TryApprove(DisbursementRecord draft, Id? approver = null) =>
        Approvals.Decide(draft, [Sign(approver ?? Approver)], Scope(approver ?? Approver, $"approve {random}"), State);

    public Outcome<Transaction> TryRelease(string name, Id? releaser = null) => Releases.Decide(
        IdOf(name), IdOf($"lot of {name}"), IdOf($"budget of {name}"), [Sign(releaser ?? Releaser)], Scope(releaser ?? Releaser), State);

    public Outcome<Transaction> TryPay(string name, int chunk, params Line[] lines) => Chunks.Decide(IdOf(name), chunk, lines, [], Scope(Id.None), State);

    public Outcome<Transaction> TryDeliver(string name, Line line, ulong counter, long occurredBefore = 1_000, long deadlineAfter = 60_000) =>
        FieldDeliveries.Decide(
            IdOf(name), new Chunk(0, HashOf($"{name} 0"), [line], [], []),
            new DeviceStatement(DeviceId, Now - occurredBefore, Now + deadlineAfter, counter),
            new Authorisation(DeviceId, State.VersionOf(new RecordKey(RecordKind.Device, DeviceId)), default), Scope(Agent), State);

    /// <summary>Money, people and one released bulk list of these amounts in the voucher program, paid.</summary>
    public void Disburse(string name, string period, params long[] amounts)
    {
        Line[] lines = [.. amounts.Select((amount, person) => LineOf(person, amount))];
        Order(TryReceive(0, amounts.Sum(), $"receipt for {name}"));
        Order(TryEnrol(Voucher, $"list of {name}", [.. Enumerable.Range(0, amounts.Length)]));
        Order(TryApprove(Draft(name, Voucher, DeliveryMode.Bulk, period, Now + (30 * Minute), [new LotPart(GrantId(0), amounts.Sum())], lines)));
        Order(TryRelease(name));
        Order(TryPay(name, 0, lines));
    }

    private static OrganisationRecord Organisation(Id id) => new(id, $"organisation {id}", OrganisationKind.Ngo, true, true);

    private void OpenProgram(Id id, string terms) => Register(
        Administrator,
        new ProgramRecord(id, Ngo, "program", Unit, TermsJson.Write(TermsJson.Read(terms).Value!), 1, PoolOf(id), QueueOf(id), true),
        AccountRecord.Open(PoolOf(id), Ngo, AccountKind.ProgramPool, id), AccountRecord.Open(QueueOf(id), Ngo, AccountKind.ReturnQueue, id));
}
