using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Organisations;

/// <summary>Roles taken in emergencies, and screening, over HTTP.</summary>
public sealed class SafeguardTests(ApiServer api)
{
    [Fact]
    public async Task Role_is_taken_in_an_emergency_and_blocks_the_next_until_it_is_reviewed()
    {
        var aid = await new Aid(api, "emergency").SetUpAsync();
        var cast = aid.Cast;
        var auditor = await cast.MemberAsync(aid.Administrator, "AUDITOR");
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await cast.DoneAsync(aid.Registrar, "createDisbursement", cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "1"), ("inPerson", false),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString();
        var disbursement = ("disbursementId", (object?)id);
        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(disbursement));

        ApiServer.Refused(RefusalCode.WrongState, await TakeAsync(aid, id!));
        await AddRuleAsync(aid, new JsonObject { ["rule"] = "breakGlass", ["maximumMinor"] = 5_000, ["seconds"] = 86_400 });
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "approveDisbursement", cast.Input(disbursement)));
        var taken = ApiServer.Done(await TakeAsync(aid, id!)).GetProperty("emergency");
        Assert.Equal("5000", taken.GetProperty("capMinor").GetString());
        await cast.SignedAsync(aid.Finance, "approveDisbursement", cast.Input(disbursement));

        var listed = Assert.Single((await api.QueryAsync(auditor.Key, "{ emergencies(first: 10) { nodes { memberId role reason reviewedBy } } }"))
            .GetProperty("emergencies").GetProperty("nodes").EnumerateArray());
        Assert.Equal((Aid.Text(aid.Finance.Member), "APPROVER", JsonValueKind.Null), (
            listed.GetProperty("memberId").GetString(), listed.GetProperty("role").GetString(), listed.GetProperty("reviewedBy").ValueKind));
        ApiServer.Refused(RefusalCode.ReviewDue, await TakeAsync(aid, id!));
        var review = new (string, object?)[] { ("emergencyId", taken.GetProperty("id").GetString()), ("justified", true), ("review", "The list was short and right.") };
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "reviewEmergency", cast.Input(review)));
        var reviewed = await cast.SignedAsync(auditor, "reviewEmergency", cast.Input(review), "emergency { reviewedBy justified }");
        Assert.Equal(Aid.Text(auditor.Member), reviewed.GetProperty("emergency").GetProperty("reviewedBy").GetString());
        ApiServer.Done(await TakeAsync(aid, id!));
    }

    [Fact]
    public async Task Vendor_is_accredited_only_once_screened_and_beneficiaries_never_are()
    {
        var aid = await new Aid(api, "screening").SetUpAsync();
        var cast = aid.Cast;
        await AddRuleAsync(aid, new JsonObject { ["rule"] = "screened", ["lists"] = new JsonArray("UN") });
        var accreditation = new (string, object?)[] { ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("categories", Array.Empty<string>()) };
        ApiServer.Refused(RefusalCode.ScreeningRequired, await api.MutateAsync(aid.Administrator.Key, "accreditVendor", cast.Input(accreditation)));
        ApiServer.Done(await ScreenAsync(aid, Aid.Text(aid.Till.Organisation), "CLEAR"));
        await cast.DoneAsync(aid.Administrator, "accreditVendor", cast.Input(accreditation));
        ApiServer.Done(await ScreenAsync(aid, Aid.Text(aid.Till.Organisation), "HIT"));
        ApiServer.Refused(RefusalCode.ScreeningRequired, await api.MutateAsync(aid.Administrator.Key, "accreditVendor", cast.Input(accreditation)));

        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        ApiServer.Refused(RefusalCode.ScreeningForbidden, await ScreenAsync(aid, (await aid.AccountsAsync(list))[0], "CLEAR"));
        Assert.Equal(
            """[{"subjectId":"ID","list":"UN","outcome":"HIT"}]""".Replace("ID", Aid.Text(aid.Till.Organisation), StringComparison.Ordinal),
            (await api.QueryAsync(aid.Finance.Key, "{ screenings(first: 10) { nodes { subjectId list outcome } } }")).GetProperty("screenings").GetProperty("nodes").ToString());
    }

    [Fact]
    public async Task Program_that_follows_a_working_group_pays_its_values_and_the_group_exports_who_does_what()
    {
        var aid = await new Aid(api, "guidance").SetUpAsync();
        var cast = aid.Cast;
        var group = await cast.OrganisationAsync("WORKING_GROUP", "ADMINISTRATOR");
        ApiServer.Refused(RefusalCode.Forbidden, await PublishAsync(aid, aid.Administrator, 2_500));
        ApiServer.Done(await PublishAsync(aid, group, 2_500));
        Assert.Equal(HttpStatusCode.NotFound, await FiveWAsync(aid, group));
        await AddRuleAsync(aid, new JsonObject { ["rule"] = "harmonised", ["group"] = Aid.Text(group.Organisation), ["deviation"] = "" });
        Assert.Equal(HttpStatusCode.OK, await FiveWAsync(aid, group));
        Assert.Equal(HttpStatusCode.NotFound, await FiveWAsync(aid, await cast.OrganisationAsync("WORKING_GROUP", "ADMINISTRATOR")));
        Assert.Equal(
            """[{"assistanceKind":"food","period":"MONTH","values":[{"persons":4,"amount":{"amountMinor":"2500"}}]}]""",
            (await api.QueryAsync(
                aid.Donor.Key, "query($id: Id!) { guidance(groupId: $id, first: 10) { nodes { assistanceKind period values { persons amount { amountMinor } } } } }",
                new { id = Aid.Text(group.Organisation) })).GetProperty("guidance").GetProperty("nodes").ToString());

        var list = await aid.ListAsync(2);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        Assert.Equal("1", (await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 1, inPerson: false), "COMPLETED")).GetProperty("paidLines").ToString());
        ApiServer.Done(await PublishAsync(aid, group, 3_000));
        Assert.Equal("0", (await aid.UntilAsync(await aid.ReleaseAsync(list, 1, 1, inPerson: false), "COMPLETED")).GetProperty("paidLines").ToString());
    }

    private Task<JsonElement> PublishAsync(Aid aid, Actor actor, long amountMinor)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return api.SignAsync(actor.Key, actor.Signer, "publishGuidance", aid.Cast.Input(
            ("assistanceKind", "food"), ("unit", "KES"), ("period", "MONTH"), ("from", Text(today)), ("until", Text(today.AddDays(90))),
            ("values", new[] { new { persons = 4, amount = Cast.Money(amountMinor) } })));
    }

    private async Task<HttpStatusCode> FiveWAsync(Aid aid, Actor actor)
    {
        using var response = await api.SendAsync(actor.Key, HttpMethod.Get, $"/exports/5w/{aid.Program}");
        return response.StatusCode;
    }

    private static string Text(DateOnly day) => day.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private Task<JsonElement> TakeAsync(Aid aid, string subject) => api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "breakGlass", aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("subjectId", subject), ("role", "APPROVER"), ("until", TimeProvider.System.GetUtcNow().AddHours(1).ToString("O")),
        ("reason", "The approver cannot be reached.")), "emergency { id capMinor }");

    private Task<JsonElement> ScreenAsync(Aid aid, string subject, string outcome)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return api.MutateAsync(aid.Finance.Key, "recordScreening", aid.Cast.Input(
            ("subjectId", subject), ("list", "UN"), ("on", Text(today)), ("outcome", outcome), ("validUntil", Text(today.AddDays(90)))));
    }

    private async Task AddRuleAsync(Aid aid, JsonObject rule)
    {
        var terms = (await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { program(id: $id) { terms } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("program").GetProperty("terms").GetString()!;
        var changed = JsonNode.Parse(terms)!;
        changed["rules"]!.AsArray().Add(rule);
        await aid.AmendAsync(changed.ToJsonString());
    }
}
