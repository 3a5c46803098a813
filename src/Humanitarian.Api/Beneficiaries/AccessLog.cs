using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>Who looked at a beneficiary's account.</summary>
/// <param name="MemberId">Who; the account's own id for the beneficiary who signed in.</param>
/// <param name="At">When.</param>
/// <param name="What">What was asked for.</param>
public sealed record AccessEntry(Id MemberId, DateTimeOffset At, string What);

/// <summary>
/// Looks at beneficiaries' accounts, each written down durably before anything is shown. Those that come while others are being written are
/// written together.
/// </summary>
public sealed class AccessLog(ISideStore store, IRandomSource random, TimeProvider time)
{
    /// <summary>What a look at a case begins with; its reference follows.</summary>
    internal const string CasePrefix = "case ";

    private const int Page = 500;
    private const string Kind = "access-log";
    private const string SignIn = "sign-in";

    private readonly Gathered<IReadOnlyList<SideDocument>, bool> writes = new(async looks =>
    {
        await store.RestoreAsync([.. looks.SelectMany(documents => documents)]);
        return [.. looks.Select(_ => true)];
    });

    /// <summary>Writes a look down; only then may it be answered. What a beneficiary sees of their own is none.</summary>
    /// <param name="of">The account; or the program, for a look at all who are enrolled in it.</param>
    public Task WriteAsync(Caller caller, Id of, string what) => WriteAsync(caller, [of], what);

    /// <summary>Writes a look at many down.</summary>
    public Task WriteAsync(Caller caller, IReadOnlyCollection<Id> of, string what) =>
        caller.Person is not null || of.Count == 0 ? Task.CompletedTask : writes.AskAsync([.. of.Select(one => Of(one, caller.Principal, caller.Organisation, what))]);

    /// <summary>Writes down that somebody signed in as a beneficiary.</summary>
    internal Task SignedInAsync(Id account, Id organisation) => writes.AskAsync([Of(account, account, organisation, SignIn)]);

    /// <summary>
    /// Looks at an account, or at all of a program that it is enrolled in, oldest first. Those at cases are for the person, protection and
    /// administrators: to others they would tell of sensitive ones.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="of">The account and its programs.</param>
    public async Task<IReadOnlyList<(string Key, AccessEntry Entry)>> ReadAsync(
        Caller caller, IEnumerable<Id> of, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var seesCases = caller.Person is not null || caller.Has(CaseRules.Protectors);
        var looks = new List<(string Key, AccessEntry Entry)>();
        foreach (var one in of)
        {
            looks.AddRange(await ReadAsync(one.ToString(), after, limit, seesCases, cancellationToken));
        }

        return [.. looks.OrderBy(look => look.Key, StringComparer.Ordinal).Take(limit)];
    }

    /// <summary>Forgets who looked at an account.</summary>
    internal async Task ForgetAsync(Id account, CancellationToken cancellationToken)
    {
        var prefix = account.ToString();
        while ((await store.ListAsync(Kind, null, prefix, Page, cancellationToken)).TakeWhile(look => look.Key.StartsWith(prefix, StringComparison.Ordinal)).ToArray() is { Length: > 0 } looks)
        {
            foreach (var look in looks)
            {
                await store.DeleteAsync(Kind, look.Key, cancellationToken);
            }
        }
    }

    private async Task<List<(string Key, AccessEntry Entry)>> ReadAsync(string prefix, string? after, int limit, bool seesCases, CancellationToken cancellationToken)
    {
        var looks = new List<(string Key, AccessEntry Entry)>();
        var page = seesCases ? limit : Math.Max(limit, Page);
        IReadOnlyList<SideDocument> documents;
        do
        {
            documents = [.. (await store.ListAsync(Kind, null, prefix + after, page, cancellationToken)).TakeWhile(document => document.Key.StartsWith(prefix, StringComparison.Ordinal))];
            looks.AddRange(documents.Select(document => (document.Key[prefix.Length..], Of(JsonSerializer.Deserialize<Row>(document.Json)!)))
                .Where(look => seesCases || !look.Item2.What.StartsWith(CasePrefix, StringComparison.Ordinal)));
            after = documents.Count > 0 ? documents[^1].Key[prefix.Length..] : null;
        }
        while (looks.Count < limit && documents.Count == page);
        return looks;
    }

    private static AccessEntry Of(Row row) => new(Id.Parse(row.Who), DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.What);

    private SideDocument Of(Id of, Id who, Id organisation, string what)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> chance = stackalloc byte[8];
        random.Fill(chance);
        return new SideDocument(Kind, $"{of}{now:x16}{Convert.ToHexStringLower(chance)}", organisation.ToString(), 1, JsonSerializer.Serialize(new Row(who.ToString(), now, what)));
    }

    private sealed record Row(string Who, long At, string What);
}
