using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Somebody else comes to the till for a household: person 1 for person 0's.</summary>
public sealed class CollectorTests(ApiServer api)
{
    private const string Own = "730164";
    private const string Collectors = "481516";

    [Fact]
    public async Task Alternate_confirms_with_their_own_pin_or_card_and_the_beneficiary_pays()
    {
        var counter = await OpenAsync("collector");
        ApiServer.Refused(RefusalCode.PinWrong, await RedeemAsync(counter, 100, Own));
        var input = Input(counter, 300, Collectors);
        ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input));
        Assert.True(ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input)).GetProperty("replayed").GetBoolean());
        Assert.Equal(("2200", "2500"), (await LeftAsync(counter, 0), await LeftAsync(counter, 1)));

        ApiServer.Done(await counter.IssueAsync(1, counter.Card("collector")));
        var answer = await counter.AnswerAsync(0, 2_200, counter.Card("collector"));
        ApiServer.Refused(RefusalCode.CardUnknown, await counter.RedeemAsync(0, 2_200, card: answer));
        ApiServer.Done(await RedeemAsync(counter, 2_200, card: answer));
        Assert.Equal(("0", "2500"), (await LeftAsync(counter, 0), await LeftAsync(counter, 1)));

        var helpLine = await counter.Cast.MemberAsync(counter.Aid.Administrator, "HELP_LINE");
        var told = (await api.QueryAsync(
            helpLine.Key, "query($id: Id!) { beneficiary(accountId: $id) { confirmations(first: 10) { method alternateId entryNumber } } }", new { id = counter.Accounts[0] }))
            .GetProperty("beneficiary").GetProperty("confirmations").EnumerateArray().Select(one => (one.GetProperty("method").GetString(), one.GetProperty("alternateId").GetString()));
        Assert.Equal([("CARD", counter.Accounts[1]), ("PIN", counter.Accounts[1])], told);
    }

    [Fact]
    public async Task Alternate_is_stopped_at_once_by_the_person_and_by_a_field_agent_and_by_no_stranger()
    {
        var counter = await OpenAsync("alternate stopped");
        var input = counter.Cast.Input(("accountId", counter.Accounts[0]));
        var stranger = await counter.Cast.OrganisationAsync("NGO", "REGISTRAR");
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, "stopAlternates", input));
        ApiServer.Done(await RedeemAsync(counter, 100, Collectors));
        ApiServer.Done(await api.MutateAsync(counter.Aid.Agent.Key, "stopAlternates", input));
        Assert.True(ApiServer.Done(await api.MutateAsync(counter.Aid.Agent.Key, "stopAlternates", input)).GetProperty("replayed").GetBoolean());
        ApiServer.Refused(RefusalCode.NotACollector, await RedeemAsync(counter, 100, Collectors));

        await NameAsync(counter, [counter.Accounts[1]]);
        ApiServer.Done(await RedeemAsync(counter, 100, Collectors));
        var (_, token) = await Visitor.InAsync(api, counter, 0);
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(token, "stopAlternates", counter.Cast.Input(("accountId", counter.Accounts[1]))));
        ApiServer.Done(await api.MutateAsync(token, "stopAlternates", counter.Cast.Input(("accountId", counter.Accounts[0]))));
        ApiServer.Refused(RefusalCode.NotACollector, await RedeemAsync(counter, 100, Collectors));
    }

    [Fact]
    public async Task Wrong_pins_count_for_who_types_them()
    {
        var counter = await OpenAsync("collector guesses");
        for (var attempt = 0; attempt < new PinLimits().AttemptsAtTill; attempt++)
        {
            ApiServer.Refused(RefusalCode.PinWrong, await RedeemAsync(counter, 100, Own));
        }

        ApiServer.Refused(RefusalCode.TillLocked, await RedeemAsync(counter, 100, Collectors));
        ApiServer.Refused(RefusalCode.TillLocked, await counter.RedeemAsync(1, 100, Collectors));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Own));
    }

    [Fact]
    public async Task Who_does_not_collect_is_refused_before_a_pin_is_compared()
    {
        var counter = await OpenAsync("no collector");
        await NameAsync(counter, []);
        for (var attempt = 0; attempt <= new PinLimits().AttemptsAtTill; attempt++)
        {
            ApiServer.Refused(RefusalCode.NotACollector, await RedeemAsync(counter, 100, "000000"));
        }

        ApiServer.Refused(RefusalCode.NotACollector, await RedeemAsync(counter, 100, Collectors));
        ApiServer.Done(await counter.RedeemAsync(1, 100, Collectors));
        await NameAsync(counter, [counter.Accounts[1]]);
        ApiServer.Done(await RedeemAsync(counter, 100, Collectors));
    }

    [Fact]
    public async Task Who_collects_confirms_also_where_the_terms_ask_nobody_to()
    {
        var counter = await OpenAsync("collector lax", """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"}]}""");
        ApiServer.Refused(RefusalCode.ConfirmationRequired, await RedeemAsync(counter, 100));
        ApiServer.Done(await RedeemAsync(counter, 100, Collectors));
        ApiServer.Done(await counter.RedeemAsync(0, 100));
    }

    private async Task<Counter> OpenAsync(string name, string terms = Counter.Terms)
    {
        var counter = await new Counter(api, name).OpenAsync(terms);
        ApiServer.Done(await counter.SetPinAsync(0, Own));
        ApiServer.Done(await counter.SetPinAsync(1, Collectors));
        await NameAsync(counter, [counter.Accounts[1]]);
        return counter;
    }

    private async Task NameAsync(Counter counter, string[] alternates)
    {
        var aid = counter.Aid;
        var enrolments = (await api.QueryAsync(
            aid.Registrar.Key, "query($p: Id!) { enrolments(programId: $p, first: 10) { nodes { accountId householdId } } }", new { p = Aid.Text(aid.Program) }))
            .GetProperty("enrolments").GetProperty("nodes").EnumerateArray();
        var household = enrolments.Single(enrolment => enrolment.GetProperty("accountId").GetString() == counter.Accounts[0]).GetProperty("householdId").GetString();
        await counter.Cast.DoneAsync(
            aid.Registrar, "changeCollector", counter.Cast.Input(("householdId", household), ("collectorId", counter.Accounts[0]), ("alternateIds", alternates)));
    }

    private static Dictionary<string, object?> Input(Counter counter, long amountMinor, string? pin = null, object? card = null)
    {
        var input = counter.Input(0, amountMinor, pin, card);
        input["collectorAccountId"] = counter.Accounts[1];
        return input;
    }

    private Task<JsonElement> RedeemAsync(Counter counter, long amountMinor, string? pin = null, object? card = null) =>
        api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", Input(counter, amountMinor, pin, card));

    private async Task<string> LeftAsync(Counter counter, int person) => (await api.QueryAsync(
        counter.Aid.Registrar.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = counter.Accounts[person] }))
        .GetProperty("account").GetProperty("balances").EnumerateArray().Select(balance => balance.GetProperty("available").GetProperty("amountMinor").GetString()!)
        .SingleOrDefault("0");
}
