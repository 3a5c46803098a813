using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Demo;

/// <summary>A vendor with its till.</summary>
/// <param name="Till">Collects redemptions and asks for settlement.</param>
internal sealed record Vendor(string Name, Actor Till, string AccountId);

/// <summary>A field agent with a registered device.</summary>
internal sealed record FieldAgent(Actor Actor, byte[] DeviceKey);

/// <summary>Everyone who takes part. Each holds their own signing key, on the client's side.</summary>
internal sealed record Cast(
    Actor Operator, string NgoId, Actor Administrator, Actor Registrar, Actor Approver, Actor Releaser, Actor Finance, IReadOnlyList<FieldAgent> Agents,
    IReadOnlyList<(string Id, string Name, Actor Member)> Donors, IReadOnlyList<Vendor> Vendors);

/// <summary>Registers everyone, as an operator and each organisation's administrator would.</summary>
internal sealed class Casting(GraphQlClient client, Actor ledgerOperator, IRandomSource random)
{
    public static readonly string[] Categories = ["food", "hygiene", "shelter"];

    private static readonly string[] DonorNames = ["Northern Relief Fund", "Harbour Foundation"];
    private static readonly string[] VendorNames = ["Mama Njeri General Store", "Lakeside Grocers", "Corner Hardware"];

    public async Task<Cast> RegisterAsync(CancellationToken cancellationToken)
    {
        var (ngo, administrator) = await OrganisationAsync("Neighbours in Need", "NGO", "ADMINISTRATOR", cancellationToken);
        Task<Actor> Member(params string[] roles) => MemberAsync(administrator, roles, cancellationToken);
        var registrar = await Member("REGISTRAR");
        var approver = await Member("APPROVER");
        var releaser = await Member("RELEASER");
        var finance = await Member("FINANCE");
        FieldAgent[] agents = [new(await Member("FIELD_AGENT"), PrivateKeys.New(random)), new(await Member("FIELD_AGENT"), PrivateKeys.New(random))];
        var donors = new List<(string, string, Actor)>();
        foreach (var name in DonorNames)
        {
            var (donor, member) = await OrganisationAsync(name, "DONOR", "READER", cancellationToken);
            donors.Add((donor, name, member));
        }

        var vendors = new List<Vendor>();
        foreach (var name in VendorNames)
        {
            var (_, till) = await OrganisationAsync(name, "VENDOR", "ADMINISTRATOR", cancellationToken, "VENDOR");
            var opened = await client.MutateAsync(till, "openAccount", new JsonObject { ["kind"] = "VENDOR" }, "account { id }", cancellationToken);
            vendors.Add(new Vendor(name, till, (string)opened["account"]!["id"]!));
        }

        return new Cast(ledgerOperator, ngo, administrator, registrar, approver, releaser, finance, agents, donors, vendors);
    }

    /// <summary>A financial service provider with its float account.</summary>
    public async Task<Vendor> ProviderAsync(string name, CancellationToken cancellationToken)
    {
        var (_, administrator) = await OrganisationAsync(name, "FINANCIAL_SERVICE_PROVIDER", "ADMINISTRATOR", cancellationToken);
        var opened = await client.MutateAsync(administrator, "openAccount", new JsonObject { ["kind"] = "FLOAT" }, "account { id }", cancellationToken);
        return new Vendor(name, administrator, (string)opened["account"]!["id"]!);
    }

    private async Task<(string Id, Actor First)> OrganisationAsync(string name, string kind, string role, CancellationToken cancellationToken, params string[] more)
    {
        var key = PrivateKeys.New(random);
        var registered = await client.MutateAsync(
            ledgerOperator,
            "registerOrganisation",
            new JsonObject
            {
                ["name"] = name,
                ["kind"] = kind,
                ["administratorAddress"] = Secp256k1.AddressOf(key).ToChecksumText(),
                ["administratorRoles"] = Texts([role, .. more]),
            },
            "organisation { id } administrator { id }",
            cancellationToken);
        return ((string)registered["organisation"]!["id"]!, await ActorAsync(ledgerOperator, (string)registered["administrator"]!["id"]!, key, cancellationToken));
    }

    private async Task<Actor> MemberAsync(Actor administrator, string[] roles, CancellationToken cancellationToken)
    {
        var key = PrivateKeys.New(random);
        var added = await client.MutateAsync(
            administrator,
            "addMember",
            new JsonObject { ["address"] = Secp256k1.AddressOf(key).ToChecksumText(), ["roles"] = Texts(roles) },
            "member { id }",
            cancellationToken);
        return await ActorAsync(administrator, (string)added["member"]!["id"]!, key, cancellationToken);
    }

    private async Task<Actor> ActorAsync(Actor by, string member, byte[] key, CancellationToken cancellationToken)
    {
        var made = await client.MutateAsync(by, "createApiKey", new JsonObject { ["memberId"] = member }, "secret", cancellationToken);
        return new Actor((string)made["secret"]!, Id.Parse(member), key);
    }

    internal static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
