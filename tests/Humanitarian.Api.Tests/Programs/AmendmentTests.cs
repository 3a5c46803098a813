using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Programs;

/// <summary>Terms are amended by two members, over HTTP.</summary>
public sealed class AmendmentTests(ApiServer api)
{
    private const string Fields = "program { terms termsVersion amendment { terms effectiveFrom effectiveHeight proposedBy approvedBy } }";
    private const string Terms = """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"noTransfers"}]}""";

    [Fact]
    public async Task Terms_need_another_members_approval_before_they_take_effect()
    {
        var aid = await new Aid(api, "amended").SetUpAsync();
        var proposed = (await aid.Cast.SignedAsync(aid.Administrator, "proposeTerms", Input(aid), Fields)).GetProperty("program");
        Assert.Equal((1, Aid.Text(aid.Administrator.Member)), (proposed.GetProperty("termsVersion").GetInt32(), Amendment(proposed).GetProperty("proposedBy").GetString()));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(aid.Administrator.Key, aid.Administrator.Signer, "approveTerms", Program(aid)));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Releaser.Key, "approveTerms", Program(aid)));

        var approved = (await aid.Cast.SignedAsync(aid.Approver, "approveTerms", Program(aid), Fields)).GetProperty("program");
        Assert.Equal((2, JsonValueKind.Null), (approved.GetProperty("termsVersion").GetInt32(), Amendment(approved).ValueKind));
        Assert.Contains("noTransfers", approved.GetProperty("terms").GetString());
    }

    // Red without the row of the program in ProjectionBuilder.AddDue.
    [Fact]
    public async Task Approved_terms_take_effect_by_themselves_at_their_height_and_not_before()
    {
        var aid = await new Aid(api, "amended later").SetUpAsync();
        var height = ulong.Parse((await Read(aid, "{ ledger { height } }")).GetProperty("ledger").GetProperty("height").GetString()!, System.Globalization.CultureInfo.InvariantCulture) + 40;
        var input = Input(aid);
        input["effectiveHeight"] = height.ToString(System.Globalization.CultureInfo.InvariantCulture);
        input["effectiveFrom"] = "2026-11-01T00:00:00Z";
        await aid.Cast.SignedAsync(aid.Administrator, "proposeTerms", input);
        var waits = (await aid.Cast.SignedAsync(aid.Approver, "approveTerms", Program(aid), Fields)).GetProperty("program");
        Assert.Equal((1, Aid.Text(aid.Approver.Member)), (waits.GetProperty("termsVersion").GetInt32(), Amendment(waits).GetProperty("approvedBy").GetString()));

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        ulong effective;
        var version = 1;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1))));
            var now = await Read(aid, "query($id: Id!) { ledger { height } program(id: $id) { termsVersion } }");
            effective = ulong.Parse(now.GetProperty("ledger").GetProperty("height").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            version = now.GetProperty("program").GetProperty("termsVersion").GetInt32();
        }
        while (version == 1);
        Assert.True(effective >= height, $"in effect at {effective}, due at {height}");
    }

    [Fact]
    public async Task Proposed_terms_are_withdrawn_and_then_others_may_be_proposed()
    {
        var aid = await new Aid(api, "amended not").SetUpAsync();
        await aid.Cast.SignedAsync(aid.Administrator, "proposeTerms", Input(aid));
        ApiServer.Refused(RefusalCode.AlreadyExists, await api.SignAsync(aid.Administrator.Key, aid.Administrator.Signer, "proposeTerms", Input(aid)));
        var withdrawn = (await aid.Cast.SignedAsync(aid.Approver, "withdrawTerms", Program(aid), Fields)).GetProperty("program");
        Assert.Equal(JsonValueKind.Null, Amendment(withdrawn).ValueKind);
        await aid.Cast.SignedAsync(aid.Administrator, "proposeTerms", Input(aid));
    }

    private Task<JsonElement> Read(Aid aid, string query) => api.QueryAsync(aid.Finance.Key, query, new { id = Aid.Text(aid.Program) });

    private static JsonElement Amendment(JsonElement program) => program.GetProperty("amendment");

    private static Dictionary<string, object?> Program(Aid aid) => aid.Cast.Input(("programId", Aid.Text(aid.Program)));

    private static Dictionary<string, object?> Input(Aid aid) => aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("terms", Terms));
}
