using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Authority;

/// <summary>
/// Whether the signatures a transaction carries are those it needs, by the keys the records held at its ordered place. With
/// <see cref="Checks"/> this is all that grains ask before they submit and all that a verifier asks afterwards: a row planted in a
/// database is nobody's approval.
/// </summary>
public static class AuthorityChecks
{
    private const int LeafBytes = 96;

    /// <summary>SIGNATURE_INVALID, or null. What needs no signature must carry none.</summary>
    public static Refusal? Check(Transaction transaction, ILedgerView view, LedgerDomain domain) => transaction.Kind switch
    {
        TransactionKind.KeyChange => CheckKeyChange(transaction, view, domain),
        TransactionKind.Redaction => CheckRecovery(transaction, view, domain, SignedAction.Redact, transaction.Authorisations),
        TransactionKind.Delivery or TransactionKind.DeliveryException => CheckDelivery(transaction, view, domain),
        TransactionKind.DeliveryExceptionDecision when !transaction.HasClosedPart => null,
        TransactionKind.DisbursementChunk or TransactionKind.CashInstruction => CheckLineRoot(transaction),
        TransactionKind.Redemption => CheckCard(transaction, view, domain),
        TransactionKind.CashCorrection when !transaction.HasClosedPart => null,
        TransactionKind.Succession or TransactionKind.Recovery when !transaction.HasClosedPart => null,
        TransactionKind.OverlapDecision when !transaction.HasClosedPart => null,
        _ => DecisionOf(transaction, view) is { } decision
            ? CheckMember(transaction, decision, view, domain)
            : transaction.Authorisations.Count > 0 ? Invalid() : null,
    };

    /// <summary>What the principal of a transaction has to sign, or null where nothing is signed.</summary>
    public static DecisionToSign? DecisionOf(Transaction transaction, ILedgerView view)
    {
        var roleVersion = view.Peek<MemberRecord>(RecordKind.Member, transaction.Principal).Version;
        switch (transaction.Kind)
        {
            case TransactionKind.DisbursementApproval when transaction.Writes is [{ Record: DisbursementRecord record }]:
                return new DecisionToSign(SignedAction.ApproveDisbursement, SignedObjects.ObjectOf(record), record.TotalMinor, roleVersion);
            case TransactionKind.DisbursementRelease
                when view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record is { } record:
                return new DecisionToSign(SignedAction.ReleaseDisbursement, SignedObjects.ObjectOf(record), record.TotalMinor, roleVersion);
            case TransactionKind.Settlement when view.Peek<HoldRecord>(RecordKind.Hold, transaction.Subject).Record is { } hold:
                return new DecisionToSign(
                    SignedAction.ApproveSettlement, SignedObjects.ObjectOf(hold), PairedMove.Of(transaction.Postings)?.TotalMinor ?? 0, roleVersion);
            case TransactionKind.Recovery when transaction.Writes is [{ Record: RedemptionRecord left }]:
                return new DecisionToSign(SignedAction.RecoverOvercharge, SignedObjects.ObjectOf(left), PairedMove.Of(transaction.Postings)?.TotalMinor ?? 0, roleVersion);
            case TransactionKind.PayoutReturn when transaction.Writes is [{ Record: PayoutRecord payout }]:
                return new DecisionToSign(SignedAction.ReturnPayout, SignedObjects.ObjectOf(payout), payout.AmountMinor, roleVersion);
            case TransactionKind.ProgramClosure:
                return new DecisionToSign(SignedAction.CloseProgram, SignedObjects.ObjectOf(transaction.Writes), 0, roleVersion);
            case TransactionKind.CostRecharge when transaction.Writes is [.., { Record: CostRecord booked }]:
                return new DecisionToSign(SignedAction.RechargeCost, SignedObjects.ObjectOf(booked), booked.DirectMinor, roleVersion);
            case TransactionKind.Succession when transaction.Writes is [{ Record: SuccessionRecord succession }]:
                return new DecisionToSign(SignedAction.ApproveSuccession, SignedObjects.ObjectOf(succession), 0, roleVersion);
            case TransactionKind.DeliveryExceptionDecision when LateDecisions.Of(transaction) is { } late:
                return new DecisionToSign(
                    SignedAction.DecideDeliveryException, SignedObjects.ObjectOf(late), late.State == DeliveryExceptionState.Accepted ? late.AmountMinor : 0, roleVersion);
            case TransactionKind.OverlapDecision when transaction.Writes is [{ Record: OverlapRecord overlap }, ..]:
                return new DecisionToSign(SignedAction.DecideOverlap, SignedObjects.ObjectOf(overlap), 0, roleVersion);
            case TransactionKind.CashReconciliation when transaction.Writes is [{ Record: ReconciliationRecord record }, ..]:
                return new DecisionToSign(SignedAction.ReconcileCash, SignedObjects.ObjectOf(record), record.DeliveredMinor, roleVersion);
            case TransactionKind.CashCorrection when transaction.Writes is [{ Record: ContradictionRecord record }, ..]:
                return new DecisionToSign(SignedAction.DecideContradiction, SignedObjects.ObjectOf(record), record.DeliveredMinor, roleVersion);
            case TransactionKind.Registry when Registry.NeedsSignature(transaction.Writes):
                return new DecisionToSign(SignedAction.ChangeRecords, SignedObjects.ObjectOf(transaction.Writes), 0, roleVersion);
            default:
                return null;
        }
    }

