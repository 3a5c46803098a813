using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Households;

/// <summary>Who is enrolled leaves a program, comes back and moves.</summary>
public sealed class EnrolmentTests(ApiServer api)
{
    private const string Fields = "enrolment { accountId site active enrolledBy }";

    [Fact]
    public async Task Who_is_withdrawn_spends_what_they_have_is_paid_nothing_new_and_may_be_enrolled_again()
    {
        var aid = await new Aid(api, "withdrawn enrolment").SetUpAsync();
        var list = await aid.ListAsync(1);
        await EnrolAsync(aid, list);
        var account = (await aid.AccountsAsync(list))[0];
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 1, inPerson: false), "COMPLETED");
        var later = await DraftAsync(aid, list);

        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Approver.Key, "withdrawEnrolment", Input(aid, account), Fields));
        var input = Input(aid, account);
        var withdrawn = ApiServer.Done(await api.MutateAsync(aid.Registrar.Key, "withdrawEnrolment", input, Fields)).GetProperty("enrolment");
        Assert.Equal((account, false), (withdrawn.GetProperty("accountId").GetString(), withdrawn.GetProperty("active").GetBoolean()));
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Registrar.Key, "withdrawEnrolment", input)).GetProperty("replayed").GetBoolean());
        ApiServer.Refused(RefusalCode.NotEnrolled, await api.MutateAsync(aid.Registrar.Key, "withdrawEnrolment", Input(aid, account)));
        ApiServer.Refused(RefusalCode.NotEnrolled, await api.MutateAsync(aid.Registrar.Key, "moveEnrolment", Input(aid, account, "north")));

        ApiServer.Refused(RefusalCode.NotEnrolled, await ValidateAsync(aid, later));
        ApiServer.Done(await api.MutateAsync(aid.Till.Key, "redeemVoucher", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", account), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(1_000)),
            ("categories", new[] { "food" }), ("receiptHash", $"0x{new string('1', 64)}"))));

        // A list is enrolled once; another one names the same person and one more.
        var again = await aid.ListAsync(2);
        await EnrolAsync(aid, again);
        Assert.Equal(account, (await aid.AccountsAsync(again))[0]);
        ApiServer.Done(await ValidateAsync(aid, later));
    }

    [Fact]
    public async Task Who_moves_is_enrolled_at_the_other_site_by_who_enrolled_them()
    {
        var aid = await new Aid(api, "moved enrolment").SetUpAsync();
        var account = await SitedAsync(aid, "north");
        var second = await aid.Cast.MemberAsync(aid.Administrator, "REGISTRAR");
        var moved = ApiServer.Done(await api.MutateAsync(second.Key, "moveEnrolment", Input(aid, account, " south "), Fields)).GetProperty("enrolment");
        Assert.Equal(("south", true, Aid.Text(aid.Registrar.Member)), (
            moved.GetProperty("site").GetString(), moved.GetProperty("active").GetBoolean(), moved.GetProperty("enrolledBy").GetString()));
        var listed = await api.QueryAsync(
            aid.Registrar.Key, "query($id: Id!) { enrolments(programId: $id, first: 10, site: \"south\") { nodes { accountId } } }", new { id = Aid.Text(aid.Program) });
        Assert.Equal(account, listed.GetProperty("enrolments").GetProperty("nodes")[0].GetProperty("accountId").GetString());
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Registrar.Key, "moveEnrolment", Input(aid, account, new string('s', 101))));
    }

    [Fact]
    public async Task Registrar_of_an_area_neither_takes_from_another_nor_gives_to_it()
    {
        var aid = await new Aid(api, "scoped enrolment").SetUpAsync();
        var account = await SitedAsync(aid, "north");
        var south = await aid.Cast.MemberAsync(aid.Administrator, "REGISTRAR");
        await ScopeAsync(aid, south, "south");
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(south.Key, "withdrawEnrolment", Input(aid, account)));
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(south.Key, "moveEnrolment", Input(aid, account, "south")));
        var north = await aid.Cast.MemberAsync(aid.Administrator, "REGISTRAR");
        await ScopeAsync(aid, north, "north");
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(north.Key, "moveEnrolment", Input(aid, account, "south")));
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(north.Key, "moveEnrolment", Input(aid, account, "")));
        await ScopeAsync(aid, north, "north", "south");
        ApiServer.Done(await api.MutateAsync(north.Key, "moveEnrolment", Input(aid, account, "south")));
        ApiServer.Done(await api.MutateAsync(south.Key, "withdrawEnrolment", Input(aid, account)));
    }

    [Fact]
    public async Task Nobody_of_another_organisation_is_withdrawn_or_moved()
    {
        var (aid, stranger) = (await new Aid(api, "own enrolment").SetUpAsync(), await new Aid(api, "foreign enrolment").SetUpAsync());
        var account = await SitedAsync(aid, "north");
        foreach (var mutation in new[] { "withdrawEnrolment", "moveEnrolment" })
        {
            var site = mutation == "moveEnrolment" ? "south" : null;
            ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Registrar.Key, mutation, Input(aid, account, site)));
            ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Registrar.Key, mutation, Input(stranger, account, site)));
        }
    }

    private static Dictionary<string, object?> Input(Aid aid, string account, string? site = null)
    {
        var input = aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("accountId", account));
        if (site is not null)
        {
            input["site"] = site;
        }

        return input;
    }

    private static Task<JsonElement> EnrolAsync(Aid aid, string list) =>
        aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));

    private static async Task<string> SitedAsync(Aid aid, string site)
    {
        var (_, answer) = await aid.UploadAsync(aid.Registrar, $"household_id,size,amount,site\n{aid.Cast.Key()},4,25.00,{site}\n");
        var list = answer.GetProperty("listId").GetString()!;
        await EnrolAsync(aid, list);
        return (await aid.AccountsAsync(list))[0];
    }

    private static async Task<string> DraftAsync(Aid aid, string list) => (await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-12"), ("assistanceKind", "food"),
        ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } })), "disbursement { id }")).GetProperty("disbursement").GetProperty("id").GetString()!;

    private Task<JsonElement> ValidateAsync(Aid aid, string disbursement) =>
        api.MutateAsync(aid.Registrar.Key, "validateDisbursement", aid.Cast.Input(("disbursementId", disbursement)));

    private static Task<JsonElement> ScopeAsync(Aid aid, Actor member, params string[] areas) => aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(
        ("memberId", Aid.Text(member.Member)), ("scope", new { programIds = Array.Empty<string>(), areas })));
}
