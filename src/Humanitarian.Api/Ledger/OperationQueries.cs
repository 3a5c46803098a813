using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Ledger;

/// <summary>What became of a mutation, for a client that lost its answer.</summary>
/// <param name="Succeeded">
/// False when nothing with this key stands on the ledger: it was refused, has not ended yet, changes nothing on the ledger, or never arrived. Send it again
/// with the same key, which does it once at most.
/// </param>
/// <param name="Kind">Kind of its transaction; null when it has not succeeded.</param>
/// <param name="Transaction">Where it stands; null when it has not succeeded.</param>
/// <param name="At">Time of its block; null when it has not succeeded.</param>
[Name("Operation")]
public sealed record OperationView(bool Succeeded, TransactionKind? Kind, TransactionPlace? Transaction, DateTimeOffset? At);

/// <summary>Mutations by their idempotency key.</summary>
public sealed class OperationQueries(LedgerCommands commands, Caller caller) : IQueries
{
    /// <summary>What became of a mutation that you sent yourself, as of the newest durable block.</summary>
    /// <param name="idempotencyKey">The key it was sent with, 1 to 255 bytes.</param>
    [Allow(Person = true)]
    public async Task<OperationView> Operation(string idempotencyKey, CancellationToken cancellationToken) =>
        IdempotencyKey.Refuse(idempotencyKey) is null && await commands.FindByKeyAsync(caller.Principal, idempotencyKey, cancellationToken) is { } placed
            ? new OperationView(
                true, placed.Transaction.Kind, new TransactionPlace(placed.Ordered.Transaction.Hash(), placed.Header.Height, placed.Position),
                DateTimeOffset.FromUnixTimeMilliseconds(placed.Header.Time))
            : new OperationView(false, null, null, null);
}
