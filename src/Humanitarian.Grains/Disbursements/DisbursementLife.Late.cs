using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Grains.Disbursements;

internal sealed partial class DisbursementLife
{
    private const int LatePage = 500;

    // Each counts the device's backlog, so two at once would only make each other try again. Callers are admitted before: no endless queue.
    private readonly SemaphoreSlim queueing = new(1);

    /// <summary>What the device's agent was answered when its counter was queued; null for one that was not, and for anybody else.</summary>
    private async Task<CommandResult?> QueuedBeforeAsync(Id principal, DeliveryRequest delivery) =>
        (await services.Reader.FindAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, DeliveryExceptionRecord.IdOf(delivery.Device, delivery.Counter))).Record
            is not { } queued || queued.Agent != principal ? null
        : (queued.Disbursement, queued.Account, queued.AmountMinor, queued.OccurredAt) == (Id, delivery.Account, delivery.AmountMinor, delivery.OccurredAt)
            ? CommandResult.Refused(Queued(queued.Reason))
            : CommandResult.Refused(CounterReplayed());

    /// <summary>
    /// A late delivery waits for a person; anything else stays refused as it was, such as a line that was delivered before, and all of a unit, which is not
    /// done. A signature that is not the device's is told so, and queues nothing.
    /// </summary>
    private async Task<CommandResult> QueueAsync(CommandContext context, DeliveryRequest delivery, Chunk chunk, CommandResult refused)
    {
        var statement = new DeviceStatement(delivery.Device, delivery.OccurredAt, delivery.Deadline, delivery.Counter);
        if (context.DryRun || context.OfUnit || refused.Refusal is not { } refusal || await RecordAsync() is not { } record || await ProgramAsync(record.Program) is not { } program
            || (await services.Reader.FindAsync<DeviceRecord>(RecordKind.Device, delivery.Device)).Record is not { } device
            || !LateDeliveries.IsLate(refusal.Code, record, program, device, statement, services.Now))
        {
            return refused;
        }

        var line = services.Identity.ClaimKey.DisbursementLine(Id, delivery.Account);
        if (refusal.Code == RefusalCode.AlreadyAssisted && (await services.Reader.ClaimsAsync([line])).ContainsKey(line))
        {
            return refused;
        }

        var unproven = await UnprovenAsync(context.Principal, delivery, program, device);
        if (unproven is not null)
        {
            return CommandResult.Refused(unproven);
        }

        await queueing.WaitAsync();
        try
        {
            // It is no command of its own: whoever asks again with any key is answered by the device's counter.
            var ran = await runner.RunAsync(null, new Command(
                context with { Key = "" },
                (scope, view, _) => LateDeliveries.Decide(
                    Id, chunk, statement, new Authorisation(device.Id, view.Peek<DeviceRecord>(RecordKind.Device, device.Id).Version, delivery.Signature), refusal.Code, scope, view))
            {
                Taken = (_, _) => CounterReplayed(),
            });
            return ran.Result.Refusal is null ? CommandResult.Refused(Queued(refusal.Code)) : await QueuedBeforeAsync(context.Principal, delivery) ?? ran.Result;
        }
        finally
        {
            queueing.Release();
        }
    }

    private async Task<Refusal?> UnprovenAsync(Id principal, DeliveryRequest delivery, ProgramRecord program, DeviceRecord device)
    {
        var digest = SignedObjects.Digest(services.Identity.Domain, new DeliveryToSign(
            device.Id, Id, delivery.Account, program.Unit, delivery.AmountMinor, FieldDeliveries.Purpose, delivery.OccurredAt, delivery.Deadline, delivery.Counter));
        var claim = services.Identity.ClaimKey.DeviceCounter(delivery.Device, delivery.Counter);
        return !Secp256k1.Verify(digest, delivery.Signature, device.Address)
                ? new Refusal(RefusalCode.SignatureInvalid, "The signature is not by the device's key; sign the given typed data and ask again.", "signature")
            : (await services.Reader.ClaimsAsync([claim])).ContainsKey(claim) && await QueuedBeforeAsync(principal, delivery) is null ? CounterReplayed()
            : null;
    }

    /// <summary>The late deliveries of this list that were paid, by their accounts, and what paid each.</summary>
    private async Task<Dictionary<Id, Id>> PaidLateAsync(DisbursementRecord record)
    {
        var paid = new Dictionary<Id, Id>();
        Id? after = null;
        while (await services.Reader.ListAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, record.Program, after, LatePage) is { Count: > 0 } page)
        {
            foreach (var late in page.Where(late => late.Disbursement == Id && late.State == DeliveryExceptionState.Accepted))
            {
                paid[late.Account] = late.PaidBy;
            }

            after = page[^1].Id;
        }

        return paid;
    }

    private static Refusal Queued(string reason) =>
        new(reason, "It is too late to pay this delivery; it waits for an approver's decision in the program's delivery exceptions.", "disbursementId");

    private static Refusal CounterReplayed() => new(RefusalCode.DeviceCounterReplayed, "The device has used this counter; sign with the next one.", "counter");
}
