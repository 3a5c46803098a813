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

    public static readonly string[] DonorNames = ["Northern Relief Fund", "Harbour Foundation"];
    private const int AgentsOfOne = 2;
    private static readonly string[] VendorNames = ["Mama Njeri General Store", "Lakeside Grocers", "Corner Hardware"];

    public async Task<Cast> RegisterAsync(CancellationToken cancellationToken) => await NgoAsync(
        "Neighbours in Need", AgentsOfOne, await DonorsAsync(DonorNames, cancellationToken), await VendorsAsync(VendorNames, cancellationToken), cancellationToken);

    /// <summary>An NGO with a member for each role and field agents, who work with these donors and vendors.</summary>
    public async Task<Cast> NgoAsync(
        string name, int agents, IReadOnlyList<(string Id, string Name, Actor Member)> donors, IReadOnlyList<Vendor> vendors, CancellationToken cancellationToken)
    {
        var (ngo, administrator) = await OrganisationAsync(name, "NGO", "ADMINISTRATOR", cancellationToken);
        Task<Actor> Member(params string[] roles) => MemberAsync(administrator, roles, cancellationToken);
        var registrar = await Member("REGISTRAR");
        var approver = await Member("APPROVER");
        var releaser = await Member("RELEASER");
        var finance = await Member("FINANCE");
        var field = new List<FieldAgent>();
        while (field.Count < agents)
        {
            field.Add(new FieldAgent(await Member("FIELD_AGENT"), PrivateKeys.New(random)));
        }

        return new Cast(ledgerOperator, ngo, administrator, registrar, approver, releaser, finance, field, donors, vendors);
    }

    public async Task<IReadOnlyList<(string Id, string Name, Actor Member)>> DonorsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var donors = new List<(string, string, Actor)>();
        foreach (var name in names)
        {
            var (donor, member) = await OrganisationAsync(name, "DONOR", "READER", cancellationToken);
            donors.Add((donor, name, member));
        }

        return donors;
    }

    public async Task<IReadOnlyList<Vendor>> VendorsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var vendors = new List<Vendor>();
        foreach (var name in names)
        {
            var (_, till) = await OrganisationAsync(name, "VENDOR", "ADMINISTRATOR", cancellationToken, "VENDOR");
            var opened = await client.MutateAsync(till, "openAccount", new JsonObject { ["kind"] = "VENDOR" }, "account { id }", cancellationToken);
            vendors.Add(new Vendor(name, till, (string)opened["account"]!["id"]!));
        }

        return vendors;
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

    public async Task<Actor> MemberAsync(Actor administrator, string[] roles, CancellationToken cancellationToken)
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
