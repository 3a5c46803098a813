using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>Who looked at a beneficiary's account.</summary>
/// <param name="MemberId">Who.</param>
/// <param name="At">When.</param>
/// <param name="What">What was asked for.</param>
public sealed record AccessEntry(Id MemberId, DateTimeOffset At, string What);

/// <summary>Looks at beneficiaries' accounts, each written down before anything is shown.</summary>
public sealed class AccessLog(ISideStore store, IRandomSource random, TimeProvider time)
{
    private const string Kind = "access-log";

    /// <summary>Writes a look down; only then may it be answered.</summary>
    public async Task WriteAsync(Caller caller, Id account, string what, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var row = JsonSerializer.Serialize(new Row(caller.Principal.ToString(), now.ToUnixTimeMilliseconds(), what));
        while (!await store.PutAsync(
            new SideDocument(Kind, $"{account}{now.ToUnixTimeMilliseconds():x16}{Chance()}", caller.Organisation.ToString(), 0, row), cancellationToken))
        {
        }
    }

    /// <summary>Looks at an account, oldest first.</summary>
    public async Task<IReadOnlyList<(string Key, AccessEntry Entry)>> ReadAsync(Id account, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var prefix = account.ToString();
        return
        [
            .. (await store.ListAsync(Kind, null, after is null ? prefix : prefix + after, limit, cancellationToken))
                .TakeWhile(document => document.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(document => (document.Key[prefix.Length..], Of(JsonSerializer.Deserialize<Row>(document.Json)!))),
        ];
    }

    private static AccessEntry Of(Row row) => new(Id.Parse(row.Who), DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.What);

    private string Chance()
    {
        Span<byte> chance = stackalloc byte[4];
        random.Fill(chance);
        return Convert.ToHexStringLower(chance);
    }

    private sealed record Row(string Who, long At, string What);
}
