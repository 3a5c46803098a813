using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Programs;

/// <summary>Field agents' devices, over HTTP.</summary>
public sealed class DeviceTests(ApiServer api)
{
    private const string Fields = "id memberId programId site address perDay { amountMinor } perBeneficiary { amountMinor } active";

    [Fact]
    public async Task Rotated_device_delivers_with_its_new_key_and_no_more_with_the_old_one()
    {
        var aid = await new Aid(api, "device rotated").SetUpAsync();
        var next = Founding.IdOf("device rotated new key");
        var address = api.Founding.AddressOf(next).ToChecksumText();
        var input = aid.Cast.Input(("deviceId", Aid.Text(aid.Device)), ("address", address));
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Agent.Key, aid.Agent.Signer, "rotateDevice", input));
        await aid.Cast.SignedAsync(aid.Administrator, "rotateDevice", aid.Cast.Input(("deviceId", Aid.Text(aid.Device)), ("address", address)), "deviceId");
        ApiServer.Refused(RefusalCode.AlreadyExists, await api.SignAsync(
            aid.Administrator.Key, aid.Administrator.Signer, "rotateDevice", aid.Cast.Input(("deviceId", Aid.Text(aid.Device)), ("address", address))));

        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: true);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var delivery = aid.Cast.Input(
            ("deviceId", Aid.Text(aid.Device)), ("disbursementId", disbursement), ("accountId", (await aid.AccountsAsync(list))[0]), ("amount", Cast.Money(2_500)),
            ("occurredAt", Cast.Text(now)), ("deadline", Cast.Text(now + 3_600_000)), ("counter", "1"));
        ApiServer.Refused(RefusalCode.SignatureInvalid, await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", new(delivery)));
        ApiServer.Done(await api.SignAsync(aid.Agent.Key, next, "creditBeneficiary", new(delivery)));

        await aid.Cast.SignedAsync(aid.Administrator, "revokeDevice", aid.Cast.Input(("deviceId", Aid.Text(aid.Device))));
        ApiServer.Refused(RefusalCode.DeviceRevoked, await api.SignAsync(
            aid.Administrator.Key, aid.Administrator.Signer, "rotateDevice", aid.Cast.Input(("deviceId", Aid.Text(aid.Device)), ("address", api.Founding.AddressOf(aid.DeviceSigner).ToChecksumText()))));
    }

    [Fact]
    public async Task Devices_are_found_by_program_and_agent_and_an_agent_sees_their_own()
    {
        var aid = await new Aid(api, "device list").SetUpAsync();
        var other = await aid.Cast.MemberAsync(aid.Administrator, "FIELD_AGENT");
        var found = Assert.Single(await DevicesAsync(aid.Administrator, ""));
        Assert.Equal((Aid.Text(aid.Device), Aid.Text(aid.Agent.Member), "100000"), (Text(found, "id"), Text(found, "memberId"), Text(found.GetProperty("perDay"), "amountMinor")));
        Assert.Single(await DevicesAsync(aid.Agent, ""));
        Assert.Empty(await DevicesAsync(other, ""));
        Assert.Empty(await DevicesAsync(aid.Administrator, $", memberId: \"{other.Member}\""));
        Assert.Empty(await DevicesAsync(await aid.Cast.OrganisationAsync("NGO", "ADMINISTRATOR"), ""));
        const string One = $"query($id: Id!) {{ device(id: $id) {{ {Fields} }} }}";
        Assert.Equal(found.ToString(), (await api.QueryAsync(aid.Agent.Key, One, new { id = Aid.Text(aid.Device) })).GetProperty("device").ToString());
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(other.Key, One, new { id = Aid.Text(aid.Device) })).GetProperty("device").ValueKind);
    }

    private async Task<JsonElement[]> DevicesAsync(Actor actor, string filter) =>
        [.. (await api.QueryAsync(actor.Key, $"{{ devices(first: 10{filter}) {{ nodes {{ {Fields} }} }} }}")).GetProperty("devices").GetProperty("nodes").EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
