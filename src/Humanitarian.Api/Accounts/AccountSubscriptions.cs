using System.Runtime.CompilerServices;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Accounts;

/// <summary>What one transaction changed on an account.</summary>
/// <param name="Number">Running number of the account's entries from 1, without gaps: give the last one seen as <c>after</c> to go on behind it.</param>
/// <param name="Entries">One for each unit.</param>
public sealed record AccountEntries(ulong Number, IReadOnlyList<Entry> Entries);

/// <summary>Accounts of your own organisation as they change.</summary>
public sealed class AccountSubscriptions(Live live, Access access, LedgerReader reader, Looks looks) : ISubscriptions
{
    private const int Page = 200;

    /// <summary>Every entry of an account in order, from the next one on, or from the one after number <paramref name="after"/>.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="after">Number of the last entry seen; INVALID_INPUT when there is none such yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    public async IAsyncEnumerable<AccountEntries> AccountEntries(
        Id accountId, ulong? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (await access.AccountAsync(accountId) is not { } account)
        {
            throw Live.NotFound();
        }

        await looks.AtAsync(account, "accountEntries");
        using var watch = reader.Watch(accountId);
        var last = (await reader.BookAsync(accountId, cancellationToken)).Entries;
        Live.RequireReached(after, last);
        last = after ?? last;
        var due = true;
        var events = live.FollowAsync<AccountEntries>(
            async token =>
            {
                // Stays so when a read fails, and until one finds nothing more.
                due |= watch.Touched();
                if (!due)
                {
                    return [];
                }

                if (await access.AccountAsync(accountId) is null)
                {
                    return null;
                }

                var rows = await reader.EntriesAfterAsync(accountId, last, Page, token);
                (last, due) = rows is [.., var newest] ? (newest.Number, true) : (last, false);
                return [.. rows.GroupBy(row => row.Number).Select(number =>
                    new AccountEntries(number.Key, [.. number.Where(row => !UnitRecord.IsShadow(row.Unit)).Select(AccountQueries.Of)]))];
            },
            cancellationToken: cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
        }
    }
}
