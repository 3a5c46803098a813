using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;

namespace Humanitarian.Api.Tests.Disbursements;

/// <summary>An auditor's sample over HTTP: what waits for it, and that its file is what anybody draws.</summary>
public sealed class SampleTests(ApiServer api)
{
    private const string Secret = "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private const string Fields = "sample { id state lines secret nonce seed }";

    [Fact]
    public async Task A_large_disbursement_waits_for_its_sample_and_the_file_is_what_anybody_draws()
    {
        var (aid, auditor) = await SetUpAsync("sampled");
        var cast = aid.Cast;
        var (disbursement, accounts) = await DraftAsync(aid, 12);
        Dictionary<string, object?> Of(params (string, object?)[] more) => cast.Input([("disbursementId", disbursement), .. more]);

        ApiServer.Refused(RefusalCode.SampleDue, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "approveDisbursement", Of()));
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "commitSample", Commitment(Of())));
        var committed = (await cast.SignedAsync(auditor, "commitSample", Commitment(Of()), Fields)).GetProperty("sample");
        Assert.Equal(("COMMITTED", JsonValueKind.Null), (Text(committed, "state"), committed.GetProperty("secret").ValueKind));
        Assert.Equal(JsonValueKind.Null, committed.GetProperty("nonce").ValueKind);
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(auditor.Key, auditor.Signer, "revealSample", Of(("secret", Secret)), Fields));
        await cast.SignedAsync(aid.Approver, "approveDisbursement", Of());
        ApiServer.Refused(RefusalCode.SampleDue, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "releaseDisbursement", Of()));
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(auditor.Key, HttpMethod.Get, $"/exports/samples/{disbursement}")).StatusCode);
        var revealed = (await cast.SignedAsync(auditor, "revealSample", Of(("secret", Secret)), Fields)).GetProperty("sample");
        Assert.Equal(("REVEALED", Secret), (Text(revealed, "state"), Text(revealed, "secret")));

        var root = Text((await api.QueryAsync(auditor.Key, "query($id: Id!) { disbursement(id: $id) { listRoot sample { id } } }", new { id = disbursement })).GetProperty("disbursement"), "listRoot");
        var seed = SampleDraw.SeedOf(Hash32.Parse(root), Id.Parse(Text(revealed, "nonce")), Hash32.Parse(Secret));
        Assert.Equal(seed.ToString(), Text(revealed, "seed"));
        var file = (await (await api.SendAsync(auditor.Key, HttpMethod.Get, $"/exports/samples/{disbursement}")).Content.ReadAsStringAsync()).TrimEnd().Split("\r\n".ToCharArray(), StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(SampleDraw.Draw(seed, 12, 3).Select(place => $"{place + 1},{accounts[place]}"), file[1..].Select(line => string.Join(',', line.Split(',')[..2])));
        Assert.Equal(3, file.Length - 1);
        Assert.Contains(($"export of the sample {disbursement}", Aid.Text(auditor.Member)), await AccessLogTests.LooksAsync(api, aid.Administrator, accounts[0]));
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(auditor.Key, HttpMethod.Get, $"/exports/samples/{disbursement}?format=xlsx")).StatusCode);

        ApiServer.Refused(RefusalCode.SampleDue, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "releaseDisbursement", Of()));
        await cast.SignedAsync(auditor, "recordSampleResult", Of(("passed", true)), Fields);
        await cast.SignedAsync(aid.Releaser, "releaseDisbursement", Of());
        Assert.Equal("12", Text(await aid.UntilAsync(disbursement, "COMPLETED"), "paidLines"));
    }

    [Fact]
    public async Task A_failed_sample_stops_the_release_until_another_approver_has_signed()
    {
        var (aid, auditor) = await SetUpAsync("sample failed");
        var cast = aid.Cast;
        var (disbursement, _) = await DraftAsync(aid, 3);
        Dictionary<string, object?> Of(params (string, object?)[] more) => cast.Input([("disbursementId", disbursement), .. more]);
        await cast.SignedAsync(auditor, "commitSample", Commitment(Of()), Fields);
        await cast.SignedAsync(aid.Approver, "approveDisbursement", Of());
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(auditor.Key, auditor.Signer, "commitSample", Commitment(Of()), Fields));
        await cast.SignedAsync(auditor, "revealSample", Of(("secret", Secret)), Fields);
        ApiServer.Refused(RefusalCode.InvalidInput, await api.SignAsync(auditor.Key, auditor.Signer, "recordSampleResult", Of(("passed", false)), Fields));
        var failed = (await cast.SignedAsync(auditor, "recordSampleResult", Of(("passed", false), ("reason", "GHOSTS")), Fields)).GetProperty("sample");
        Assert.Equal("FAILED", Text(failed, "state"));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "releaseDisbursement", Of()));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "approveDisbursement", Of()));
        var second = await cast.MemberAsync(aid.Administrator, "APPROVER");
        await cast.SignedAsync(second, "approveDisbursement", Of());
        await cast.SignedAsync(aid.Releaser, "releaseDisbursement", Of());
    }

    private async Task<(Aid Aid, Actor Auditor)> SetUpAsync(string name)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var terms = Text((await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { program(id: $id) { terms } }", new { id = Aid.Text(aid.Program) })).GetProperty("program"), "terms");
        var audited = terms.Insert(terms.LastIndexOf(']'), """,{"rule":"auditedSample","fromMinor":5000,"lines":3}""");
        await aid.AmendAsync(audited);
        return (aid, await aid.Cast.MemberAsync(aid.Administrator, "AUDITOR"));
    }

    private static Dictionary<string, object?> Commitment(Dictionary<string, object?> input)
    {
        input["commitment"] = "0x" + Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(Secret[2..])));
        input["lines"] = 3;
        return input;
    }

    private static async Task<(string Disbursement, string[] Accounts)> DraftAsync(Aid aid, int rows)
    {
        var cast = aid.Cast;
        var list = await aid.ListAsync(rows);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-11"), ("assistanceKind", "food"),
                ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(rows * 2_500L) } })), "disbursement { id }");
        var id = Text(drafted.GetProperty("disbursement"), "id");
        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", id)));
        return (id, await aid.AccountsAsync(list));
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
