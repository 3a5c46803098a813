using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>
/// What a forger with the true sealer's key can seal and a verifier still names: each chain is sound but for one transaction.
/// </summary>
public sealed class ForgeryTests
{
    private readonly Story story = new();

    private ChainBuilder Chain => story.Chain;

    [Fact]
    public async Task An_approval_without_its_signature_is_nobodys()
    {
        Funded();
        await Forged(story.Approval(DraftBulk()).Value! with { Authorisations = [] }, Invariants.Separation, RefusalCode.SignatureRequired);
    }

    [Fact]
    public async Task An_approval_signed_by_another_key_is_nobodys()
    {
        Funded();
        var approval = story.Approval(DraftBulk()).Value!;
        var digest = SignedObjects.Digest(Chain.Domain, new DecisionToSign(SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(DraftBulk()), DraftBulk().TotalMinor, 1));
        Authorisation forged = approval.Authorisations[0] with { Signature = Chain.Sign(Chain.AddressOf("sealer"), digest) };
        await Forged(approval with { Authorisations = [forged] }, Invariants.Separation, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_signature_on_one_total_approves_no_other()
    {
        Funded();
        var approval = story.Approval(DraftBulk()).Value!;
        var other = DraftBulk(30_000) with { State = DisbursementState.Approved, ApprovedBy = Story.Approver };
        await Forged(approval with { Writes = [new RecordWrite(1, other)] }, Invariants.Separation, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_release_signed_by_the_approver_is_refused()
    {
        Funded();
        var both = ChainBuilder.IdOf("both");
        Chain.Register(Story.Administrator, new MemberRecord(both, Story.Ngo, Chain.AddressOf("both"), Roles.Approver | Roles.Releaser, true));
        var draft = DraftBulk();
        Chain.Order(Approvals.Decide(
            draft, [Chain.Authorise(both, SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(draft), draft.TotalMinor)], Chain.Scope(both), Chain.State));
        Chain.Cut();
        Assert.Equal(RefusalCode.RolesIncompatible, story.ReleaseBy("bulk", both).Refusal?.Code);
        var release = story.ReleaseBy("bulk", Story.Releaser).Value!;
        var released = (DisbursementRecord)release.Writes[0].Record with { ReleasedBy = both };
        var budget = (HoldRecord)release.Writes[2].Record with { OpenedBy = both, ApprovedBy = both };
        await Forged(
            release with
            {
                Principal = both,
                Reads = [.. release.Reads.Where(read => read.Key.Kind != RecordKind.Member)],
                Writes = [release.Writes[0] with { Record = released }, release.Writes[1], release.Writes[2] with { Record = budget }],
                Authorisations = [Chain.Authorise(both, SignedAction.ReleaseDisbursement, SignedObjects.ObjectOf(draft), draft.TotalMinor)],
            },
            Invariants.Separation, RefusalCode.RolesIncompatible);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_agents_signature_moves_to_no_other_amount_or_account(int line)
    {
        var lines = ReleasedInPerson();
        var (statement, chunk, signature) = story.SignDelivery("hands", lines, line, 1);
        var (_, _, moved) = story.SignDelivery("hands", lines, 0, 1);
        var delivery = FieldDeliveries.Decide(ChainBuilder.IdOf("hands"), chunk, statement, signature, Chain.Scope(Story.Agent), Chain.State);
        await Forged(delivery.Value! with { Authorisations = [moved] }, Invariants.Separation, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task An_agents_signature_counts_on_no_other_ledger()
    {
        var lines = ReleasedInPerson();
        var delivery = story.Deliver("hands", lines, 0, 1).Value!;
        var elsewhere = SignedObjects.Digest(new LedgerDomain(ChainBuilder.IdOf("another ledger")), new DeliveryToSign(
            Story.Device, ChainBuilder.IdOf("hands"), lines[0].Account, Story.Unit, lines[0].AmountMinor, FieldDeliveries.Purpose,
            delivery.Device!.OccurredAt, delivery.Device.Deadline, 1));
        Authorisation moved = delivery.Authorisations[0] with { Signature = Chain.Sign(Chain.AddressOf("device"), elsewhere) };
        await Forged(delivery with { Authorisations = [moved] }, Invariants.Separation, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_transaction_of_another_ledger_does_not_belong_here()
    {
        Funded();
        await Forged(story.Approval(DraftBulk()).Value! with { Ledger = ChainBuilder.IdOf("another ledger") }, Invariants.Structure, "another ledger");
    }

    [Fact]
    public async Task An_amount_that_no_list_holds_is_not_delivered()
    {
        var lines = ReleasedInPerson();
        var delivery = story.Deliver("hands", lines, 0, 1).Value!;
        var more = lines[0] with { AmountMinor = 7_001 };
        await Forged(
            delivery with
            {
                Chunk = delivery.Chunk! with { Lines = [more] },
                Postings = [.. delivery.Postings.Select(posting => posting with { AmountMinor = posting.AmountMinor < 0 ? -7_001 : 7_001 })],
            },
            Invariants.Disbursements, "not in the approved list");
    }

    [Fact]
    public async Task A_backdated_delivery_under_a_revoked_key_is_named()
    {
        var lines = ReleasedInPerson();
        var delivery = story.Deliver("hands", lines, 0, 1).Value!;
        story.Revoke();
        Chain.Cut();
        var version = Chain.State.Peek<DeviceRecord>(RecordKind.Device, Story.Device).Version;
        await Forged(
            delivery with
            {
                Reads = [.. delivery.Reads.Select(read => read.Key.Kind == RecordKind.Device ? read with { Version = version } : read)],
                Authorisations = [delivery.Authorisations[0] with { RoleVersion = version }],
            },
            Invariants.Separation, RefusalCode.DeviceRevoked);
    }

    [Fact]
    public async Task A_decision_on_a_version_that_has_changed_is_stale()
    {
        var lines = ReleasedInPerson();
        var delivery = story.Deliver("hands", lines, 0, 1).Value!;
        story.Revoke();
        Chain.Cut();
        await Forged(delivery, Invariants.Replay, RefusalCode.Stale);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    public async Task A_thief_with_the_sealers_key_does_not_change_it(bool compromised, int recoverySignatures)
    {
        story.Found();
        await Forged(story.KeyChange("thief", compromised, Story.Recovery[..recoverySignatures]).Value!, Invariants.Seals, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_block_sealed_by_another_key_is_not_the_ledgers()
    {
        story.Found();
        Chain.Cut(Chain.AddressOf("thief"));
        await Broken(Invariants.Seals, "not sealed by the ledger's sealer");
    }

    [Fact]
    public async Task The_sealer_that_was_replaced_seals_no_more()
    {
        story.Found();
        story.ChangeKeys("sealer 2", compromised: false, Story.Recovery[..2]);
        Chain.Cut();
        Chain.Cut(Chain.AddressOf("sealer"));
        await Broken(Invariants.Seals, "not sealed by the ledger's sealer");
    }

    [Fact]
    public async Task A_second_payment_under_a_random_claim_is_recomputed()
    {
        Funded();
        Line[] first = [.. Enumerable.Range(0, 3).Select(i => Story.LineOf("bulk", i, 10_000 + i))];
        Line[] second = [.. Enumerable.Range(3, 3).Select(i => Story.LineOf("bulk", i, 10_000 + i))];
        story.Approve("bulk", Story.Program, DeliveryMode.Bulk, "2026-10", Story.Grant, Chain.Now + 600_000, first, second);
        story.Release("bulk");
        var chunk = Chain.Order(Chunks.Decide(ChainBuilder.IdOf("bulk"), 0, first, [], Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
        Chain.Force(chunk with { Claims = [.. chunk.Claims.Select(_ => new Claim(Chain.NextId().High, 1))] });
        Chain.Cut();
        await Broken(Invariants.Disbursements, "claims");
        Assert.True((await Chain.Verify(new VerificationOptions())).Ok, "Without the claim key only uniqueness is judged.");
    }

    [Fact]
    public async Task A_second_payment_under_its_own_claim_is_named()
    {
        var lines = ReleasedInPerson();
        var delivery = Chain.Order(story.Deliver("hands", lines, 0, 1));
        Chain.Cut();
        await Forged(delivery with { Salt = Chain.NextId() }, Invariants.Disbursements, RefusalCode.ClaimTaken);
    }

    [Fact]
    public async Task A_command_key_used_twice_is_named()
    {
        Funded();
        var again = Receipts.Decide(Story.Grant, ChainBuilder.IdOf("receipt 4"), 7, default, Chain.Scope(Story.Finance, "r1"), Chain.State);
        await Forged(again.Value!, Invariants.CommandKeys, RefusalCode.ClaimTaken);
    }

    [Fact]
    public async Task Money_out_of_nothing_does_not_sum_to_zero()
    {
        Funded();
        var receipt = Receipts.Decide(Story.Grant, ChainBuilder.IdOf("receipt 4"), 7, default, Chain.Scope(Story.Finance, "r4"), Chain.State).Value!;
        await Forged(
            receipt with { Postings = [receipt.Postings[0], receipt.Postings[1] with { AmountMinor = 8 }] }, Invariants.SumsToZero, RefusalCode.Tampered);
    }

    [Fact]
    public async Task A_payment_beyond_the_balance_breaks_its_limit()
    {
        Paid();
        var redemption = Redemption();
        await Forged(
            redemption with { Postings = [.. redemption.Postings.Select(posting => posting with { AmountMinor = 10 * posting.AmountMinor })] },
            Invariants.Limits, RefusalCode.InsufficientFunds);
    }

    [Fact]
    public async Task A_persons_record_in_the_open_part_is_named()
    {
        Paid();
        var redemption = Redemption();
        await Forged(
            redemption with { Reads = [.. redemption.Reads.Select(read => read with { NamesPerson = false })] }, Invariants.NobodyNamed, "names a person");
    }

    [Fact]
    public async Task Entry_numbers_are_the_next_ones()
    {
        Paid();
        Chain.Force(Redemption(), numbers => [numbers[0], numbers[1] + 1]);
        Chain.Cut();
        await Broken(Invariants.Numbers, "entry numbers");
    }

    [Fact]
    public async Task Another_order_of_the_same_transactions_has_other_numbers()
    {
        story.Found();
        story.Fund();
        Chain.ReplaceLast(block => block with { Transactions = [.. block.Transactions.Reverse()] });
        await Broken(Invariants.Numbers, "entry numbers");
    }

    [Fact]
    public async Task Another_order_with_its_numbers_is_stale()
    {
        story.Found();
        story.Fund();
        Chain.ReplaceLast(block => block with
        {
            Transactions =
            [
                block.Transactions[1] with { Entries = block.Transactions[0].Entries },
                block.Transactions[0] with { Entries = block.Transactions[1].Entries },
                .. block.Transactions.Skip(2),
            ],
        });
        await Broken(Invariants.Replay, RefusalCode.Stale);
    }

    [Fact]
    public async Task Time_does_not_go_back()
    {
        story.Found();
        Chain.ReplaceLast(block => block with { Header = block.Header with { Time = block.Header.Time - 1_000 } });
        await Broken(Invariants.Structure, "Time goes back");
    }

    [Fact]
    public async Task An_epoch_begins_with_an_empty_block()
    {
        story.Found();
        Chain.ReplaceLast(block => block with { Header = block.Header with { Epoch = Chain.NextId() } });
        await Broken(Invariants.Structure, "epoch");
    }

    [Fact]
    public async Task A_transaction_is_not_ordered_after_its_validity()
    {
        Funded();
        Chain.Force(Receipts.Decide(Story.Grant, ChainBuilder.IdOf("receipt 4"), 7, default, Chain.Scope(Story.Finance, "r4"), Chain.State).Value!);
        Chain.Now += ChainBuilder.Validity + 1;
        Chain.Cut();
        await Broken(Invariants.Replay, "after its validity");
    }

    [Fact]
    public async Task A_second_genesis_is_none()
    {
        story.Found();
        var genesis = TransactionCodec.Decode(Chain.Blocks[0].Transactions[0].Transaction) with { ValidUntil = Chain.Now + 1 };
        await Forged(genesis, Invariants.Structure, "first transaction only");
    }

    [Fact]
    public void Records_of_persons_change_apart_from_others()
    {
        Funded();
        var outcome = Registry.Decide(
            [
                AccountRecord.Open(ChainBuilder.IdOf("fund"), Story.Ngo, AccountKind.CommonsFund),
                AccountRecord.Open(Story.Account(1), Story.Ngo, AccountKind.Beneficiary) with { Status = AccountStatus.Frozen },
            ],
            [], Chain.Scope(Story.Administrator), Chain.State);
        Assert.Equal((RefusalCode.InvalidInput, "records"), (outcome.Refusal?.Code, outcome.Refusal?.Field));
    }

    private void Funded()
    {
        story.Found();
        story.Fund();
        story.Enrol();
    }

    private void Paid()
    {
        Funded();
        story.DisburseInBulk();
    }

    private Transaction Redemption() => VoucherRedemptions.Decide(
        new RedeemCommand(Story.Program, Story.Account(1), Story.Shop, 5_000, ["food"], ChainBuilder.EvidenceOf("till")),
        Chain.Scope(Story.Cashier, "till"), Chain.State).Value!;

    private DisbursementRecord DraftBulk(long amountMinor = 20_000) => Story.Draft(
        "bulk", Story.Program, DeliveryMode.Bulk, "2026-10", Story.Grant, 1_790_000_900_000, [Story.LineOf("bulk", 0, amountMinor)]);

    // Lines 0 and 1 are the same beneficiary's.
    private Line[] ReleasedInPerson()
    {
        Funded();
        Line[] lines = [Story.LineOf("hands", 0, 7_000), Story.LineOf("hands", 0, 9_000), Story.LineOf("hands", 2, 7_000)];
        story.Approve("hands", Story.Program, DeliveryMode.InPerson, "2026-11", Story.Grant, Chain.Now + 600_000, lines);
        story.Release("hands");
        return lines;
    }

    private async Task Forged(Transaction transaction, int invariant, string message)
    {
        Assert.True((await Chain.Verify()).Ok);
        Chain.Force(transaction);
        Chain.Cut();
        await Broken(invariant, message);
    }

    private async Task Broken(int invariant, string message)
    {
        var report = await Chain.Verify();
        Assert.Equal(((ulong)Chain.Blocks.Count - 1, invariant), (report.Failure?.Height ?? 0, report.Failure?.Invariant ?? -1));
        Assert.Contains(message, report.Failure!.Message, StringComparison.Ordinal);
    }
}
