using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Support;

/// <summary>A member with an API key.</summary>
/// <param name="Signer">The name under which the founding keeps the member's signing key.</param>
internal sealed record Actor(Id Member, Id Organisation, string Key, Id Signer);

/// <summary>
/// The organisations and people of one test, made over the API as a client would. Everything of one name follows from it, so that tests
/// beside each other on one ledger don't meet.
/// </summary>
internal sealed class Cast(ApiServer api, string name)
{
    private int count;

    public Actor Operator => new(api.Founding.Administrator, api.Founding.OperatorOrganisation, api.OperatorKey, api.Founding.Administrator);

    /// <summary>A fresh idempotency key.</summary>
    public string Key() => $"{name} {count++}";

    public Dictionary<string, object?> Input(params (string Name, object? Value)[] members)
    {
        var input = members.ToDictionary(member => member.Name, member => member.Value);
        input["idempotencyKey"] = Key();
        return input;
    }

    public static object Money(long amountMinor, string currency = "KES") => new { amountMinor = Text(amountMinor), currency };

    public static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public async Task<JsonElement> SignedAsync(Actor actor, string mutation, Dictionary<string, object?> input, string fields = "") =>
        ApiServer.Done(await api.SignAsync(actor.Key, actor.Signer, mutation, input, fields));

    public async Task<JsonElement> DoneAsync(Actor actor, string mutation, Dictionary<string, object?> input, string fields = "") =>
        ApiServer.Done(await api.MutateAsync(actor.Key, mutation, input, fields));

    /// <summary>An organisation with its first member.</summary>
    public async Task<Actor> OrganisationAsync(string kind, params string[] roles)
    {
        // The key's address must be known before the member's id is, so it follows from the test's own names.
        var signer = Founding.IdOf($"{name} {kind} {count++}");
        var payload = await SignedAsync(
            Operator, "registerOrganisation",
            Input(("name", $"{name} {kind}"), ("kind", kind), ("administratorAddress", api.Founding.AddressOf(signer).ToChecksumText()), ("administratorRoles", roles)),
            "organisation { id name } administrator { id roles }");
        return await ActorAsync(signer, Id(payload, "administrator"), Id(payload, "organisation"));
    }

    public Task<Actor> MemberAsync(Actor administrator, params string[] roles) => MemberAsync(administrator, administrator, roles);

    /// <summary>A member of one's organisation, added by another.</summary>
    public async Task<Actor> MemberAsync(Actor by, Actor of, params string[] roles)
    {
        var signer = Founding.IdOf($"{name} member {count++}");
        var payload = await SignedAsync(
            by, "addMember",
            Input(("address", api.Founding.AddressOf(signer).ToChecksumText()), ("organisationId", Aid.Text(of.Organisation)), ("roles", roles)), "member { id }");
        return await ActorAsync(signer, Id(payload, "member"), of.Organisation);
    }

    /// <summary>Defines a unit once for all tests.</summary>
    public async Task UnitAsync(string code = "KES", int exponent = 2)
    {
        var payload = await api.MutateAsync(Operator.Key, "defineUnit", Input(("code", code), ("exponent", exponent)));
        Assert.True(payload.GetProperty("userErrors") is var errors && (errors.GetArrayLength() == 0 || errors[0].GetProperty("code").GetString() == RefusalCode.AlreadyExists), errors.ToString());
    }

    public async Task<Id> ProgramAsync(Actor administrator) => Id(
        await SignedAsync(administrator, "createProgram", Input(("name", name), ("unit", "KES"), ("preset", "voucher")), "program { id }"), "program");

    public static Id Id(JsonElement payload, string entity) => Domain.Id.Parse(payload.GetProperty(entity).GetProperty("id").GetString()!);

    private async Task<Actor> ActorAsync(Id signer, Id member, Id organisation) =>
        new(member, organisation, (await api.Keys.CreateAsync(member, organisation)).Secret, signer);
}
