using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Organisations;

/// <summary>What stops a program, and what its members must agree on, over HTTP.</summary>
public sealed class GovernanceTests(ApiServer api)
{
    [Fact]
    public async Task Stopped_program_or_vendor_redeems_nothing_until_two_members_resumed()
    {
        var aid = await new Aid(api, "stops").SetUpAsync();
        var cast = aid.Cast;
        var manager = await cast.MemberAsync(aid.Administrator, "PROGRAM_MANAGER");
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 1, inPerson: false), "COMPLETED");
        var beneficiary = (await aid.AccountsAsync(list))[0];
        ApiServer.Done(await RedeemAsync(aid, beneficiary));

        var stopped = await cast.SignedAsync(manager, "stopProgram", Place(aid, ("reason", "SUSPECTED_FRAUD")), "stops { area vendorAccountId reason stoppedBy resumeAskedBy }");
        Assert.Equal("SUSPECTED_FRAUD", Assert.Single(stopped.GetProperty("stops").EnumerateArray()).GetProperty("reason").GetString());
        ApiServer.Refused(RefusalCode.ProgramStopped, await RedeemAsync(aid, beneficiary));
        Assert.Equal("""[{"reason":"SUSPECTED_FRAUD"}]""", (await SeenAsync(aid.Donor, aid, "stops { reason }")).GetProperty("stops").ToString());

        await cast.SignedAsync(manager, "resumeProgram", Place(aid));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(manager.Key, manager.Signer, "resumeProgram", Place(aid)));
        ApiServer.Refused(RefusalCode.ProgramStopped, await RedeemAsync(aid, beneficiary));
        await cast.SignedAsync(aid.Administrator, "resumeProgram", Place(aid));
        ApiServer.Done(await RedeemAsync(aid, beneficiary));

        var vendor = ("vendorAccountId", (object?)Aid.Text(aid.VendorAccount));
        await cast.SignedAsync(aid.Administrator, "stopProgram", Place(aid, vendor, ("reason", "COMPLAINT")));
        ApiServer.Refused(RefusalCode.VendorStopped, await RedeemAsync(aid, beneficiary));
        Assert.Equal("[]", (await SeenAsync(aid.Donor, aid, "stops { reason }")).GetProperty("stops").ToString());
        await cast.DoneAsync(aid.Till, "settleVendor", cast.Input(
            ("programId", Aid.Text(aid.Program)), vendor, ("amount", Cast.Money(200)), ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))));
    }

    [Fact]
    public async Task Suspended_organisation_decides_nothing_until_it_is_verified_again()
    {
        var aid = await new Aid(api, "suspended").SetUpAsync();
        var cast = aid.Cast;
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 1, inPerson: false), "COMPLETED");
        var beneficiary = (await aid.AccountsAsync(list))[0];
        Task<JsonElement> StandAsync(string mutation, Id organisation) =>
            api.SignAsync(cast.Operator.Key, cast.Operator.Signer, mutation, cast.Input(("organisationId", Aid.Text(organisation))), "organisation { active }");
        Task<JsonElement> AddAsync(Actor by) => api.SignAsync(by.Key, by.Signer, "addMember", cast.Input(("roles", new[] { "READER" })), "member { id }");

        Assert.False(ApiServer.Done(await StandAsync("suspendOrganisation", aid.Administrator.Organisation)).GetProperty("organisation").GetProperty("active").GetBoolean());
        ApiServer.Refused(RefusalCode.OrganisationSuspended, await AddAsync(aid.Administrator));
        Assert.Equal("suspended NGO", (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { organisation(id: $id) { name } }", new { id = Aid.Text(aid.Registrar.Organisation) }))
            .GetProperty("organisation").GetProperty("name").GetString());
        ApiServer.Done(await RedeemAsync(aid, beneficiary));

        ApiServer.Done(await StandAsync("suspendOrganisation", aid.Till.Organisation));
        ApiServer.Refused(RefusalCode.OrganisationSuspended, await RedeemAsync(aid, beneficiary));
        ApiServer.Done(await StandAsync("verifyOrganisation", aid.Till.Organisation));
        ApiServer.Done(await RedeemAsync(aid, beneficiary));
        ApiServer.Done(await StandAsync("verifyOrganisation", aid.Administrator.Organisation));
        ApiServer.Done(await AddAsync(aid.Administrator));
        ApiServer.Refused(RefusalCode.InvalidInput, await StandAsync("suspendOrganisation", cast.Operator.Organisation));
    }

    [Fact]
    public async Task Organisation_whose_papers_are_looked_at_decides_nothing_until_it_is_verified()
    {
        var cast = new Cast(api, "unverified");
        var signer = Grains.Tests.Support.Founding.IdOf("unverified administrator");
        var registered = await cast.SignedAsync(
            cast.Operator, "registerOrganisation",
            cast.Input(("name", "Newcomers"), ("kind", "NGO"), ("administratorAddress", api.Founding.AddressOf(signer).ToChecksumText()), ("verified", false)),
            "organisation { id active } administrator { id }");
        Assert.False(registered.GetProperty("organisation").GetProperty("active").GetBoolean());
        var organisation = Cast.Id(registered, "organisation");
        var key = (await api.Keys.CreateAsync(Cast.Id(registered, "administrator"), organisation)).Secret;
        Task<JsonElement> AddAsync() => api.SignAsync(key, signer, "addMember", cast.Input(("roles", new[] { "READER" })), "member { id }");

        ApiServer.Refused(RefusalCode.OrganisationSuspended, await AddAsync());
        await cast.SignedAsync(cast.Operator, "verifyOrganisation", cast.Input(("organisationId", Aid.Text(organisation))));
        ApiServer.Done(await AddAsync());
    }

    [Fact]
    public async Task Member_whose_scope_was_narrowed_is_not_told_what_came_of_an_earlier_command()
    {
        var aid = await new Aid(api, "narrowed").SetUpAsync();
        var second = await aid.Cast.MemberAsync(aid.Administrator, "ADMINISTRATOR");
        var input = aid.Cast.Input(("roles", new[] { "READER" }));
        await aid.Cast.SignedAsync(second, "addMember", input);
        await aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(
            ("memberId", Aid.Text(second.Member)), ("scope", new { programIds = new[] { Aid.Text(aid.Program) }, areas = Array.Empty<string>() })));
        ApiServer.Refused(RefusalCode.OutOfScope, await api.SignAsync(second.Key, second.Signer, "addMember", input));
    }

    [Fact]
    public async Task Duties_stay_separate_until_members_agreed_and_donors_see_it()
    {
        var aid = await new Aid(api, "waiver").SetUpAsync();
        var cast = aid.Cast;
        var both = await cast.MemberAsync(aid.Administrator, "REGISTRAR", "APPROVER");
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await cast.DoneAsync(both, "createDisbursement", cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "1"), ("inPerson", false),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var disbursement = ("disbursementId", (object?)drafted.GetProperty("disbursement").GetProperty("id").GetString());
        await cast.DoneAsync(both, "validateDisbursement", cast.Input(disbursement));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(both.Key, both.Signer, "approveDisbursement", cast.Input(disbursement)));

        var now = TimeProvider.System.GetUtcNow();
        string[] members = [Aid.Text(aid.Administrator.Member), Aid.Text(aid.Finance.Member), Aid.Text(aid.Releaser.Member)];
        await cast.SignedAsync(aid.Administrator, "proposeSeparationWaiver", Place(
            aid, ("reason", "The office was evacuated."), ("from", now.AddDays(-1).ToString("O")), ("until", now.AddDays(7).ToString("O")), ("memberIds", members), ("threshold", 2)));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(both.Key, both.Signer, "approveDisbursement", cast.Input(disbursement)));
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(both.Key, both.Signer, "approveSeparationWaiver", Place(aid)));
        await cast.SignedAsync(aid.Finance, "approveSeparationWaiver", Place(aid));

        var seen = (await SeenAsync(aid.Donor, aid, "separationWaiver { reason threshold members approvedBy inEffect }")).GetProperty("separationWaiver");
        Assert.True(seen.GetProperty("inEffect").GetBoolean());
        Assert.Equal((3, 2), (seen.GetProperty("members").GetArrayLength(), seen.GetProperty("approvedBy").GetArrayLength()));
        await cast.SignedAsync(both, "approveDisbursement", cast.Input(disbursement));
        var ended = await cast.SignedAsync(aid.Administrator, "endSeparationWaiver", Place(aid), "program { separationWaiver { reason } }");
        Assert.Equal(JsonValueKind.Null, ended.GetProperty("program").GetProperty("separationWaiver").ValueKind);
    }

    private static Dictionary<string, object?> Place(Aid aid, params (string Name, object? Value)[] members) =>
        aid.Cast.Input([("programId", Aid.Text(aid.Program)), .. members]);

    private Task<JsonElement> RedeemAsync(Aid aid, string beneficiary) => api.MutateAsync(aid.Till.Key, "redeemVoucher", aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(100)),
        ("categories", new[] { "food" }), ("receiptHash", $"0x{new string('1', 64)}")));

    private async Task<JsonElement> SeenAsync(Actor actor, Aid aid, string fields) =>
        (await api.QueryAsync(actor.Key, $"query($id: Id!) {{ program(id: $id) {{ {fields} }} }}", new { id = Aid.Text(aid.Program) })).GetProperty("program");
}
