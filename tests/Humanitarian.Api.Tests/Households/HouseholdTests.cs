using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Households;

public sealed class HouseholdTests(ApiServer api)
{
    private const string Fields = "household { id size accountIds collectorId alternateIds cameFrom mergedInto }";

    [Fact]
    public async Task Households_split_merge_and_outlive_their_members_without_being_paid_twice()
    {
        var aid = await new Aid(api, "households").SetUpAsync();
        var cast = aid.Cast;
        var list = await aid.ListAsync(3);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var (accounts, households) = (await aid.AccountsAsync(list), await HouseholdsAsync(aid, list));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 2, inPerson: false), "COMPLETED");

        // Somebody of household 0 gets an account and collects; one person leaves with a new account of their own.
        var member = (await cast.DoneAsync(aid.Registrar, "addHouseholdMember", cast.Input(("householdId", households[0])), "accountId")).GetProperty("accountId").GetString()!;
        var changed = await cast.DoneAsync(
            aid.Registrar, "changeCollector", cast.Input(("householdId", households[0]), ("collectorId", member), ("alternateIds", new[] { accounts[0] })), Fields);
        Assert.Equal(member, changed.GetProperty("household").GetProperty("collectorId").GetString());
        Assert.Equal(RefusalCode.Forbidden, Code(await api.MutateAsync(aid.Finance.Key, "splitHousehold", Split(aid, households[0], []), Fields)));
        var split = Split(aid, households[0], []);
        var left = (await cast.DoneAsync(aid.Registrar, "splitHousehold", split, Fields)).GetProperty("household");
        Assert.Equal(households[0], left.GetProperty("cameFrom")[0].GetString());
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Registrar.Key, "splitHousehold", split, Fields)).GetProperty("replayed").GetBoolean());

        // Household 2, which was not paid, joins household 1, which was: their union has had it.
        var union = (await cast.DoneAsync(aid.Registrar, "mergeHouseholds", cast.Input(("householdIds", new[] { households[1], households[2] })), Fields)).GetProperty("household");
        Assert.Equal(2, union.GetProperty("accountIds").GetArrayLength());
        var paid = await aid.UntilAsync(await aid.ReleaseAsync(list, 2, 1, inPerson: false), "COMPLETED");
        Assert.Equal("0", paid.GetProperty("paidLines").GetString());

        await SucceedAsync(aid, households[0], accounts[0], member);
    }

    private async Task SucceedAsync(Aid aid, string household, string account, string successor)
    {
        var cast = aid.Cast;
        var input = cast.Input(("householdId", household), ("accountId", account), ("successorId", successor));
        var recorded = (await cast.DoneAsync(aid.Registrar, "recordDeath", input, "succession { id fromAccountId toAccountId approvedBy }")).GetProperty("succession");
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Registrar.Key, "recordDeath", input, "succession { id }")).GetProperty("replayed").GetBoolean());
        Assert.Equal(JsonValueKind.Null, recorded.GetProperty("approvedBy").ValueKind);
        Assert.Equal("FROZEN", (await AccountAsync(aid, account)).GetProperty("status").GetString());
        var approval = cast.Input(("successionId", recorded.GetProperty("id").GetString()));
        Assert.Equal(RefusalCode.Forbidden, Code(await api.MutateAsync(aid.Finance.Key, "approveSuccession", approval)));
        Assert.Equal(RefusalCode.SignatureRequired, Code(await api.MutateAsync(aid.Approver.Key, "approveSuccession", approval)));
        await cast.SignedAsync(aid.Approver, "approveSuccession", approval, "succession { approvedBy }");
        Assert.Equal("2500", (await AccountAsync(aid, successor)).GetProperty("balances")[0].GetProperty("available").GetProperty("amountMinor").GetString());
    }

    private async Task<JsonElement> AccountAsync(Aid aid, string account) => (await api.QueryAsync(
        aid.Registrar.Key, "query($id: Id!) { account(id: $id) { status balances { available { amountMinor } } } }", new { id = account })).GetProperty("account");

    private async Task<string[]> HouseholdsAsync(Aid aid, string list) =>
    [
        .. (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { listRows(listId: $id, first: 100) { nodes { householdId } } }", new { id = list }))
            .GetProperty("listRows").GetProperty("nodes").EnumerateArray().Select(row => row.GetProperty("householdId").GetString()!),
    ];

    private static Dictionary<string, object?> Split(Aid aid, string household, string[] leaving) =>
        aid.Cast.Input(("householdId", household), ("accountIds", leaving), ("newAccounts", 1), ("size", 1));

    private static string? Code(JsonElement payload) => payload.GetProperty("userErrors")[0].GetProperty("code").GetString();
}