    /// <summary>The leaf of a line in its chunk's tree: (bytes32 account ‖ household, uint256 amount, bytes32 salt).</summary>
    public static Hash32 LeafOf(Line line)
    {
        Span<byte> encoded = stackalloc byte[LeafBytes];
        encoded.Clear();
        WriteLeaf(encoded, line);
        return OzTree.LeafHash(encoded);
    }

    private static void WriteLeaf(Span<byte> encoded, Line line)
    {
        line.Account.CopyTo(encoded);
        line.Household.CopyTo(encoded[16..]);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(encoded[56..], line.AmountMinor);
        line.Salt.CopyTo(encoded[64..]);
    }

    /// <summary>Root over the lines of a chunk.</summary>
    public static Hash32 RootOf(IReadOnlyList<Line> lines) => OzTree.Root(LeavesOf(lines));

    /// <summary>The leaves of lines, in their order; see <see cref="LeafOf"/>.</summary>
    public static Hash32[] LeavesOf(IReadOnlyList<Line> lines) => OzTree.LeafHashes(lines.Count, LeafBytes, (encoded, index) => WriteLeaf(encoded, lines[index]));

    /// <summary>Root over the chunks of a list: Keccak-256 of their heads in order.</summary>
    public static Hash32 RootOf(IReadOnlyList<ChunkHead> chunks)
    {
        using var writer = new CanonicalWriter();
        writer.List(chunks, static (w, chunk) =>
        {
            w.Hash(chunk.Root);
            w.Number(chunk.Lines);
            w.Number(chunk.TotalMinor);
        });
        return Keccak.Hash(writer.Written);
    }

    private static Refusal? CheckMember(Transaction transaction, DecisionToSign decision, ILedgerView view, LedgerDomain domain)
    {
        if (transaction.Kind == TransactionKind.DisbursementApproval
            && transaction.Writes is [{ Record: DisbursementRecord record }] && RootOf(record.ChunkRoots) != record.ListRoot)
        {
            return Checks.Broken("The list's root is not that of its chunks.");
        }

        // Who joins signs with the key that they bring.
        var member = view.Peek<MemberRecord>(RecordKind.Member, transaction.Principal).Record
            ?? (transaction.Kind == TransactionKind.Registry && Joins.Of(transaction.Writes) is { } joining && joining.Member.Id == transaction.Principal ? joining.Member : null);
        return member is not null && !member.Address.IsZero
            && transaction.Authorisations is [var authorisation]
            && authorisation.Signer == transaction.Principal && authorisation.RoleVersion == decision.RoleVersion
            && Secp256k1.Verify(SignedObjects.Digest(domain, decision), authorisation.Signature, member.Address)
                ? null
                : Invalid();
    }

