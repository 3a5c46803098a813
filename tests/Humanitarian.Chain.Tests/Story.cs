using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Audit;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;

namespace Humanitarian.Chain.Tests;

/// <summary>A small ledger's life, step by step, with every kind of transaction in it. Each step seals its block.</summary>
public sealed partial class Story
{
    public const string Unit = "EUR";
    public const int Beneficiaries = 12;

    /// <summary>An amount that no other number in the chain looks like, in minor units.</summary>
    public const long OddAmount = 1_234_567;

    public ChainBuilder Chain { get; } = new();

    public static Id Operator => ChainBuilder.IdOf("operator's administrator");
    public static Id Ngo => ChainBuilder.IdOf("ngo");
    public static Id Administrator => ChainBuilder.IdOf("administrator");
    public static Id Registrar => ChainBuilder.IdOf("registrar");
    public static Id Approver => ChainBuilder.IdOf("approver");
    public static Id Releaser => ChainBuilder.IdOf("releaser");
    public static Id Finance => ChainBuilder.IdOf("finance");
    public static Id Agent => ChainBuilder.IdOf("agent");
    public static Id Cashier => ChainBuilder.IdOf("cashier");
    public static Id Shop => ChainBuilder.IdOf("shop account");
    public static Id Program => ChainBuilder.IdOf("program");
    public static Id Community => ChainBuilder.IdOf("community program");
    public static Id Pool => ChainBuilder.IdOf("program's pool");
    public static Id Grant => ChainBuilder.IdOf("grant");
    public static Id CommunityGrant => ChainBuilder.IdOf("community grant");
    public static Id Device => ChainBuilder.IdOf("device");

    public static Id Account(int number) => ChainBuilder.IdOf($"beneficiary {number}");

    public static Id Household(int number) => ChainBuilder.IdOf($"household {number}");

    /// <summary>The whole life in order.</summary>
    public static Story Whole()
    {
        var story = new Story();
        story.Found();
        story.Fund();
        story.Convert();
        story.Enrol();
        story.DisburseInBulk();
        story.TopUp();
        story.DeliverInPerson();
        story.Redeem();
        story.Settle();
        story.PassOn();
        story.ChangeHouseholds();
        story.Trade();
        story.Circulate();
        story.Expire();
        story.QueueLate();
        story.Sample();
        story.Close();
        story.Recharge();
        story.CloseProgram();
        story.Anchor();
        story.ChangeKeys();
        return story;
    }

