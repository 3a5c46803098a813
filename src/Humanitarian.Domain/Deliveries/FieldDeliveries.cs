using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Deliveries;

/// <summary>
/// A field agent delivers one line of an approved, funded list with a registered device: at its site, within its limits, never to
/// people the agent enrolled. It creates no entitlement.
/// </summary>
public static class FieldDeliveries
{
    /// <summary>Purpose that a device signs.</summary>
    public const string Purpose = "delivery";

    /// <summary>Milliseconds by which a device's clock may run ahead of the ledger's.</summary>
    public const long MaximumClockAheadMilliseconds = 5 * 60 * 1000;

    /// <param name="chunk">The chunk's index and root, the one line and the proof that it stands under the root.</param>
    public static Outcome<Transaction> Decide(
        Id disbursementId, Chunk chunk, DeviceStatement statement, Authorisation signature, DecisionScope scope, ILedgerView view)
    {
        if (view.Disbursement(disbursementId).Record is not { } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");
        }

        if (view.Device(statement.Device).Record is not { } device)
        {
            return new Refusal(RefusalCode.DeviceUnknown, "The device is not registered.", "device");
        }

        if (chunk.Lines is not [{ AmountMinor: > 0 } line])
        {
            return new Refusal(RefusalCode.AmountNotPositive, "A delivery has one line, whose amount is positive.", "amountMinor");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Delivery, namesPersons: true) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Subject = disbursement.Id,
                Chunk = chunk,
                Device = statement,
                Postings = [Credits.Debit(disbursement, program, line.AmountMinor), .. Allowance(device.AllowanceOn(Limits.DayOf(scope.Now)), program, line.AmountMinor)],
                Authorisations = [signature],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        var disbursement = view.Disbursement(transaction.Subject).Record;
        if (Credits.CheckOpen(disbursement, DeliveryMode.InPerson, transaction.DecidedAt) is { } refusal)
        {
            return refusal;
        }

        if (transaction.Device is not { } statement || transaction.Chunk is not { Unpaid.Count: 0 } chunk
            || view.Program(disbursement!.Program) is not { } program || chunk.Index < 0
            || transaction.Program != program.Id || transaction.TermsVersion != program.TermsVersion
            || chunk.Index >= disbursement.ChunkRoots.Count || chunk.Root != disbursement.ChunkRoots[chunk.Index].Root
            || transaction.Postings is not [{ AmountMinor: < 0 } debit, _, _])
        {
            return Checks.Broken("A delivery is one line of the frozen list by a device.");
        }

        var device = view.Device(statement.Device);
        return CheckDevice(transaction, device.Record, statement, program, -debit.AmountMinor)
            ?? (transaction.Authorisations is [var signature] && signature.Signer == statement.Device && signature.RoleVersion == device.Version
                ? null
                : new Refusal(RefusalCode.SignatureRequired, "A delivery is signed by the device's current key.", "signature"))
            ?? CheckAgent(transaction, device.Record!, view)
            ?? (transaction.Postings.SequenceEqual(
                    [Credits.Debit(disbursement, program, -debit.AmountMinor), .. Allowance(device.Record!.AllowanceOn(Limits.DayOf(transaction.DecidedAt)), program, -debit.AmountMinor)])
                ? null
                : Checks.Broken("A delivery debits the budget and the device's allowance."))
            ?? (transaction.HasClosedPart ? CheckLine(transaction, chunk, disbursement, program, device.Record!, view) : null);
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        var disbursement = view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!;
        var program = view.Peek<ProgramRecord>(RecordKind.Program, disbursement.Program).Record!;
        var line = transaction.Chunk!.Lines[0];
        return
        [
            key.DisbursementLine(disbursement.Id, line.Account),
            key.DeviceCounter(transaction.Device!.Device, transaction.Device.Counter),
            .. TermsJson.Of(program).Claims(Credits.Movement(line, disbursement, program, transaction.DecidedAt, view), key),
        ];
    }

    private static Refusal? CheckDevice(Transaction transaction, DeviceRecord? device, DeviceStatement statement, ProgramRecord program, long amountMinor) =>
        device is null ? new Refusal(RefusalCode.DeviceUnknown, "The device is not registered.", "device")
        : !device.Active ? new Refusal(RefusalCode.DeviceRevoked, "The device's key is revoked.", "device")
        : device.Program != program.Id ? new Refusal(RefusalCode.AgentSiteMismatch, "The device is assigned to another program.", "device")
        : amountMinor > device.PerBeneficiaryMinor ? new Refusal(RefusalCode.AgentLimitExceeded, "The amount exceeds the device's limit for one beneficiary.", "amountMinor")
        : statement.OccurredAt > transaction.DecidedAt + MaximumClockAheadMilliseconds
            ? new Refusal(RefusalCode.ClockSkew, "The device's clock runs ahead; set it and sign again.", "occurredAt")
        : transaction.DecidedAt > statement.Deadline || transaction.ValidUntil > statement.Deadline || statement.Deadline <= statement.OccurredAt
            ? new Refusal(RefusalCode.DeadlinePassed, "The signed deadline has passed.", "deadline")
        : null;

    private static Refusal? CheckAgent(Transaction transaction, DeviceRecord device, ILedgerView view) =>
        transaction.Principal == device.Member
            ? Principals.Require(transaction, view, device.Organisation, Roles.FieldAgent)
            : Principals.Forbidden();

    private static Refusal? CheckLine(
        Transaction transaction, Chunk chunk, DisbursementRecord disbursement, ProgramRecord program, DeviceRecord device, ILedgerView view)
    {
        if (chunk.Lines is not [var line] || line.AmountMinor != -transaction.Postings[0].AmountMinor)
        {
            return Checks.Broken("A delivery has one line and pays its amount.");
        }

        if (Credits.CheckLine(line, disbursement, program, transaction.DecidedAt, view) is { } refusal)
        {
            return refusal;
        }

        var enrolment = view.Enrolment(program.Id, line.Account);
        return enrolment is not { Active: true } ? new Refusal(RefusalCode.NotEnrolled, "The beneficiary is not enrolled in the program.", "account")
            : enrolment.EnrolledBy == device.Member ? new Refusal(RefusalCode.EnrollerCannotDeliver, "An agent does not deliver to people they enrolled.", "account")
            : device.Site.Length > 0 && enrolment.Site != device.Site ? new Refusal(RefusalCode.AgentSiteMismatch, "The beneficiary is assigned to another site.", "account")
            : Principals.RequireArea(device.Member, enrolment.Site, view)
                ?? TermsJson.Of(program).Find<ConfirmedRedemptions>()?.CheckServer(line.Account, program.Id, device.Member, transaction.DecidedAt, view);
    }

    /// <param name="allowance">The device's account of the day that the delivery counts for.</param>
    internal static Posting[] Allowance(Id allowance, ProgramRecord program, long amountMinor)
    {
        var unit = UnitRecord.AllowanceOf(program.Unit);
        return
        [
            new Posting(allowance, false, unit, Id.None, -amountMinor),
            new Posting(WorldAccount.IdOf(unit), false, unit, Id.None, amountMinor),
        ];
    }
}
