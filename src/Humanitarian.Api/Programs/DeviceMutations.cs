using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Programs;

/// <param name="MemberId">The field agent.</param>
/// <param name="ProgramId">The program it delivers for.</param>
/// <param name="Site">Where it delivers; anywhere in the program when empty.</param>
/// <param name="Address">Address of the device's own key.</param>
/// <param name="PerDay">Most it may deliver in one UTC day.</param>
/// <param name="PerBeneficiary">Most it may deliver in one delivery.</param>
public sealed record RegisterDeviceInput(
    string IdempotencyKey, Signature? Signature, Id MemberId, Id ProgramId, string Site, Address Address, MoneyInput PerDay, MoneyInput PerBeneficiary)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="DeviceId">The device.</param>
public sealed record RevokeDeviceInput(string IdempotencyKey, Signature? Signature, Id DeviceId) : SignedInput(IdempotencyKey, Signature);

/// <param name="DeviceId">The device.</param>
/// <param name="Address">Address of its new key.</param>
public sealed record RotateDeviceInput(string IdempotencyKey, Signature? Signature, Id DeviceId, Address Address) : SignedInput(IdempotencyKey, Signature);

public abstract record DevicePayload : Payload
{
    /// <summary>The device; null when refused.</summary>
    public Id? DeviceId => Subject.IsNone ? null : Subject;
}

public sealed record RegisterDevicePayload : DevicePayload;

public sealed record RotateDevicePayload : DevicePayload;

public sealed record RevokeDevicePayload : DevicePayload;

/// <summary>Field agents' devices.</summary>
public sealed class DeviceMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Registers a field agent's device.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<RegisterDevicePayload> RegisterDevice(RegisterDeviceInput input) => run.RunAsync<RegisterDevicePayload>(input, null, async (context, id) =>
        await access.OwnProgramAsync(input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : (input.PerDay.Mismatch(program.Unit, "perDay") ?? input.PerBeneficiary.Mismatch(program.Unit, "perBeneficiary")) is { } mismatch
            ? await Refuse.With(mismatch)
        : await commands.ChangeRecordsAsync(context,
        [
            new DeviceRecord(
                id, program.Organisation, input.MemberId, program.Id, input.Site, input.Address, input.PerDay.AmountMinor, input.PerBeneficiary.AmountMinor, true),
        ]));

    /// <summary>
    /// Gives a device another key: what it signs with the old one counts no more, from this place on the ledger on. Its limits, what it has
    /// delivered today and its running number stay.
    /// </summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<RotateDevicePayload> RotateDevice(RotateDeviceInput input) => run.RunAsync<RotateDevicePayload>(input, input.DeviceId, async (context, id) =>
        await access.FindAsync<DeviceRecord>(RecordKind.Device, id) is not { } device || device.Organisation != access.Caller.Organisation
            ? await Refuse.NotFound("deviceId")
        : !device.Active ? await Refuse.With(new Refusal(RefusalCode.DeviceRevoked, "A revoked device gets no other key; register it anew.", "deviceId"))
        : device.Address == input.Address ? await Refuse.With(new Refusal(RefusalCode.AlreadyExists, "The device has this key already.", "address"))
        : await commands.ChangeRecordsAsync(context, [device with { Address = input.Address }]));

    /// <summary>Ends a device's right to deliver, from its place on the ledger on, whatever the device signed before.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    [Stops]
    public Task<RevokeDevicePayload> RevokeDevice(RevokeDeviceInput input) => run.RunAsync<RevokeDevicePayload>(input, input.DeviceId, async (context, id) =>
        await access.FindAsync<DeviceRecord>(RecordKind.Device, id) is { } device && device.Organisation == access.Caller.Organisation
            ? await commands.ChangeRecordsAsync(context, [device with { Active = false }])
            : await Refuse.NotFound("deviceId"));
}
