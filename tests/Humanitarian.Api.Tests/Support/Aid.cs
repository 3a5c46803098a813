using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Support;

/// <summary>A funded voucher program with its people, made over the API.</summary>
internal sealed class Aid(ApiServer api, string name)
{
    public Cast Cast { get; } = new(api, name);

    public Actor Administrator { get; private set; } = null!;

    public Actor Registrar { get; private set; } = null!;

    public Actor Approver { get; private set; } = null!;

    public Actor Releaser { get; private set; } = null!;

    public Actor Finance { get; private set; } = null!;

    public Actor Agent { get; private set; } = null!;

    public Actor Donor { get; private set; } = null!;

    public Actor Till { get; private set; } = null!;

    public Id Program { get; private set; }

    public Id Grant { get; private set; }

    public Id VendorAccount { get; private set; }

    public Id Device { get; private set; }

    public Id DeviceSigner { get; } = Founding.IdOf($"{name} device");

    public async Task<Aid> SetUpAsync()
    {
        await Cast.UnitAsync();
        Administrator = await Cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        Registrar = await Cast.MemberAsync(Administrator, "REGISTRAR");
        Approver = await Cast.MemberAsync(Administrator, "APPROVER");
        Releaser = await Cast.MemberAsync(Administrator, "RELEASER");
        Finance = await Cast.MemberAsync(Administrator, "FINANCE");
        Agent = await Cast.MemberAsync(Administrator, "FIELD_AGENT");
        Donor = await Cast.OrganisationAsync("DONOR", "READER");
        Till = await Cast.OrganisationAsync("VENDOR", "ADMINISTRATOR", "VENDOR");
        Program = await Cast.ProgramAsync(Administrator);
        Grant = Cast.Id(
            await Cast.DoneAsync(Administrator, "createGrant", Cast.Input(
                ("programId", Text(Program)), ("donorId", Text(Donor.Organisation)), ("commitment", Cast.Money(1_000_000)), ("eligibleFrom", "2020-01-01T00:00:00Z"),
                ("eligibleUntil", "2120-01-01T00:00:00Z"), ("budgetLines", new[] { new { code = "staff", limit = Cast.Money(50_000) } })), "grant { id }"),
            "grant");
        await Cast.DoneAsync(Finance, "recordReceipt", Cast.Input(("grantId", Text(Grant)), ("amount", Cast.Money(500_000))));
        VendorAccount = Cast.Id(await Cast.DoneAsync(Till, "openAccount", Cast.Input(("kind", "VENDOR"), ("tags", new[] { "shop" })), "account { id kind tags }"), "account");
        await Cast.DoneAsync(Administrator, "accreditVendor", Cast.Input(("programId", Text(Program)), ("vendorAccountId", Text(VendorAccount)), ("categories", new[] { "food" })));
        var device = await Cast.SignedAsync(
            Administrator, "registerDevice",
            Cast.Input(
                ("memberId", Text(Agent.Member)), ("programId", Text(Program)), ("site", ""), ("address", api.Founding.AddressOf(DeviceSigner).ToChecksumText()),
                ("perDay", Cast.Money(100_000)), ("perBeneficiary", Cast.Money(10_000))), "deviceId");
        Device = Id.Parse(device.GetProperty("deviceId").GetString()!);
        return this;
    }

    /// <summary>Other terms for the program: the administrator proposes them, the approver approves.</summary>
    public async Task AmendAsync(string terms)
    {
        await Cast.SignedAsync(Administrator, "proposeTerms", Cast.Input(("programId", Text(Program)), ("terms", terms)));
        await Cast.SignedAsync(Approver, "approveTerms", Cast.Input(("programId", Text(Program))));
    }

    public static string Text(Id id) => id.ToString();

    /// <summary>Rows in the project's own layout, each of 25.00 KES.</summary>
    public static string Rows(string prefix, int count, int from = 0) =>
        "household_id,size,amount,phone\n" + string.Concat(Enumerable.Range(from, count).Select(n => $"{prefix}-{n},4,25.00,+2549{n:D7}1\n"));

    public async Task<(HttpStatusCode Status, JsonElement Answer)> UploadAsync(Actor actor, string csv, string parameters = "")
    {
        var content = new StringContent(csv, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var response = await api.SendAsync(actor.Key, HttpMethod.Post, $"/lists?program={Program}{parameters}", content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task<string> ListAsync(int rows)
    {
        var (status, answer) = await UploadAsync(Registrar, Rows(name, rows));
        Assert.True(status == HttpStatusCode.OK && answer.GetProperty("rows").GetInt64() == rows, answer.ToString());
        return answer.GetProperty("listId").GetString()!;
    }

    /// <summary>Drafts, validates, approves and releases so many rows of an enrolled list.</summary>
    public async Task<string> ReleaseAsync(string list, long firstRow, long rows, bool inPerson, string? grant = null, long each = 2_500, string? purpose = null)
    {
        var total = rows * each;
        var drafted = await Cast.DoneAsync(
            Registrar, "createDisbursement",
            Cast.Input(
                ("programId", Text(Program)), ("listId", list), ("firstRow", Cast.Text(firstRow)), ("rows", Cast.Text(rows)), ("inPerson", inPerson),
                ("grants", new[] { new { grantId = grant ?? Text(Grant), amount = Cast.Money(total) } }), ("period", "2026-11"), ("assistanceKind", "food"), ("purpose", purpose)), "disbursement { id state }");
        Assert.Equal("DRAFT", drafted.GetProperty("disbursement").GetProperty("state").GetString());
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await Cast.DoneAsync(Registrar, "validateDisbursement", Cast.Input(("disbursementId", id)));
        await Cast.SignedAsync(Approver, "approveDisbursement", Cast.Input(("disbursementId", id)));
        await Cast.SignedAsync(Releaser, "releaseDisbursement", Cast.Input(("disbursementId", id)));
        return id;
    }

    /// <summary>Waits until a disbursement is in a state, by asking; fails after a minute.</summary>
    public async Task<JsonElement> UntilAsync(string disbursement, string state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            var found = (await api.QueryAsync(
                Registrar.Key, "query($id: Id!) { disbursement(id: $id) { state paidLines paid { amountMinor currency exponent } } }", new { id = disbursement }))
                .GetProperty("disbursement");
            if (found.GetProperty("state").GetString() == state)
            {
                return found;
            }
        }

        throw new InvalidOperationException();
    }

    /// <summary>Accounts of a list's rows, in order.</summary>
    public async Task<string[]> AccountsAsync(string list) =>
        [.. (await api.QueryAsync(Registrar.Key, "query($id: Id!) { listRows(listId: $id, first: 100) { nodes { accountId } } }", new { id = list }))
            .GetProperty("listRows").GetProperty("nodes").EnumerateArray().Select(row => row.GetProperty("accountId").GetString()!)];
}
