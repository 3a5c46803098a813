using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Programs;

/// <param name="Name">1 to 200 characters.</param>
/// <param name="Unit">Code of a defined unit.</param>
/// <param name="Preset">Name of terms that ship with the program, such as voucher; either this or <paramref name="Terms"/>.</param>
/// <param name="Terms">Terms as JSON; see docs/terms.md.</param>
public sealed record CreateProgramInput(string IdempotencyKey, Signature? Signature, string Name, string Unit, string? Preset, string? Terms)
    : SignedInput(IdempotencyKey, Signature);

public abstract record ProgramPayload : Payload
{
    /// <summary>The program as it is now; null when refused.</summary>
    public async Task<ProgramView?> Program([FromServices] Access access) =>
        await access.OwnProgramAsync(Subject) is { } record ? ProgramView.Of(record, whole: true) : null;
}

public sealed record CreateProgramPayload : ProgramPayload;

/// <param name="ProgramId">The program.</param>
/// <param name="VendorAccountId">The vendor's account.</param>
/// <param name="Categories">Goods it may sell; all when empty.</param>
/// <param name="Active">False withdraws the accreditation; true when absent.</param>
public sealed record AccreditVendorInput(string IdempotencyKey, Id ProgramId, Id VendorAccountId, IReadOnlyList<string> Categories, bool? Active)
    : MutationInput(IdempotencyKey);

public sealed record AccreditVendorPayload : Payload;

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

public abstract record DevicePayload : Payload
{
    /// <summary>The device; null when refused.</summary>
    public Id? DeviceId => Subject.IsNone ? null : Subject;
}

public sealed record RegisterDevicePayload : DevicePayload;

public sealed record RevokeDevicePayload : DevicePayload;

/// <summary>Programs, their terms, vendors and devices.</summary>
public sealed class ProgramMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Creates a program of your organisation with its pool and its return queue.</summary>
    [Allow(Roles.Administrator)]
    public Task<CreateProgramPayload> CreateProgram(CreateProgramInput input) => run.RunAsync<CreateProgramPayload>(input, null, (context, id) =>
    {
        var terms = Terms(input.Preset, input.Terms);
        if (terms.Refusal is { } refusal)
        {
            return Refuse.With(refusal);
        }

        var organisation = access.Caller.Organisation;
        var (pool, queue) = (commands.IdFor(context, 1), commands.IdFor(context, 2));
        return commands.ChangeRecordsAsync(context,
        [
            AccountRecord.Open(pool, organisation, AccountKind.ProgramPool, id),
            AccountRecord.Open(queue, organisation, AccountKind.ReturnQueue, id),
            new ProgramRecord(id, organisation, input.Name, input.Unit, terms.Value!, 1, pool, queue, true),
        ]);
    });

    /// <summary>Lets a vendor's account be paid in a program.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<AccreditVendorPayload> AccreditVendor(AccreditVendorInput input) => run.RunAsync<AccreditVendorPayload>(
        input, AccreditationRecord.IdOf(input.ProgramId, input.VendorAccountId), async (context, id) =>
            await access.OwnProgramAsync(input.ProgramId) is null
                ? await Refuse.NotFound("programId")
                : await commands.ChangeRecordsAsync(
                    context, [new AccreditationRecord(id, input.ProgramId, input.VendorAccountId, input.Categories, input.Active ?? true)]));

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

    /// <summary>Ends a device's right to deliver, from its place on the ledger on, whatever the device signed before.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    [Stops]
    public Task<RevokeDevicePayload> RevokeDevice(RevokeDeviceInput input) => run.RunAsync<RevokeDevicePayload>(input, input.DeviceId, async (context, id) =>
        await access.FindAsync<DeviceRecord>(RecordKind.Device, id) is { } device && device.Organisation == access.Caller.Organisation
            ? await commands.ChangeRecordsAsync(context, [device with { Active = false }])
            : await Refuse.NotFound("deviceId"));

    /// <summary>Terms in their canonical form, from a preset or as written.</summary>
    internal static Outcome<string> Terms(string? preset, string? terms)
    {
        if ((preset is null) == (terms is null))
        {
            return new Refusal(RefusalCode.InvalidInput, "Give either a preset or terms.", "terms");
        }

        if ((terms ?? Preset(preset!)) is not { } json)
        {
            return new Refusal(RefusalCode.InvalidInput, "There is no such preset.", "preset");
        }

        var read = TermsJson.Read(json);
        return read.Refusal is { } refusal ? refusal : TermsJson.Write(read.Value!);
    }

    private static string? Preset(string name) => name.All(c => char.IsAsciiLetterLower(c) || c == '-') ? TermsJson.Preset(name) : null;
}
