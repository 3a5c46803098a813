using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>A beneficiary's card answers a challenge of the server.</summary>
public sealed class CardTests(ApiServer api)
{
    [Fact]
    public async Task Redemption_is_confirmed_by_card_once_for_each_challenge()
    {
        var counter = await new Counter(api, "card").OpenAsync();
        var card = counter.Card("one");
        ApiServer.Done(await counter.IssueAsync(0, card));
        var answer = await counter.AnswerAsync(0, 2_100, card);
        ApiServer.Refused(RefusalCode.InvalidInput, await counter.RedeemAsync(0, 2_101, card: answer));
        ApiServer.Refused(RefusalCode.InvalidInput, await counter.RedeemAsync(1, 2_100, card: answer));
        ApiServer.Done(await counter.RedeemAsync(0, 2_100, card: answer));
        ApiServer.Refused(RefusalCode.InsufficientFunds, await counter.RedeemAsync(0, 2_100, card: answer));

        var small = await counter.AnswerAsync(0, 100, card);
        var input = counter.Input(0, 100, card: small);
        ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input));
        Assert.True(ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input)).GetProperty("replayed").GetBoolean());
        ApiServer.Refused(RefusalCode.ChallengeUsed, await counter.RedeemAsync(0, 100, card: small));
    }

    [Fact]
    public async Task Another_persons_card_is_refused()
    {
        var counter = await new Counter(api, "card other").OpenAsync();
        ApiServer.Done(await counter.IssueAsync(0, counter.Card("one")));
        ApiServer.Done(await counter.IssueAsync(1, counter.Card("two")));
        ApiServer.Refused(RefusalCode.SignatureInvalid, await counter.RedeemAsync(0, 100, card: await counter.AnswerAsync(0, 100, counter.Card("two"))));
        ApiServer.Done(await counter.RedeemAsync(0, 100, card: await counter.AnswerAsync(0, 100, counter.Card("one"))));
    }

    [Fact]
    public async Task Card_is_blocked_by_one_and_issued_anew_by_another()
    {
        var counter = await new Counter(api, "card blocked").OpenAsync();
        var (cast, aid) = (counter.Cast, counter.Aid);
        var second = await cast.MemberAsync(aid.Administrator, "REGISTRAR");
        ApiServer.Done(await counter.IssueAsync(0, counter.Card("one")));
        var answer = await counter.AnswerAsync(0, 100, counter.Card("one"));
        var blocked = await cast.DoneAsync(aid.Registrar, "blockCard", cast.Input(("accountId", counter.Accounts[0])), "credential { cardBlockedBy }");
        Assert.Equal(Aid.Text(aid.Registrar.Member), blocked.GetProperty("credential").GetProperty("cardBlockedBy").GetString());
        ApiServer.Refused(RefusalCode.CardBlocked, await counter.RedeemAsync(0, 100, card: answer));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await counter.IssueAsync(0, counter.Card("two")));
        ApiServer.Done(await counter.IssueAsync(0, counter.Card("two"), second));
        ApiServer.Refused(RefusalCode.SignatureInvalid, await counter.RedeemAsync(0, 100, card: await counter.AnswerAsync(0, 100, counter.Card("one"))));
        ApiServer.Done(await counter.RedeemAsync(0, 100, card: await counter.AnswerAsync(0, 100, counter.Card("two"))));
        var stranger = await cast.OrganisationAsync("NGO", "REGISTRAR");
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, "blockCard", cast.Input(("accountId", counter.Accounts[0]))));
    }

    [Fact]
    public async Task Field_agent_blocks_a_card_and_is_told_nothing_of_how_the_person_confirms()
    {
        var counter = await new Counter(api, "card agent").OpenAsync();
        ApiServer.Done(await counter.IssueAsync(0, counter.Card("one")));
        var blocked = await counter.Cast.DoneAsync(counter.Aid.Agent, "blockCard", counter.Cast.Input(("accountId", counter.Accounts[0])), "credential { cardBlockedBy }");
        Assert.Equal(JsonValueKind.Null, blocked.GetProperty("credential").ValueKind);
        ApiServer.Done(await counter.IssueAsync(0, counter.Card("two")));
    }
}