    /// <summary>The hash of an audit trail is put on the ledger.</summary>
    public void Anchor()
    {
        Chain.Order(AuditAnchors.Decide(ChainBuilder.IdOf("trail"), ChainBuilder.EvidenceOf("batch"), Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    /// <summary>Genesis, organisations, members, unit, programs, vendor and device.</summary>
    public void Found()
    {
        var chain = Chain;
        var ledger = new LedgerRecord(
            chain.Ledger, "Test ledger", chain.AddressOf("sealer"), [.. Recovery.Select(chain.AddressOf)], 2,
            Keccak.Hash(chain.ClaimKey.Export()), chain.Now);
        var operators = new OrganisationRecord(ChainBuilder.IdOf("operators"), "Operators", OrganisationKind.Association, true, true);
        chain.Force(Genesis.Make(
            ledger, operators, new MemberRecord(Operator, operators.Id, chain.AddressOf("operator"), Roles.Administrator | Roles.Operator, true)));
        chain.Cut();

        var shop = ChainBuilder.IdOf("shop");
        chain.Register(
            Operator,
            new OrganisationRecord(Ngo, "Relief", OrganisationKind.Ngo, true, true),
            new OrganisationRecord(ChainBuilder.IdOf("donor"), "Donor", OrganisationKind.Donor, true, true),
            new OrganisationRecord(shop, "Shop", OrganisationKind.Vendor, true, true),
            new UnitRecord(Unit, 2, null),
            new UnitRecord("RICE", 0, new Commodity("25 kg bag", 2_150, Unit)));
        chain.Register(
            Operator,
            Member(Administrator, Ngo, "administrator", Roles.Administrator), Member(Registrar, Ngo, "registrar", Roles.Registrar),
            Member(Approver, Ngo, "approver", Roles.Approver), Member(Releaser, Ngo, "releaser", Roles.Releaser),
            Member(Finance, Ngo, "finance", Roles.Finance), Member(Agent, Ngo, "agent", Roles.FieldAgent), Member(Cashier, shop, "cashier", Roles.Vendor));
        chain.Cut();

        OpenProgram(Program, "program", TermsJson.Preset("voucher")!);
        OpenProgram(Community, "community program", """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"}]}""");
        chain.Register(Operator, AccountRecord.Open(Shop, shop, AccountKind.Vendor));
        chain.Register(Administrator, new AccreditationRecord(AccreditationRecord.IdOf(Program, Shop), Program, Shop, ["food", "hygiene"], true));
        chain.Register(
            Administrator,
            new DeviceRecord(Device, Ngo, Agent, Program, "north", chain.AddressOf("device"), 50_000, 20_000, true));
        chain.Cut();
    }

    /// <summary>Two grants and their receipts.</summary>
    public void Fund()
    {
        var donor = ChainBuilder.IdOf("donor");
        foreach (var (grant, program) in new[] { (Grant, Program), (CommunityGrant, Community) })
        {
            Chain.Register(Administrator, new GrantRecord(
                grant, donor, program, Unit, 10_000_000, 0, Chain.Now - 1000, Chain.Now + 1_000_000_000, "north", [new BudgetLine("staff", 50_000, 0)], true));
        }

        Chain.Cut();
        Chain.Order(Receipts.Decide(Grant, ChainBuilder.IdOf("receipt 1"), 400_001, ChainBuilder.EvidenceOf("advice 1"), Chain.Scope(Finance, "r1"), Chain.State));
        Chain.Order(Receipts.Decide(Grant, ChainBuilder.IdOf("receipt 2"), 5_000_000, ChainBuilder.EvidenceOf("advice 2"), Chain.Scope(Finance, "r2"), Chain.State));
        Chain.Order(Receipts.Decide(CommunityGrant, ChainBuilder.IdOf("receipt 3"), 90_000, default, Chain.Scope(Finance, "r3"), Chain.State));
        Chain.Cut();
    }

    public void Enrol()
    {
        EnrolmentLine[] lines = [.. Enumerable.Range(0, Beneficiaries).Select(i => new EnrolmentLine(Account(i), Household(i), 1 + (i % 5), i % 2 == 0 ? "north" : "south"))];
        Chain.Order(Enrolments.Decide(Program, ChainBuilder.IdOf("list"), 0, lines, Chain.Scope(Registrar), Chain.State));
        Chain.Order(Enrolments.Decide(Community, ChainBuilder.IdOf("list"), 0, lines, Chain.Scope(Registrar), Chain.State));
        Chain.Cut();
        Chain.TakeOver();
    }

    /// <summary>A list of two chunks; its last line is of an account that is not enrolled, and is marked unpaid.</summary>
    public void DisburseInBulk()
    {
        Line[] first = [.. Enumerable.Range(0, 6).Select(i => LineOf("bulk", i, i == 0 ? OddAmount : 10_000 + i))];
        Line[] second = [.. Enumerable.Range(6, 7).Select(i => LineOf("bulk", i, 20_000 + i))];
        Approve("bulk", Program, DeliveryMode.Bulk, "2026-10", Grant, Chain.Now + 600_000, first, second);
        Release("bulk");
        Chain.Order(Chunks.Decide(ChainBuilder.IdOf("bulk"), 0, first, [], Chain.Scope(Id.None), Chain.State));
        foreach (var state in new[] { DisbursementState.Paused, DisbursementState.Released })
        {
            Chain.Order(StateChanges.Decide(ChainBuilder.IdOf("bulk"), state, Chain.Scope(Releaser, $"bulk {state}"), Chain.State));
        }

        Chain.Order(Chunks.Decide(ChainBuilder.IdOf("bulk"), 1, second, [], Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    public void DeliverInPerson()
    {
        Line[] lines = [.. Enumerable.Range(0, 3).Select(i => LineOf("hands", i, 7_000 + i))];
        Approve("hands", Program, DeliveryMode.InPerson, "2026-11", Grant, Chain.Now + 600_000, lines);
        Release("hands");
        Chain.Order(Deliver("hands", lines, 0, 1));
        Chain.Order(Deliver("hands", lines, 2, 2));
        Chain.Cut();
    }

    public void Redeem()
    {
        for (var i = 0; i < 4; i++)
        {
            var amount = i == 0 ? OddAmount - 1 : 5_000 + i;
            Chain.Order(VoucherRedemptions.Decide(
                new RedeemCommand(Program, Account(i), Shop, amount, ["food"], ChainBuilder.EvidenceOf($"till {i}")),
                Chain.Scope(Cashier, $"till {i}"), Chain.State));
        }

        Chain.Cut();
    }

    /// <summary>A settlement in two parts, a request given back and one that expires.</summary>
    public void Settle()
    {
        Request("settlement", 600_000, 1000_000);
        Request("mistake", 3_000, 1000_000);
        Request("forgotten", 4_000, 5);
        Chain.Cut();
        Approve("settlement", 200_001);
        Chain.Order(HoldEnds.Decide(ChainBuilder.IdOf("mistake"), Chain.Scope(Cashier), Chain.State));
        Chain.Cut();
        Approve("settlement", 399_999);
        Chain.Now += 10;
        Chain.Order(HoldEnds.Decide(ChainBuilder.IdOf("forgotten"), Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    /// <summary>A program whose terms allow transfers: one beneficiary pays another.</summary>
    public void PassOn()
    {
        Line[] lines = [.. Enumerable.Range(0, 2).Select(i => LineOf("community", i, 30_000 + i))];
        Approve("community", Community, DeliveryMode.Bulk, "2026-12", CommunityGrant, Chain.Now + 900_000, lines);
        Release("community");
        Chain.Order(Chunks.Decide(ChainBuilder.IdOf("community"), 0, lines, [], Chain.Scope(Id.None), Chain.State));
        Chain.Order(MemberTransfers.Decide(new TransferCommand(Community, Account(0), Account(1), 12_345), Chain.Scope(Registrar, "gift"), Chain.State));
        Chain.Cut();
    }

    /// <summary>What was not redeemed in time goes to the return queue; what was not delivered, back to the receipts.</summary>
    public void Expire()
    {
        Chain.Order(Completions.Decide(ChainBuilder.IdOf("hands"), Chain.Scope(Registrar), Chain.State));
        Chain.Cut();
        Chain.Now += 700_000;
        Chain.Order(Completions.Decide(ChainBuilder.IdOf("bulk"), Chain.Scope(Id.None), Chain.State));
        Id[] holders = [.. Enumerable.Range(0, Beneficiaries).Select(Account), ChainBuilder.IdOf("heir")];
        foreach (var disbursement in new[] { "bulk", "hands" })
        {
            Chain.Order(LotExpiries.Decide(ChainBuilder.IdOf($"lot of {disbursement}"), holders, Chain.Scope(Id.None), Chain.State));
        }

        Chain.Cut();
    }

    /// <summary>A cost, returns to the donor, an account closed, a device revoked.</summary>
    public void Close()
    {
        Chain.Order(Costs.Decide(
            new CostCommand(Grant, "staff", 45_000, false, ChainBuilder.EvidenceOf("payroll")), ChainBuilder.IdOf("payroll"), Chain.Scope(Finance, "cost"), Chain.State));
        Chain.Order(GrantOutflows.DecideReturn(Grant, 1_000, ChainBuilder.EvidenceOf("return 1"), Chain.Scope(Finance, "return 1"), Chain.State));
        Chain.Order(GrantOutflows.DecideReturn(Grant, 900_000, ChainBuilder.EvidenceOf("return 2"), Chain.Scope(Finance, "return 2"), Chain.State));
        Chain.Register(Registrar, AccountRecord.Open(Account(11), Ngo, AccountKind.Beneficiary) with { Status = AccountStatus.Closed });
        Revoke();
        Chain.Cut();
    }

    public void Revoke() =>
        Chain.Register(Administrator, Chain.State.Peek<DeviceRecord>(RecordKind.Device, Device).Record! with { Active = false, RevokedOnDay = Limits.DayOf(Chain.Now) });

    /// <summary>A new sealer by the old one and the recovery group, then another by the group alone.</summary>
    public void ChangeKeys()
    {
        ChangeKeys("sealer 2", compromised: false, Recovery[..2]);
        Chain.Cut();
        ChangeKeys("sealer 3", compromised: true, Recovery[1..]);
        Chain.Cut();
        Chain.TakeOver();
    }

    /// <summary>The recovery group lets closed parts up to a height be deleted.</summary>
    public void Redact(ulong upToHeight)
    {
        var record = new RedactionRecord(ChainBuilder.IdOf("redaction"), upToHeight, "retention has ended");
        var draft = Chain.Scope(Id.None).Draft(TransactionKind.Redaction, false) with { Writes = [new RecordWrite(1, record)] };
        var digest = AuthorityChecks.RecoveryDigest(draft, Chain.Domain, SignedAction.Redact);
        Chain.Order(Redactions.Decide(record, [.. Recovery[..2].Select(name => SignedBy(name, digest))], Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    /// <summary>Orders a key change signed by these recovery keys, after the sealer unless that is compromised.</summary>
    public void ChangeKeys(string sealer, bool compromised, IReadOnlyList<string> recovery) =>
        Chain.Order(KeyChange(sealer, compromised, recovery));

    public Outcome<Transaction> KeyChange(string sealer, bool compromised, IReadOnlyList<string> recovery)
    {
        var current = Chain.State.Peek<LedgerRecord>(RecordKind.Ledger, Chain.Ledger);
        var next = current.Record! with { Sealer = Chain.AddressOf(sealer) };
        var draft = Chain.Scope(Id.None).Draft(TransactionKind.KeyChange, false) with { Writes = [new RecordWrite(current.Version + 1, next)] };
        var digest = AuthorityChecks.RecoveryDigest(draft, Chain.Domain, SignedAction.ChangeKeys);
        var old = new Authorisation(Id.None, 0, Chain.Sign(current.Record!.Sealer, digest));
        Authorisation[] group = [.. recovery.Select(name => SignedBy(name, digest))];
        return KeyChanges.Decide(next, compromised, compromised ? group : [old, .. group], Chain.Scope(Id.None), Chain.State);
    }

    public static string[] Recovery => ["recovery 1", "recovery 2", "recovery 3"];

    public static Line LineOf(string list, int beneficiary, long amountMinor) =>
        new(Account(beneficiary), Household(beneficiary), amountMinor, ChainBuilder.IdOf($"{list} salt {beneficiary}"));

    /// <summary>Drafts and approves a disbursement of these chunks.</summary>
    public void Approve(string name, Id program, DeliveryMode mode, string period, Id grant, long expiresAt, params Line[][] chunks)
    {
        Chain.Order(Approval(Draft(name, program, mode, period, grant, expiresAt, chunks)));
        Chain.Cut();
    }

    public Outcome<Transaction> Approval(DisbursementRecord draft) => Approvals.Decide(
        draft,
        [Chain.Authorise(Approver, SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(draft), draft.TotalMinor)],
        Chain.Scope(Approver, $"approve {draft.Id}"), Chain.State);

    public static DisbursementRecord Draft(string name, Id program, DeliveryMode mode, string period, Id grant, long expiresAt, params Line[][] chunks)
    {
        ChunkHead[] heads = [.. chunks.Select(lines => new ChunkHead(AuthorityChecks.RootOf(lines), lines.Length, lines.Sum(line => line.AmountMinor)))];
        var total = heads.Sum(head => head.TotalMinor);
        return new DisbursementRecord(
            ChainBuilder.IdOf(name), program, DisbursementState.Draft, mode, AuthorityChecks.RootOf(heads), heads.Sum(head => (long)head.Lines), total, heads,
            [new LotPart(grant, total)], period, "food", Id.None, Id.None, expiresAt, Registrar, Id.None, Id.None);
    }

    public void Release(string name)
    {
        Chain.Order(ReleaseBy(name, Releaser));
        Chain.Cut();
    }

    public Outcome<Transaction> ReleaseBy(string name, Id releaser)
    {
        var record = Chain.State.Peek<DisbursementRecord>(RecordKind.Disbursement, ChainBuilder.IdOf(name)).Record!;
        return Releases.Decide(
            record.Id, ChainBuilder.IdOf($"lot of {name}"), ChainBuilder.IdOf($"budget of {name}"),
            [Chain.Authorise(releaser, SignedAction.ReleaseDisbursement, SignedObjects.ObjectOf(record), record.TotalMinor)],
            Chain.Scope(releaser), Chain.State);
    }

    /// <summary>A delivery of one line, signed by the device.</summary>
    public Outcome<Transaction> Deliver(string name, Line[] lines, int index, ulong counter)
    {
        var (statement, chunk, signature) = SignDelivery(name, lines, index, counter);
        return FieldDeliveries.Decide(ChainBuilder.IdOf(name), chunk, statement, signature, Chain.Scope(Agent), Chain.State);
    }

    public (DeviceStatement Statement, Chunk Chunk, Authorisation Signature) SignDelivery(string name, Line[] lines, int index, ulong counter)
    {
        Hash32[] leaves = [.. lines.Select(AuthorityChecks.LeafOf)];
        var statement = new DeviceStatement(Device, Chain.Now - 250, Chain.Now + 100_000, counter);
        var (version, device) = Chain.State.Peek<DeviceRecord>(RecordKind.Device, Device);
        var digest = SignedObjects.Digest(Chain.Domain, new DeliveryToSign(
            Device, ChainBuilder.IdOf(name), lines[index].Account, Unit, lines[index].AmountMinor, FieldDeliveries.Purpose,
            statement.OccurredAt, statement.Deadline, counter));
        return (
            statement,
            new Chunk(0, AuthorityChecks.RootOf(lines), [lines[index]], [], OzTree.Proof(leaves, index)),
            new Authorisation(Device, version, Chain.Sign(device!.Address, digest)));
    }

    private void Request(string name, long amountMinor, long milliseconds) => Chain.Order(SettlementRequests.Decide(
        Program, Shop, ChainBuilder.IdOf(name), amountMinor, Chain.Now + milliseconds, Chain.Scope(Cashier, name), Chain.State));

    private void Approve(string settlement, long amountMinor)
    {
        var hold = Chain.State.Peek<HoldRecord>(RecordKind.Hold, ChainBuilder.IdOf(settlement)).Record!;
        Chain.Order(SettlementApprovals.Decide(
            hold.Id, amountMinor, ChainBuilder.EvidenceOf($"{settlement} {amountMinor}"),
            [Chain.Authorise(Finance, SignedAction.ApproveSettlement, SignedObjects.ObjectOf(hold), amountMinor)],
            Chain.Scope(Finance), Chain.State));
    }

    internal void OpenProgram(Id id, string name, string terms, string unit = Unit)
    {
        var (pool, queue) = (ChainBuilder.IdOf(name + "'s pool"), ChainBuilder.IdOf(name + "'s queue"));
        Chain.Register(
            Administrator,
            new ProgramRecord(id, Ngo, name, unit, TermsJson.Write(TermsJson.Read(terms).Value!), 1, pool, queue, true),
            AccountRecord.Open(pool, Ngo, AccountKind.ProgramPool, id),
            AccountRecord.Open(queue, Ngo, AccountKind.ReturnQueue, id));
    }

    private MemberRecord Member(Id id, Id organisation, string key, Roles roles) => new(id, organisation, Chain.AddressOf(key), roles, true);

    private Authorisation SignedBy(string key, Hash32 digest) => new(Id.None, 0, Chain.Sign(Chain.AddressOf(key), digest));
}
