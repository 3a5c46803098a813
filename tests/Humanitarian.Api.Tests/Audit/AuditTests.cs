using System.Net;
using System.Text.Json;
using Humanitarian.Api.Audit;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Tests.Audit;

/// <summary>Who asked what is kept, told to whom it concerns, and cannot be changed unseen.</summary>
public sealed class AuditTests(ApiServer api)
{
    [Fact]
    public async Task Requests_are_kept_with_what_came_of_each_field_and_without_arguments()
    {
        var aid = await new Aid(api, "audit entries").SetUpAsync();
        await api.ExecuteAsync(aid.Finance.Key, "query Mine($id: Id!) { me { id } a: account(id: $id) { id } b: account(id: $id) { id } }", new { id = Aid.Text(aid.Grant) });
        await api.MutateAsync(aid.Agent.Key, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(77_123))));
        await api.ExecuteAsync(aid.Finance.Key, "{ noSuchField }");
        using (var export = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"/exports/statements/{aid.VendorAccount}"))
        {
            Assert.Equal(HttpStatusCode.NotFound, export.StatusCode);
        }

        await api.ExecuteAsync(aid.Approver.Key, "query Last { me { id } }");
        var seen = await UntilAsync(aid.Administrator, one => one.Operation == "query Last");
        Assert.Contains(seen, one => one.Operation == "query Mine" && one.Principal == aid.Finance.Member && one.Fields.SequenceEqual(["me OK", "account NOTHING"]));
        Assert.Contains(seen, one => one.Operation == "mutation" && one.Principal == aid.Agent.Member && one.Fields.SequenceEqual(["recordReceipt FORBIDDEN"]));
        Assert.Contains(seen, one => one.Operation == "query" && one.Principal == aid.Finance.Member && one.Fields is [var field] && field.StartsWith("unknown ", StringComparison.Ordinal));
        Assert.Contains(seen, one => one.Operation == "GET /exports/statements/{id}" && one.Fields.SequenceEqual([" 404"]));

        var pages = await api.Files.Side.ListAsync(AuditBatch.PageKind, Aid.Text(aid.Administrator.Organisation), null, 1_000);
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.DoesNotContain("77123", page.Json, StringComparison.Ordinal));
        Assert.All(pages, page => Assert.DoesNotContain(Aid.Text(aid.Grant), page.Json, StringComparison.Ordinal));
        Assert.All(pages, page => Assert.DoesNotContain(Aid.Text(aid.VendorAccount), page.Json, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_that_are_refused_at_the_door_are_kept()
    {
        var aid = await new Aid(api, "audit door").SetUpAsync();
        var limited = (await api.Keys.CreateAsync(aid.Finance.Member, aid.Finance.Organisation, limits: new CredentialLimits(["me"], false, []))).Secret;
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(limited, HttpMethod.Get, "/exports/iati"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(limited, HttpMethod.Post, "/lists"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(limited, HttpMethod.Get, "/graphql?query=mutation{__typename}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(limited, HttpMethod.Get, $"/graphql?documentId=sha256:{new string('0', 64)}"));
        await api.ExecuteAsync(limited, "query AfterDoors { me { id } }");
        var seen = (await UntilAsync(aid.Administrator, one => one.Operation == "query AfterDoors")).Where(one => one.Principal == aid.Finance.Member).ToList();
        Assert.Contains(seen, one => one.Operation == "GET /exports/iati" && one.Fields.SequenceEqual([" 403"]));
        Assert.Contains(seen, one => one.Operation == "POST /lists" && one.Fields.SequenceEqual([" 403"]));
        Assert.Contains(seen, one => one.Operation == "unread" && one.Fields.SequenceEqual([" METHOD_NOT_ALLOWED"]));
        Assert.Contains(seen, one => one.Operation == "unread" && one.Fields.SequenceEqual([" PERSISTED_QUERY_NOT_FOUND"]));
    }

    [Fact]
    public async Task Administrator_sees_their_own_members_and_the_operator_everybody()
    {
        var aid = await new Aid(api, "audit rights").SetUpAsync();
        await api.ExecuteAsync(aid.Finance.Key, "query OfFinance { me { id } }");
        await api.ExecuteAsync(aid.Till.Key, "query OfTill { me { id } }");
        var own = await UntilAsync(aid.Administrator, one => one.Operation == "query OfFinance");
        Assert.All(own, one => Assert.Equal(aid.Administrator.Organisation, one.Organisation));
        var all = await UntilAsync(aid.Cast.Operator, one => one.Operation == "query OfTill");
        Assert.True(all.Select(one => one.Organisation).Distinct().Count() > 1);
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(aid.Finance.Key, "{ auditTrail(first: 1) { nodes { operation } } }")).GetProperty("auditTrail").ValueKind);
    }

    [Fact]
    public async Task Anchored_trail_is_shown_and_any_change_of_it_is_found()
    {
        await using var own = new ApiServer { AuditAnchorEvery = TimeSpan.FromMilliseconds(500) };
        await own.InitializeAsync();
        for (var asked = 0; asked < 30; asked++)
        {
            await own.QueryAsync(own.OperatorKey, "{ me { id } }");
        }

        await AnchoredAsync(own, report => report is { Entries: >= 30, NotAnchored: 0 });

        // What a process leaves that ended before its anchor is anchored by the next.
        await own.QueryAsync(own.OperatorKey, "query Left { me { id } }");
        await own.RestartAsync();
        await own.QueryAsync(own.OperatorKey, "query Next { me { id } }");
        var report = await AnchoredAsync(own, report => report is { Trails: 2, Entries: >= 32, NotAnchored: 0 });
        Assert.True(report.Anchors >= 2);

        var side = own.Files.Side;
        var page = (await side.ListAsync(AuditBatch.PageKind, null, null, 1))[0];
        var batch = (await side.ListAsync(AuditBatch.Kind, null, null, 1))[0];
        await BrokenByAsync(own, page with { Json = page.Json.Replace("OK", "NO", StringComparison.Ordinal) }, page);
        await BrokenByAsync(own, page with { Owner = new string('1', 32) }, page);
        await side.DeleteAsync(page.Kind, page.Key);
        Assert.NotNull((await VerifyAsync(own)).Broken);
        await side.RestoreAsync([page]);
        await side.PutAsync(page with { Key = page.Key + "0", Version = 0 });
        Assert.NotNull((await VerifyAsync(own)).Broken);
        await side.DeleteAsync(page.Kind, page.Key + "0");

        // A whole batch, its pages and hashes made anew, is another than what was anchored.
        var forged = Forged(batch, page);
        await side.RestoreAsync(forged);
        Assert.NotNull((await VerifyAsync(own)).Broken);
        await side.RestoreAsync([batch, page]);
        Assert.Null((await VerifyAsync(own)).Broken);

        // The newest batches cannot be taken away either.
        var last = (await side.ListAsync(AuditBatch.Kind, batch.Owner, null, 1_000))[^1];
        await side.DeleteAsync(last.Kind, last.Key);
        foreach (var gone in AuditBatch.Read(last).Pages)
        {
            await side.DeleteAsync(AuditBatch.PageKind, gone.Key);
        }

        Assert.Contains("anchor", (await VerifyAsync(own)).Broken, StringComparison.Ordinal);
    }

    private static SideDocument[] Forged(SideDocument batch, SideDocument page)
    {
        var known = AuditBatch.Read(batch);
        var changed = page with { Json = page.Json.Replace("OK", "NO", StringComparison.Ordinal) };
        AuditPageHash[] hashes = [.. known.Pages.Select(one => one.Key == page.Key ? one with { Sha256 = AuditBatch.HashOf(changed) } : one)];
        var hash = AuditBatch.HashOf(known.Trail, known.Number, AuditBatch.NoHash, hashes);
        Assert.Equal(1, known.Number);
        return [changed, batch with { Json = JsonSerializer.Serialize(new { Hash = hash, known.Entries, Pages = hashes }) }];
    }

    private static async Task BrokenByAsync(ApiServer server, SideDocument changed, SideDocument original)
    {
        await server.Files.Side.RestoreAsync([changed]);
        Assert.NotNull((await VerifyAsync(server)).Broken);
        await server.Files.Side.RestoreAsync([original]);
        Assert.Null((await VerifyAsync(server)).Broken);
    }

    private async Task<HttpStatusCode> StatusAsync(string key, HttpMethod method, string path)
    {
        using var response = await api.SendAsync(key, method, path);
        return response.StatusCode;
    }

    private static Task<AuditReport> VerifyAsync(ApiServer server) => AuditVerification.RunAsync(server.Files.Side, server.Files.Blocks);

    private static async Task<AuditReport> AnchoredAsync(ApiServer server, Func<AuditReport, bool> isReached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            var report = await VerifyAsync(server);
            Assert.Null(report.Broken);
            if (isReached(report))
            {
                return report;
            }
        }

        throw new InvalidOperationException();
    }

    /// <summary>Everything that an actor is told, by pages, once something is in it.</summary>
    private async Task<IReadOnlyList<Seen>> UntilAsync(Actor actor, Func<Seen, bool> isThere)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var from = TimeProvider.System.GetUtcNow().AddMinutes(-2);
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            var all = new List<Seen>();
            string? after = null;
            do
            {
                var page = (await api.QueryAsync(
                    actor.Key,
                    "query($after: String, $from: DateTimeOffset) { auditTrail(first: 37, after: $after, from: $from) { nodes { organisationId principalId operation fields { name outcome } } pageInfo { endCursor hasNextPage } } }",
                    new { after, from })).GetProperty("auditTrail");
                all.AddRange(page.GetProperty("nodes").EnumerateArray().Select(Of));
                after = page.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean() ? page.GetProperty("pageInfo").GetProperty("endCursor").GetString() : null;
            }
            while (after is not null);

            if (all.Any(isThere))
            {
                return all;
            }
        }

        throw new InvalidOperationException();
    }

    private static Seen Of(JsonElement node) => new(
        Id.Parse(node.GetProperty("organisationId").GetString()!), Id.Parse(node.GetProperty("principalId").GetString()!), node.GetProperty("operation").GetString()!,
        [.. node.GetProperty("fields").EnumerateArray().Select(field => $"{field.GetProperty("name").GetString()} {field.GetProperty("outcome").GetString()}")]);

    private sealed record Seen(Id Organisation, Id Principal, string Operation, string[] Fields);
}
