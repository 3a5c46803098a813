using System.Runtime.CompilerServices;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Bulk;

/// <summary>Files of commands that you sent to be worked on by themselves.</summary>
internal sealed class BulkQueries(BulkOperations operations, Caller caller) : IQueries
{
    /// <summary>A file that you sent yourself; null for others' and a week after its end.</summary>
    /// <param name="id">As the upload answered it.</param>
    [Allow]
    public async Task<BulkOperationView?> BulkOperation(Id id, CancellationToken cancellationToken) =>
        await operations.OwnAsync(id, caller.Principal, cancellationToken) is { } found ? BulkOperationView.Of(found) : null;

    /// <summary>The files that you sent yourself, until a week after their end.</summary>
    /// <param name="first">1 to 100.</param>
    /// <param name="after">Cursor of the last one seen.</param>
    [Allow]
    public async Task<Connection<BulkOperationView>> BulkOperations(int first, string? after = null, CancellationToken cancellationToken = default) => Paging.Cut(
        await operations.ListAsync(caller.Principal, Paging.IdKey(after), Paging.Check(first) + 1, cancellationToken), first, after, one => one.Id.ToString(), BulkOperationView.Of);
}

/// <summary>Files of commands as they are worked on.</summary>
internal sealed class BulkSubscriptions(Live live, BulkQueries queries) : ISubscriptions
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    /// <summary>A file that you sent yourself, now and whenever more of it is answered, until it has ended.</summary>
    /// <param name="operationId">As the upload answered it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    public async IAsyncEnumerable<BulkOperationView> BulkProgress(Id operationId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BulkOperationView? last = null;
        var events = live.FollowAsync<BulkOperationView>(
            async token =>
            {
                if (await queries.BulkOperation(operationId, token) is not { } now)
                {
                    return null;
                }

                var isNews = now != last;
                last = now;
                return isNews ? [now] : [];
            },
            Live.Rest, Again, cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
            if (one.State != BulkOperationState.Running)
            {
                yield break;
            }
        }
    }
}