    private static Refusal? CheckDelivery(Transaction transaction, ILedgerView view, LedgerDomain domain)
    {
        if (!transaction.HasClosedPart)
        {
            return null;
        }

        if (transaction is not { Device: { } statement, Chunk: { Lines: [var line] } chunk, Authorisations: [var authorisation] }
            || view.Peek<ProgramRecord>(RecordKind.Program, transaction.Program).Record is not { } program
            || view.Peek<Domain.Devices.DeviceRecord>(RecordKind.Device, statement.Device).Record is not { } device)
        {
            return Invalid();
        }

        if (!OzTree.Verify(chunk.Root, LeafOf(line), [.. chunk.Proof]))
        {
            return Checks.Broken("The line is not in the approved list.");
        }

        var delivery = new DeliveryToSign(
            device.Id, transaction.Subject, line.Account, program.Unit, line.AmountMinor, FieldDeliveries.Purpose,
            statement.OccurredAt, statement.Deadline, statement.Counter);
        return Secp256k1.Verify(SignedObjects.Digest(domain, delivery), authorisation.Signature, device.Address) ? null : Invalid();
    }

    private static Refusal? CheckCard(Transaction transaction, ILedgerView view, LedgerDomain domain)
    {
        if (transaction.Authorisations.Count > 0)
        {
            return Invalid();
        }

        if (transaction.Writes is not [{ Record: ConfirmationRecord { Method: ConfirmationMethod.Card } given }, ..])
        {
            return null;
        }

        return PairedMove.Of(transaction.Postings) is { } move && view.Peek<CredentialRecord>(RecordKind.Credential, given.Account).Record is { } credential
            && Secp256k1.Verify(
                SignedObjects.Digest(
                    domain,
                    new CardRedemptionToSign(transaction.Program, move.From.Account, move.To.Account, move.Unit, move.TotalMinor, given.Challenge, given.Until)),
                given.Signature, credential.Card)
                ? null
                : new Refusal(RefusalCode.SignatureInvalid, "The signature is not by the card of who confirms over this redemption.", "card");
    }

    private static Refusal? CheckLineRoot(Transaction transaction) =>
        transaction.Authorisations.Count > 0 ? Invalid()
        : !transaction.HasClosedPart || (transaction.Chunk is { Lines.Count: > 0 } chunk && RootOf(chunk.Lines) == chunk.Root) ? null
        : Checks.Broken("The chunk's lines are not those of the approved list.");

    private static Refusal? CheckKeyChange(Transaction transaction, ILedgerView view, LedgerDomain domain)
    {
        var compromised = transaction.Labels.Contains(KeyChanges.Compromised);
        if (compromised)
        {
            return CheckRecovery(transaction, view, domain, SignedAction.ChangeKeys, transaction.Authorisations);
        }

        // The old sealer signs first, the recovery group after it.
        return CheckRecovery(transaction, view, domain, SignedAction.ChangeKeys, [.. transaction.Authorisations.Skip(1)])
            ?? (view.Peek<LedgerRecord>(RecordKind.Ledger, transaction.Ledger).Record is { } ledger
                && transaction.Authorisations.Count > 0
                && Secp256k1.Verify(RecoveryDigest(transaction, domain, SignedAction.ChangeKeys), transaction.Authorisations[0].Signature, ledger.Sealer)
                    ? null
                    : Invalid());
    }

    /// <summary>The digest that the recovery group signs for a key change or a redaction.</summary>
    public static Hash32 RecoveryDigest(Transaction transaction, LedgerDomain domain, string action) =>
        SignedObjects.Digest(domain, new DecisionToSign(action, SignedObjects.ObjectOf(transaction.Writes), 0, transaction.Writes[0].Version));

    private static Refusal? CheckRecovery(
        Transaction transaction, ILedgerView view, LedgerDomain domain, string action, IReadOnlyList<Authorisation> authorisations)
    {
        if (view.Peek<LedgerRecord>(RecordKind.Ledger, transaction.Ledger).Record is not { } ledger)
        {
            return Invalid();
        }

        var digest = RecoveryDigest(transaction, domain, action);
        var signers = authorisations
            .Select(authorisation => Secp256k1.Recover(digest, authorisation.Signature))
            .Where(address => address is { } known && ledger.Recovery.Contains(known))
            .Distinct()
            .Count();
        return signers >= ledger.RecoveryThreshold ? null : Invalid();
    }

    private static Refusal Invalid() =>
        new(RefusalCode.SignatureInvalid, "The signature is not by the key that must sign this; sign the given typed data and ask again.", "signature");
}
