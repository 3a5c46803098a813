using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Deliveries;

/// <summary>
/// A device's signed delivery that cannot be paid any more waits in a queue for a person: of a line of the frozen list, once for each
/// counter, and only so many of a device at once.
/// </summary>
public static class LateDeliveries
{
    /// <summary>Most late deliveries of a device that wait at once.</summary>
    public const int MaximumOpen = 200;

    /// <param name="chunk">The chunk's index and root, the one line and the proof that it stands under the root.</param>
    /// <param name="reason">Code of the refusal.</param>
    public static Outcome<Transaction> Decide(
        Id disbursementId, Chunk chunk, DeviceStatement statement, Authorisation signature, string reason, DecisionScope scope, ILedgerView view)
    {
        if (view.Disbursement(disbursementId).Record is not { } disbursement)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");
        }

        if (view.Device(statement.Device).Record is not { } device)
        {
            return new Refusal(RefusalCode.DeviceUnknown, "The device is not registered.", "device");
        }

        if (chunk.Lines is not [var line])
        {
            return Checks.Broken("A delivery has one line.");
        }

        var backlog = view.Find<DeliveryBacklogRecord>(RecordKind.DeliveryBacklog, DeliveryBacklogRecord.IdOf(device.Id));
        return Decision.Complete(
            scope.Draft(TransactionKind.DeliveryException, namesPersons: true) with
            {
                Program = disbursement.Program,
                Subject = disbursement.Id,
                Chunk = chunk,
                Device = statement,
                Writes =
                [
                    new RecordWrite(backlog.Version + 1, Counted(device.Id, backlog.Record, 1)),
                    new RecordWrite(1, Queued(line, statement, device, disbursement, reason, scope.Now)),
                ],
                Authorisations = [signature],
            },
            scope,
            view);
    }

    /// <summary>True for a refusal after which a signed delivery waits for a person: of a list, a line or a device whose time is over, or a stopped program.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public static bool IsLate(string reason, DisbursementRecord disbursement, ProgramRecord program, DeviceRecord device, DeviceStatement statement, long at) => reason switch
    {
        RefusalCode.WrongState => disbursement.State == DisbursementState.Completed,
        RefusalCode.VoucherExpired => at >= disbursement.ExpiresAt,
        RefusalCode.DeadlinePassed => at > statement.Deadline,
        RefusalCode.DeviceRevoked => !device.Active && Limits.DayOf(statement.OccurredAt) <= device.RevokedOnDay,
        RefusalCode.ProgramStopped => program.Stops.Count > 0,
        RefusalCode.AlreadyAssisted => true,
        _ => false,
    };

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { Mode: DeliveryMode.InPerson } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");
        }

        if (disbursement.ReleasedBy.IsNone)
        {
            return NeverReleased();
        }

        if (transaction is not { Device: { } statement, Chunk: { Unpaid.Count: 0 } chunk, Writes: [{ Record: DeliveryBacklogRecord backlog }, ..] }
            || transaction.Program != program.Id || chunk.Index < 0 || chunk.Index >= disbursement.ChunkRoots.Count
            || chunk.Root != disbursement.ChunkRoots[chunk.Index].Root || transaction.Writes.Count != (transaction.HasClosedPart ? 2 : 1)
            || !IsCounted(backlog, statement.Device, 1, view))
        {
            return Checks.Broken("A late delivery is one line of the frozen list by a device, and is counted.");
        }

        var device = view.Device(statement.Device);
        return CheckDevice(transaction, device, statement, program, backlog)
            ?? (transaction.Principal == device.Record!.Member
                ? Principals.Require(transaction, view, device.Record.Organisation, Roles.FieldAgent)
                : Principals.Forbidden())
            ?? (transaction.HasClosedPart ? CheckRecord(transaction, chunk, disbursement, program, device.Record, statement) : null);
    }

    internal static Refusal NeverReleased() =>
        new(RefusalCode.WrongState, "The disbursement was never released, so nothing of it can have been delivered.", "disbursement");

    internal static DeliveryBacklogRecord Counted(Id device, DeliveryBacklogRecord? before, int step) =>
        new(DeliveryBacklogRecord.IdOf(device), device, (before?.Open ?? 0) + step);

    internal static bool IsCounted(DeliveryBacklogRecord next, Id device, int step, ILedgerView view) =>
        next == Counted(device, view.Find<DeliveryBacklogRecord>(RecordKind.DeliveryBacklog, next.Id).Record, step) && next.Open >= 0;

    private static Refusal? CheckDevice(
        Transaction transaction, Versioned<DeviceRecord> found, DeviceStatement statement, ProgramRecord program, DeliveryBacklogRecord backlog) =>
        found.Record is not { } device ? new Refusal(RefusalCode.DeviceUnknown, "The device is not registered.", "device")
        : device.Program != program.Id ? new Refusal(RefusalCode.AgentSiteMismatch, "The device is assigned to another program.", "device")
        : backlog.Open > MaximumOpen ? new Refusal(RefusalCode.Busy, "Too many late deliveries of this device wait for a decision; have some decided.", "device")
        : statement.OccurredAt > transaction.DecidedAt + FieldDeliveries.MaximumClockAheadMilliseconds
            ? new Refusal(RefusalCode.ClockSkew, "The device's clock runs ahead; set it and sign again.", "occurredAt")
        : statement.Deadline <= statement.OccurredAt ? new Refusal(RefusalCode.DeadlinePassed, "The deadline lies before the delivery.", "deadline")
        : transaction.Authorisations is [var signature] && signature.Signer == device.Id && signature.RoleVersion == found.Version ? null
        : new Refusal(RefusalCode.SignatureRequired, "A delivery is signed by the device's current key.", "signature");

    private static Refusal? CheckRecord(
        Transaction transaction, Chunk chunk, DisbursementRecord disbursement, ProgramRecord program, DeviceRecord device, DeviceStatement statement)
    {
        if (chunk.Lines is not [{ AmountMinor: > 0 } line] || transaction.Writes[1] is not { Version: 1, Record: DeliveryExceptionRecord queued }
            || queued != Queued(line, statement, device, disbursement, queued.Reason, transaction.DecidedAt))
        {
            return Checks.Broken("A late delivery is queued as it was signed.");
        }

        return line.AmountMinor > device.PerBeneficiaryMinor
                ? new Refusal(RefusalCode.AgentLimitExceeded, "The amount exceeds the device's limit for one beneficiary.", "amountMinor")
            : !IsLate(queued.Reason, disbursement, program, device, statement, transaction.DecidedAt)
                ? new Refusal(RefusalCode.WrongState, "The delivery is not late; send it again.", "disbursement")
            : null;
    }

    private static DeliveryExceptionRecord Queued(
        Line line, DeviceStatement statement, DeviceRecord device, DisbursementRecord disbursement, string reason, long at) => new(
        DeliveryExceptionRecord.IdOf(device.Id, statement.Counter), disbursement.Program, disbursement.Id, device.Id, device.Member, statement.Counter, line.Account,
        line.Household, line.AmountMinor, statement.OccurredAt, reason, at, DeliveryExceptionState.Open, Id.None, "", Id.None);
}
