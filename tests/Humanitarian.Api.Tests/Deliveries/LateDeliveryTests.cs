using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Deliveries;

/// <summary>Deliveries that come too late over HTTP: queued once, listed, decided by another, kept across a restart.</summary>
public sealed class LateDeliveryTests(ApiServer api)
{
    private const string Fields = "exception { id state reason decidedBy resolution paidById amount { amountMinor } }";

    [Fact]
    public async Task A_late_delivery_is_queued_once_and_its_acceptance_pays_it_once()
    {
        var (aid, disbursement, accounts) = await ReleasedAsync(api, "late", 3);
        var cast = aid.Cast;
        ApiServer.Done(await DeliverAsync(api, aid, disbursement, accounts[0], 1));
        await cast.DoneAsync(aid.Registrar, "completeDisbursement", cast.Input(("disbursementId", disbursement)));

        var input = Delivery(aid, disbursement, accounts[1], 2);
        var late = ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", input, "exceptionId"));
        var id = late.GetProperty("exceptionId").GetString()!;
        var again = ApiServer.Refused(RefusalCode.WrongState, await api.MutateAsync(aid.Agent.Key, "creditBeneficiary", input, "exceptionId"));
        Assert.Equal(id, again.GetProperty("exceptionId").GetString());
        ApiServer.Refused(RefusalCode.DeviceCounterReplayed, await DeliverAsync(api, aid, disbursement, accounts[2], 2));
        ApiServer.Refused(RefusalCode.DeviceCounterReplayed, await DeliverAsync(api, aid, disbursement, accounts[0], 1));

        var queued = Assert.Single(await ListAsync(api, aid, "state: OPEN, reason: \"WRONG_STATE\", from: \"2020-01-01T00:00:00Z\""));
        Assert.Equal((id, accounts[1], Aid.Text(aid.Agent.Member)), (Text(queued, "id"), Text(queued, "accountId"), Text(queued, "agentId")));
        Assert.Empty(await ListAsync(api, aid, "until: \"2020-01-01T00:00:00Z\""));
        Assert.Empty(await ListAsync(api, aid, "reason: \"VOUCHER_EXPIRED\""));

        var decision = cast.Input(("exceptionId", id), ("accept", true), ("grantId", Aid.Text(aid.Grant)), ("reason", "SEEN_ON_THE_SPOT"));
        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "decideDeliveryException", decision, Fields));
        var accepted = (await cast.SignedAsync(aid.Approver, "decideDeliveryException", decision, Fields)).GetProperty("exception");
        Assert.Equal(("ACCEPTED", "SEEN_ON_THE_SPOT"), (Text(accepted, "state"), Text(accepted, "resolution")));
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Approver.Key, "decideDeliveryException", decision)).GetProperty("replayed").GetBoolean());
        Assert.Equal(2_500, await AvailableAsync(api, aid, accounts[1]));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(
            aid.Approver.Key, aid.Approver.Signer, "decideDeliveryException", cast.Input(("exceptionId", id), ("accept", false), ("reason", "NO"))));
        await TwoDisbursementsAsync(aid, disbursement, Text(accepted, "paidById"));
    }

    [Theory]
    [InlineData("deliveryExceptions", "deliveryExceptions(programId: \"PROGRAM\", first: 10) { nodes { accountId } }")]
    [InlineData("deliveryException", "deliveryException(id: \"EXCEPTION\") { accountId }")]
    [InlineData("deliveryException", "node(id: \"NODE\") { ... on DeliveryException { accountId reason } }")]
    public async Task Who_reads_a_late_delivery_is_in_the_access_log_of_its_person(string what, string query)
    {
        var (aid, disbursement, accounts) = await ReleasedAsync(api, $"late looks {query.Length}", 2);
        await aid.Cast.DoneAsync(aid.Registrar, "completeDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        var late = await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", Delivery(aid, disbursement, accounts[1], 1), "exceptionId");
        var id = Text(late, "exceptionId");
        var seen = await api.QueryAsync(aid.Approver.Key, "{ seen: " + query
            .Replace("PROGRAM", Aid.Text(aid.Program), StringComparison.Ordinal).Replace("EXCEPTION", id, StringComparison.Ordinal)
            .Replace("NODE", Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"DeliveryException:{id}")), StringComparison.Ordinal) + " }");
        Assert.Contains(accounts[1], seen.GetProperty("seen").ToString(), StringComparison.Ordinal);
        Assert.Contains((what, Aid.Text(aid.Approver.Member)), await AccessLogTests.LooksAsync(api, aid.Administrator, accounts[1]));
        Assert.DoesNotContain((what, Aid.Text(aid.Approver.Member)), await AccessLogTests.LooksAsync(api, aid.Administrator, accounts[0]));
    }

    [Fact]
    public async Task What_waits_survives_a_restart_and_is_rejected_for_good()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var (aid, disbursement, accounts) = await ReleasedAsync(own, "late restart", 1);
        await aid.Cast.DoneAsync(aid.Registrar, "completeDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        var input = Delivery(aid, disbursement, accounts[0], 1);
        var late = await own.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", input, "exceptionId");
        await own.RestartAsync();

        Assert.Equal(Text(late, "exceptionId"), Text(Assert.Single(await ListAsync(own, aid, "state: OPEN")), "id"));
        var rejection = aid.Cast.Input(("exceptionId", Text(late, "exceptionId")), ("accept", false), ("reason", "NOT_CONFIRMED"));
        Assert.Equal("REJECTED", Text((await aid.Cast.SignedAsync(aid.Approver, "decideDeliveryException", rejection, Fields)).GetProperty("exception"), "state"));
        await own.RestartAsync();
        Assert.Equal("NOT_CONFIRMED", Text(Assert.Single(await ListAsync(own, aid, "state: REJECTED")), "resolution"));
        ApiServer.Refused(RefusalCode.WrongState, await own.MutateAsync(aid.Agent.Key, "creditBeneficiary", input, "exceptionId"));
        Assert.Equal(0, await AvailableAsync(own, aid, accounts[0]));
    }

    [Fact]
    public async Task A_forged_late_delivery_and_one_of_another_amount_are_not_queued()
    {
        var (aid, disbursement, accounts) = await ReleasedAsync(api, "late forged", 1);
        await aid.Cast.DoneAsync(aid.Registrar, "completeDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        var forged = Delivery(aid, disbursement, accounts[0], 1);
        ApiServer.Refused(RefusalCode.SignatureInvalid, await api.SignAsync(aid.Agent.Key, aid.Agent.Signer, "creditBeneficiary", forged, "exceptionId"));
        var other = Delivery(aid, disbursement, accounts[0], 2);
        other["amount"] = Cast.Money(2_501);
        ApiServer.Refused(RefusalCode.EntitlementExceeded, await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", other, "exceptionId"));
        Assert.Empty(await ListAsync(api, aid, "state: OPEN"));
    }

    [Fact]
    public async Task Acceptance_counts_against_the_devices_limit_of_the_day_on_which_it_was_signed()
    {
        var (aid, disbursement, accounts) = await ReleasedAsync(api, "late limit", 4);
        var signer = Founding.IdOf("late limit tablet");
        var device = Text(await aid.Cast.SignedAsync(aid.Administrator, "registerDevice", aid.Cast.Input(
            ("memberId", Aid.Text(aid.Agent.Member)), ("programId", Aid.Text(aid.Program)), ("site", ""), ("address", api.Founding.AddressOf(signer).ToChecksumText()),
            ("perDay", Cast.Money(5_000)), ("perBeneficiary", Cast.Money(2_500))), "deviceId"), "deviceId");
        await aid.Cast.DoneAsync(aid.Registrar, "completeDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        var now = TimeProvider.System.GetUtcNow();
        var late = new List<string>();
        foreach (var (account, signedAt) in accounts.Zip([now, now, now, now.AddDays(-1)]))
        {
            var input = Delivery(aid, disbursement, account, late.Count + 1);
            (input["deviceId"], input["occurredAt"]) = (device, Cast.Text(signedAt.ToUnixTimeMilliseconds()));
            late.Add(Text(ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Agent.Key, signer, "creditBeneficiary", input, "exceptionId")), "exceptionId"));
        }

        Dictionary<string, object?> Acceptance(string id) =>
            aid.Cast.Input(("exceptionId", id), ("accept", true), ("grantId", Aid.Text(aid.Grant)), ("reason", "SEEN_ON_THE_SPOT"));
        await aid.Cast.SignedAsync(aid.Approver, "decideDeliveryException", Acceptance(late[0]), Fields);
        await aid.Cast.SignedAsync(aid.Approver, "decideDeliveryException", Acceptance(late[1]), Fields);
        ApiServer.Refused(
            RefusalCode.AgentLimitExceeded, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "decideDeliveryException", Acceptance(late[2]), Fields));
        Assert.Equal(late[2], Text(Assert.Single(await ListAsync(api, aid, "state: OPEN"), one => Text(one, "id") != late[3]), "id"));

        // Another day has its own limit, and what no day has room for can be rejected.
        await aid.Cast.SignedAsync(aid.Approver, "decideDeliveryException", Acceptance(late[3]), Fields);
        await aid.Cast.SignedAsync(
            aid.Approver, "decideDeliveryException", aid.Cast.Input(("exceptionId", late[2]), ("accept", false), ("reason", "BEYOND_THE_DAY")), Fields);
        var paid = await Task.WhenAll(accounts.Select(account => AvailableAsync(api, aid, account)));
        Assert.Equal([2_500, 2_500, 0, 2_500], paid);
    }

    private async Task TwoDisbursementsAsync(Aid aid, string first, string second)
    {
        async Task<(string? State, string? Lines, string? Paid)> SeenAsync(string id)
        {
            var seen = (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { disbursement(id: $id) { state paidLines paid { amountMinor } } }", new { id })).GetProperty("disbursement");
            return (Text(seen, "state"), Text(seen, "paidLines"), Text(seen.GetProperty("paid"), "amountMinor"));
        }

        Assert.Equal(("COMPLETED", "1", "2500"), await SeenAsync(first));
        Assert.Equal(("COMPLETED", "1", "2500"), await SeenAsync(second));
    }

    internal static async Task<(Aid Aid, string Disbursement, string[] Accounts)> ReleasedAsync(ApiServer api, string name, int people)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var list = await aid.ListAsync(people);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        return (aid, await aid.ReleaseAsync(list, 0, people, inPerson: true), await aid.AccountsAsync(list));
    }

    private static async Task<JsonElement[]> ListAsync(ApiServer api, Aid aid, string filter) =>
    [
        .. (await api.QueryAsync(
            aid.Approver.Key,
            $"query($id: Id!) {{ deliveryExceptions(programId: $id, first: 10, {filter}) {{ nodes {{ id accountId agentId reason resolution occurredAt queuedAt state }} }} }}",
            new { id = Aid.Text(aid.Program) })).GetProperty("deliveryExceptions").GetProperty("nodes").EnumerateArray(),
    ];

    private static async Task<long> AvailableAsync(ApiServer api, Aid aid, string account) =>
        (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = account }))
            .GetProperty("account").GetProperty("balances").EnumerateArray()
            .Sum(balance => long.Parse(Text(balance.GetProperty("available"), "amountMinor"), System.Globalization.CultureInfo.InvariantCulture));

    private static Task<JsonElement> DeliverAsync(ApiServer api, Aid aid, string disbursement, string account, int counter) =>
        api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", Delivery(aid, disbursement, account, counter), "exceptionId");

    private static Dictionary<string, object?> Delivery(Aid aid, string disbursement, string account, int counter)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return aid.Cast.Input(
            ("deviceId", Aid.Text(aid.Device)), ("disbursementId", disbursement), ("accountId", account), ("amount", Cast.Money(2_500)),
            ("occurredAt", Cast.Text(now)), ("deadline", Cast.Text(now + 600_000)), ("counter", Cast.Text(counter)));
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
