using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Deliveries;

/// <param name="Signature">By the device's own key over the EIP-712 Delivery; ask without it to learn what to sign.</param>
/// <param name="DeviceId">The device that delivers, yours.</param>
/// <param name="DisbursementId">A released disbursement, to be delivered in person.</param>
/// <param name="AccountId">The beneficiary's account, as the list gives it.</param>
/// <param name="Amount">In the program's unit.</param>
/// <param name="OccurredAt">Unix milliseconds by the device's clock.</param>
/// <param name="Deadline">Unix milliseconds after which it may not be ordered.</param>
/// <param name="Counter">The device's running number; each counts once.</param>
[MovesMoney]
public sealed record CreditBeneficiaryInput(
    string IdempotencyKey, Signature? Signature, Id DeviceId, Id DisbursementId, Id AccountId, MoneyInput Amount, long OccurredAt, long Deadline, ulong Counter)
    : SignedInput(IdempotencyKey, Signature);

public sealed record CreditBeneficiaryPayload : Payload
{
    /// <summary>With a refusal, the place of the delivery in the queue of late ones: it was signed, and a person decides. Null otherwise.</summary>
    public Id? ExceptionId { get; internal set; }
}

/// <summary>Field agents' work.</summary>
public sealed class DeliveryMutations(MutationRunner run, LedgerCommands commands, Access access, DeliveryExceptionReads exceptions) : IMutations
{
    /// <summary>
    /// Delivers one line of an approved and funded list to a beneficiary. What was signed and comes too late is refused and queued, once:
    /// asking again answers the same.
    /// </summary>
    [Allow(Roles.FieldAgent)]
    public async Task<CreditBeneficiaryPayload> CreditBeneficiary(CreditBeneficiaryInput input)
    {
        if (await access.FindAsync<DeviceRecord>(RecordKind.Device, input.DeviceId) is not { } device || device.Member != access.Caller.Principal
            || await access.FindAsync<ProgramRecord>(RecordKind.Program, device.Program) is not { } program)
        {
            return MutationRunner.Refused<CreditBeneficiaryPayload>(new Refusal(RefusalCode.DeviceUnknown, "This is no registered device of yours.", "deviceId"));
        }

        if (input.Amount.Mismatch(program.Unit, "amount") is { } mismatch)
        {
            return MutationRunner.Refused<CreditBeneficiaryPayload>(mismatch);
        }

        if (input.OccurredAt < 0 || input.Deadline < 0)
        {
            return MutationRunner.Refused<CreditBeneficiaryPayload>(new Refusal(RefusalCode.InvalidInput, "Times are Unix milliseconds.", "occurredAt"));
        }

        return input.Signature is not { } signature
            ? await run.AskToSignAsync<CreditBeneficiaryPayload>(new DeliveryToSign(
                device.Id, input.DisbursementId, input.AccountId, program.Unit, input.Amount.AmountMinor, FieldDeliveries.Purpose, input.OccurredAt,
                input.Deadline, input.Counter))
            : await QueuedAsync(device.Id, input, await run.RunAsync<CreditBeneficiaryPayload>(input, input.DisbursementId, (context, disbursement) => commands.DeliverAsync(
                context,
                new DeliveryRequest(
                    device.Id, disbursement, input.AccountId, input.Amount.AmountMinor, input.OccurredAt, input.Deadline, input.Counter, signature))));
    }

    private async Task<CreditBeneficiaryPayload> QueuedAsync(Id device, CreditBeneficiaryInput input, CreditBeneficiaryPayload payload)
    {
        if (payload.UserErrors is [{ Code: var code }]
            && await exceptions.FindQueuedAsync(DeliveryExceptionRecord.IdOf(device, input.Counter)) is { } queued && queued.Reason == code
            && (queued.Disbursement, queued.Account, queued.AmountMinor) == (input.DisbursementId, input.AccountId, input.Amount.AmountMinor))
        {
            payload.ExceptionId = queued.Id;
        }

        return payload;
    }
}
