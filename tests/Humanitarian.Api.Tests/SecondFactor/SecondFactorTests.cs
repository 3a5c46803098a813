using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using OtpNet;

namespace Humanitarian.Api.Tests.SecondFactor;

/// <summary>Codes of authenticator apps for approvals and releases.</summary>
public sealed class SecondFactorTests(ApiServer api)
{
    [Fact]
    public async Task Approval_and_release_need_a_code_where_the_organisation_wants_one()
    {
        var aid = await new Aid(api, "second factor").SetUpAsync();
        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.Cast.DoneAsync(aid.Administrator, "requireSecondFactor", aid.Cast.Input(("required", true)));
        var drafted = await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "1"), ("inPerson", false),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString();
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));

        foreach (var (actor, name) in new[] { (aid.Approver, "approveDisbursement"), (aid.Releaser, "releaseDisbursement") })
        {
            var input = aid.Cast.Input(("disbursementId", id));
            ApiServer.Refused(ApiCode.SecondFactorRequired, await api.SignAsync(actor.Key, actor.Signer, name, input));
            var secret = await EnrolAsync(aid.Cast, actor);
            ApiServer.Refused(ApiCode.SecondFactorRequired, await api.SignAsync(actor.Key, actor.Signer, name, input));
            ApiServer.Done(await VerifyAsync(aid.Cast, actor.Key, Code(secret)));

            // The code opens the key that sent it, no other of the member.
            var stolen = (await api.Keys.CreateAsync(actor.Member, actor.Organisation)).Secret;
            ApiServer.Refused(ApiCode.SecondFactorRequired, await api.SignAsync(stolen, actor.Signer, name, input));
            ApiServer.Done(await api.SignAsync(actor.Key, actor.Signer, name, input));
        }

        await aid.UntilAsync(id!, "COMPLETED");
    }

    [Fact]
    public async Task Settlement_needs_a_code_too_and_other_mutations_do_not()
    {
        var aid = await new Aid(api, "factor of settlements").SetUpAsync();
        await aid.Cast.DoneAsync(aid.Administrator, "requireSecondFactor", aid.Cast.Input(("required", true)));
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(aid.Finance.Key, "approveSettlement", aid.Cast.Input(("settlementId", Aid.Text(aid.Program)), ("amount", Cast.Money(1)))));
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1))));

        // Who lifts the rule needs a code as well.
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(aid.Administrator.Key, "requireSecondFactor", aid.Cast.Input(("required", false))));
        await VerifyAsync(aid.Cast, aid.Administrator.Key, Code(await EnrolAsync(aid.Cast, aid.Administrator)));
        await aid.Cast.DoneAsync(aid.Administrator, "requireSecondFactor", aid.Cast.Input(("required", false)));
    }

    [Fact]
    public async Task Code_counts_once_and_guesses_are_counted_before_they_are_checked()
    {
        var cast = new Cast(api, "codes");
        var member = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var secret = await EnrolAsync(cast, member);
        var code = Code(secret);
        ApiServer.Done(await VerifyAsync(cast, member.Key, code));
        ApiServer.Refused(ApiCode.SecondFactorInvalid, await VerifyAsync(cast, member.Key, code));

        var guesses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => VerifyAsync(cast, member.Key, "000000x")));
        Assert.Equal(9, guesses.Count(guess => CodeOf(guess) == ApiCode.SecondFactorInvalid));
        Assert.Equal(3, guesses.Count(guess => CodeOf(guess) == ApiCode.RateLimited));
        ApiServer.Refused(ApiCode.RateLimited, await VerifyAsync(cast, member.Key, Code(secret, steps: 1)));
    }

    [Fact]
    public async Task Confirmed_app_is_replaced_after_a_code_of_it_or_once_another_administrator_has_removed_it()
    {
        var cast = new Cast(api, "lost app");
        var first = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var second = await cast.MemberAsync(first, "ADMINISTRATOR");
        var secret = await EnrolAsync(cast, second);
        await EnrolAsync(cast, second); // One that is not confirmed gives way.
        ApiServer.Refused(ApiCode.SecondFactorInvalid, await VerifyAsync(cast, second.Key, Code(secret)));
        secret = await EnrolAsync(cast, second);
        ApiServer.Done(await VerifyAsync(cast, second.Key, Code(secret)));

        var other = (await api.Keys.CreateAsync(second.Member, second.Organisation)).Secret;
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(other, "enrolSecondFactor", cast.Input()));
        ApiServer.Refused(Domain.RefusalCode.NotFound, await api.MutateAsync(second.Key, "removeSecondFactor", cast.Input(("memberId", second.Member.ToString()))));
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(other, "removeSecondFactor", cast.Input(("memberId", first.Member.ToString()))));
        ApiServer.Done(await api.MutateAsync(first.Key, "removeSecondFactor", cast.Input(("memberId", second.Member.ToString()))));
        ApiServer.Done(await api.MutateAsync(other, "enrolSecondFactor", cast.Input()));
    }

    [Fact]
    public async Task Secret_is_kept_encrypted_and_its_URI_is_an_apps()
    {
        var cast = new Cast(api, "kept secret");
        var member = await cast.OrganisationAsync("NGO", "READER");
        var payload = ApiServer.Done(await api.MutateAsync(member.Key, "enrolSecondFactor", cast.Input(), "secret uri"));
        var secret = payload.GetProperty("secret").GetString()!;
        Assert.StartsWith("otpauth://totp/", payload.GetProperty("uri").GetString(), StringComparison.Ordinal);
        var row = (await api.Files.Side.FindAsync("second-factor", member.Member.ToString()))!;
        Assert.DoesNotContain(secret, row.Json, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Base32Encoding.ToBytes(secret)), row.Json, StringComparison.Ordinal);
    }

    private async Task<string> EnrolAsync(Cast cast, Actor actor) =>
        ApiServer.Done(await api.MutateAsync(actor.Key, "enrolSecondFactor", cast.Input(), "secret")).GetProperty("secret").GetString()!;

    private Task<JsonElement> VerifyAsync(Cast cast, string key, string code) => api.MutateAsync(key, "verifySecondFactor", cast.Input(("code", code)));

    /// <summary>What an app shows now, or some steps of 30 seconds later.</summary>
    private static string Code(string secret, int steps = 0) =>
        new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30 * steps));

    private static string? CodeOf(JsonElement payload) => payload.GetProperty("userErrors")[0].GetProperty("code").GetString();
}
