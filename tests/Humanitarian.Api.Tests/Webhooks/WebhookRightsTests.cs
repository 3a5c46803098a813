using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Webhooks;

/// <summary>Who may have what sent where.</summary>
public sealed class WebhookRightsTests(ApiServer api)
{
    [Fact]
    public async Task Webhook_of_another_organisation_is_as_if_there_were_none()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook foreign", receiver);
        var stranger = await new Aid(api, "hook stranger").SetUpAsync();
        foreach (var (mutation, more) in new (string, (string, object?)[])[]
        {
            ("updateWebhook", [("enabled", false)]), ("rotateWebhookSecret", []), ("testWebhook", []), ("deleteWebhook", []),
            ("replayWebhook", [("event", "ACCOUNT_ENTRIES"), ("subjectId", hooked.Pool), ("after", "0")]),
        })
        {
            ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Administrator.Key, mutation, stranger.Cast.Input([("webhookId", hooked.Id), .. more])));
        }

        var seen = await api.QueryAsync(
            stranger.Administrator.Key, "query($id: Id!) { webhooks(first: 100) { nodes { id } } webhookDeliveries(webhookId: $id, first: 10) { messageId } }", new { id = hooked.Id });
        Assert.Equal((0, JsonValueKind.Null), (seen.GetProperty("webhooks").GetProperty("nodes").GetArrayLength(), seen.GetProperty("webhookDeliveries").ValueKind));
        await hooked.ReceiveAsync(1);
        Assert.True((await receiver.NextAsync()).IsSignedBy(hooked.Secret));
    }

    [Fact]
    public async Task Topic_that_its_maker_may_not_follow_is_refused()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook topics", receiver);
        var stranger = await new Aid(api, "hook topics stranger").SetUpAsync();
        async Task RefusedAsync(string code, params object[] topics) => ApiServer.Refused(
            code, await api.MutateAsync(stranger.Administrator.Key, "createWebhook", stranger.Cast.Input(("url", receiver.Url), ("topics", topics))));

        await RefusedAsync(RefusalCode.NotFound, new { @event = "ACCOUNT_ENTRIES", subjectId = hooked.Pool });
        await RefusedAsync(RefusalCode.NotFound, new { @event = "PROGRAM_TOTALS", subjectId = Aid.Text(hooked.Aid.Program) });
        await RefusedAsync(RefusalCode.NotFound, new { @event = "DISBURSEMENT_PROGRESS", subjectId = hooked.Pool });
        await RefusedAsync(RefusalCode.InvalidInput, new { @event = "BLOCKS", subjectId = hooked.Pool });
        await RefusedAsync(RefusalCode.InvalidInput, new { @event = "PROGRAM_TOTALS" });
        await RefusedAsync(RefusalCode.InvalidInput, new { @event = "BLOCKS", after = "99999999" });
        await RefusedAsync(RefusalCode.InvalidInput);
        foreach (var url in new[] { "ftp://example.org/", "https://user@example.org/", "/hook", "https://example.org/#part" })
        {
            ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(
                stranger.Administrator.Key, "createWebhook", stranger.Cast.Input(("url", url), ("topics", new[] { new { @event = "BLOCKS" } }))));
        }
    }

    [Fact]
    public async Task Webhook_ends_with_the_rights_of_the_member_it_acts_for()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook demotion", receiver);
        var aid = hooked.Aid;
        var second = await aid.Cast.MemberAsync(aid.Administrator, "ADMINISTRATOR");
        await aid.Cast.DoneAsync(second, "updateWebhook", aid.Cast.Input(("webhookId", hooked.Id), ("enabled", true)), Hooked.Fields);
        await aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(("memberId", Aid.Text(second.Member)), ("roles", new[] { "FIELD_AGENT" })));
        await hooked.ReceiveAsync(1);
        Assert.Equal("NOT_ALLOWED", await hooked.DisabledAsync());
        Assert.True(receiver.IsEmpty);

        await hooked.ChangeAsync("updateWebhook", Hooked.Fields, ("enabled", true));
        Assert.True((await receiver.NextAsync()).IsSignedBy(hooked.Secret));
    }

    [Fact]
    public async Task Address_that_is_not_public_is_never_reached_unless_allowed()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook private", receiver);
        await using var front = await Front.StartAsync(api);
        var port = new Uri(receiver.Url).Port;
        foreach (var url in new[]
        {
            receiver.Url, $"http://localhost:{port}/", $"http://[::ffff:127.0.0.1]:{port}/", $"http://[64:ff9b::7f00:1]:{port}/", $"https://10.0.0.1:{port}/",
        })
        {
            await hooked.ChangeAsync("updateWebhook", Hooked.Fields, ("url", url), ("enabled", false));
            var (_, answer) = await front.PostAsync(hooked.Aid.Administrator.Key, new
            {
                query = "mutation($input: TestWebhookInput!) { testWebhook(input: $input) { delivery { delivered status problem } userErrors { code } } }",
                variables = new { input = new { idempotencyKey = $"private {url}", webhookId = hooked.Id } },
            });
            Assert.Equal(
                """{"delivered":false,"status":null,"problem":"NOT_REACHED"}""", answer.GetProperty("data").GetProperty("testWebhook").GetProperty("delivery").GetRawText());
        }

        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task Store_holds_neither_secret_nor_url_in_the_clear_and_a_row_put_elsewhere_is_none()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook sealed", receiver);
        var document = await api.Files.Side.FindAsync("webhook", hooked.Id);
        Assert.DoesNotContain("whsec_", document!.Json, StringComparison.Ordinal);
        Assert.DoesNotContain("hook", document.Json, StringComparison.Ordinal);

        var other = new string('a', 32);
        Assert.True(await api.Files.Side.PutAsync(document with { Key = other, Version = 0 }));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(
            hooked.Aid.Administrator.Key, "deleteWebhook", hooked.Aid.Cast.Input(("webhookId", other))));
        await api.Files.Side.DeleteAsync("webhook", other);
    }

    [Fact]
    public async Task Repeated_calls_change_nothing_and_other_input_is_a_conflict()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook repeated", receiver);
        var (aid, cast) = (hooked.Aid, hooked.Aid.Cast);
        var input = cast.Input(("url", receiver.Url), ("topics", new[] { new { @event = "ALERTS" } }));
        var made = await cast.DoneAsync(aid.Administrator, "createWebhook", input, "secret webhook { id }");
        var again = await cast.DoneAsync(aid.Administrator, "createWebhook", input, "secret webhook { id }");
        Assert.Equal(made.GetProperty("webhook").GetRawText(), again.GetProperty("webhook").GetRawText());
        Assert.Equal((made.GetProperty("secret").GetString(), true), (again.GetProperty("secret").GetString(), again.GetProperty("replayed").GetBoolean()));
        input["url"] = receiver.Url + "/other";
        ApiServer.Refused(RefusalCode.IdempotencyConflict, await api.MutateAsync(aid.Administrator.Key, "createWebhook", input));

        var test = cast.Input(("webhookId", hooked.Id));
        var tested = await cast.DoneAsync(aid.Administrator, "testWebhook", test, "delivery { messageId delivered status }");
        Assert.Equal(tested.GetProperty("delivery").GetRawText(), (await cast.DoneAsync(aid.Administrator, "testWebhook", test, "delivery { messageId delivered status }")).GetProperty("delivery").GetRawText());
        Assert.Equal("webhook.test", (await receiver.NextAsync()).Type);
        Assert.True(receiver.IsEmpty);

        await hooked.ChangeAsync("deleteWebhook", "replayed");
        Assert.True((await hooked.ChangeAsync("deleteWebhook", "replayed")).GetProperty("replayed").GetBoolean());
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(aid.Administrator.Key, "testWebhook", cast.Input(("webhookId", hooked.Id))));
        Assert.Empty(await api.Files.Side.ListAsync("webhook-state", hooked.Id, null, 10));
    }
}
