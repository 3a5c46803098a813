using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Organisations;

/// <summary>How people come in, who stands in for whom, and where roles count, over HTTP.</summary>
public sealed class PeopleTests(ApiServer api)
{
    [Fact]
    public async Task Invited_member_joins_once_with_their_own_key_however_many_hold_the_code()
    {
        var cast = new Cast(api, "invitation");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var input = cast.Input(("roles", new[] { "APPROVER" }), ("expiresAt", Days(7)));
        var invited = await cast.SignedAsync(administrator, "createInvitation", input, "code invitation { id state roles }");
        var code = invited.GetProperty("code").GetString()!;
        Assert.Equal("""{"state":"OPEN","roles":["APPROVER"]}""", Without(invited.GetProperty("invitation"), "id"));
        var again = ApiServer.Done(await api.MutateAsync(administrator.Key, "createInvitation", input, "code"));
        Assert.Equal((true, JsonValueKind.Null), (again.GetProperty("replayed").GetBoolean(), again.GetProperty("code").ValueKind));

        Id[] signers = [.. Enumerable.Range(0, 4).Select(n => Founding.IdOf($"invited {n}"))];
        var joined = await Task.WhenAll(signers.Select(signer => JoinAsync(code, signer)));
        var (_, member) = Assert.Single(joined, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(joined.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, RefusalCode.InvitationEnded), (answer.Status, answer.Answer.GetProperty("code").GetString())));
        var me = (await api.QueryAsync(member.GetProperty("apiKey").GetString()!, "{ me { id roles organisationId } }")).GetProperty("me");
        Assert.Equal("""["APPROVER"]""", me.GetProperty("roles").ToString());
        Assert.Equal((member.GetProperty("memberId").GetString(), Aid.Text(administrator.Organisation)), (me.GetProperty("id").GetString(), me.GetProperty("organisationId").GetString()));
        var listed = (await api.QueryAsync(administrator.Key, "{ invitations(first: 10) { nodes { state } } }")).GetProperty("invitations").GetProperty("nodes");
        Assert.Equal("""[{"state":"JOINED"}]""", listed.ToString());
    }

    [Fact]
    public async Task Wrong_withdrawn_and_unsigned_codes_bring_nobody_in()
    {
        var cast = new Cast(api, "withdrawn");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var invited = await cast.SignedAsync(
            administrator, "createInvitation", cast.Input(("roles", new[] { "RELEASER" }), ("expiresAt", Days(7))), "code invitation { id }");
        var code = invited.GetProperty("code").GetString()!;
        await RefusedAsync(HttpStatusCode.NotFound, RefusalCode.InvitationUnknown, new { code = code[..^2] + (code.EndsWith("AA", StringComparison.Ordinal) ? "BA" : "AA"), address = Address("x") });
        await RefusedAsync(HttpStatusCode.NotFound, RefusalCode.InvitationUnknown, new { code = "inv_no" });
        await RefusedAsync(HttpStatusCode.NotFound, RefusalCode.InvitationUnknown, new { code = "inv_!!" });
        await RefusedAsync(HttpStatusCode.BadRequest, RefusalCode.InvalidInput, new { address = Address("x") });
        await RefusedAsync(HttpStatusCode.BadRequest, RefusalCode.InvalidInput, new { code, address = "0x1" });
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, RefusalCode.InvalidInput, new { code });
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, RefusalCode.SignatureInvalid, new { code, address = Address("x"), signature = $"0x{new string('1', 128)}1b" });

        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(
            (await cast.OrganisationAsync("NGO", "ADMINISTRATOR")).Key, "withdrawInvitation", cast.Input(("invitationId", Aid.Text(Cast.Id(invited, "invitation"))))));
        await cast.SignedAsync(administrator, "withdrawInvitation", cast.Input(("invitationId", Aid.Text(Cast.Id(invited, "invitation")))));
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, RefusalCode.InvitationEnded, new { code, address = Address("x") });
    }

    [Fact]
    public async Task Who_never_signs_joins_by_the_code_alone()
    {
        var cast = new Cast(api, "reader invited");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var invited = await cast.SignedAsync(administrator, "createInvitation", cast.Input(("roles", new[] { "READER" }), ("expiresAt", Days(1))), "code");
        var (status, answer) = await PostAsync(new { code = invited.GetProperty("code").GetString() });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""["READER"]""", (await api.QueryAsync(answer.GetProperty("apiKey").GetString()!, "{ me { roles } }")).GetProperty("me").GetProperty("roles").ToString());
    }

    [Fact]
    public async Task Acting_member_decides_for_the_absent_one_in_time_and_within_scope_only()
    {
        var aid = await new Aid(api, "acting").SetUpAsync();
        var cast = aid.Cast;
        var elsewhere = await cast.ProgramAsync(aid.Administrator);
        var disbursement = await DraftAsync(aid);
        ApiServer.Refused(RefusalCode.Forbidden, await ApproveAsync(aid.Finance, aid, disbursement));
        await cast.SignedAsync(aid.Administrator, "appointActing", cast.Input(
            ("memberId", Aid.Text(aid.Finance.Member)), ("forMemberId", Aid.Text(aid.Approver.Member)), ("roles", new[] { "APPROVER" }), ("from", Days(-1)), ("until", Days(1))));
        Assert.Equal(
            """[{"roles":["APPROVER"]}]""", (await api.QueryAsync(aid.Finance.Key, "{ me { acting { roles } } }")).GetProperty("me").GetProperty("acting").ToString());

        await ScopeAsync(aid, elsewhere);
        ApiServer.Refused(RefusalCode.OutOfScope, await ApproveAsync(aid.Finance, aid, disbursement));
        await ScopeAsync(aid, aid.Program);
        var ended = cast.Input(("memberId", Aid.Text(aid.Finance.Member)), ("forMemberId", Aid.Text(aid.Approver.Member)), ("until", Days(-1)));
        ApiServer.Done(await ApproveAsync(aid.Finance, aid, disbursement));
        await cast.SignedAsync(aid.Administrator, "endActing", ended);
        ApiServer.Refused(RefusalCode.Forbidden, await ApproveAsync(aid.Finance, aid, disbursement));
    }

    private static async Task<string> DraftAsync(Aid aid)
    {
        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "1"), ("inPerson", false),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));
        return id;
    }

    private Task<JsonElement> ApproveAsync(Actor actor, Aid aid, string disbursement) =>
        api.SignAsync(actor.Key, actor.Signer, "approveDisbursement", aid.Cast.Input(("disbursementId", disbursement)));

    private static Task ScopeAsync(Aid aid, Id program) => aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(
        ("memberId", Aid.Text(aid.Finance.Member)), ("scope", new { programIds = new[] { Aid.Text(program) }, areas = Array.Empty<string>() })));

    private static string Days(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("O");

    private string Address(string name) => api.Founding.AddressOf(Founding.IdOf(name)).ToChecksumText();

    private static string Without(JsonElement of, string name) =>
        JsonSerializer.Serialize(of.EnumerateObject().Where(member => member.Name != name).ToDictionary(member => member.Name, member => member.Value));

    /// <summary>Asks to learn what to sign, signs with the own key, asks again.</summary>
    private async Task<(HttpStatusCode Status, JsonElement Answer)> JoinAsync(string code, Id signer)
    {
        var address = api.Founding.AddressOf(signer).ToChecksumText();
        var (status, asked) = await PostAsync(new { code, address });
        if (status != HttpStatusCode.UnprocessableEntity || asked.GetProperty("code").GetString() != RefusalCode.SignatureRequired)
        {
            return (status, asked);
        }

        var words = asked.GetProperty("toSign").GetProperty("message");
        var decision = new DecisionToSign(
            words.GetProperty("action").GetString()!, Hash32.Parse(words.GetProperty("object").GetString()!), 0,
            uint.Parse(words.GetProperty("roleVersion").GetString()!, CultureInfo.InvariantCulture));
        return await PostAsync(new { code, address, signature = api.Founding.Sign(signer, decision).ToString() });
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(object body)
    {
        using var response = await api.SendAsync(null, HttpMethod.Post, "/join", JsonContent.Create(body));
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task RefusedAsync(HttpStatusCode status, string code, object body)
    {
        var answer = await PostAsync(body);
        Assert.Equal((status, code), (answer.Status, answer.Answer.GetProperty("code").GetString()));
    }
}
