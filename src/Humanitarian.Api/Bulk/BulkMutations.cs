using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Bulk;

/// <param name="OperationId">A file of commands that you sent yourself, as the upload answered it.</param>
public sealed record StopBulkOperationInput(string IdempotencyKey, Id OperationId) : MutationInput(IdempotencyKey);

public sealed record StopBulkOperationPayload : Payload
{
    /// <summary>The file as it is now; null when refused. It has ended once what was under way has its answer.</summary>
    public BulkOperationView? Operation { get; internal set; }
}

/// <summary>Files of commands that you sent to be worked on by themselves.</summary>
internal sealed class BulkMutations(BulkOperations operations, Caller caller) : IMutations
{
    /// <summary>
    /// Has nothing more of a file begun that you sent yourself. What was done stays done and has its answer; the lines behind have none, and the same file
    /// under another key does these. Repeating it changes nothing. NOT_FOUND for others' files, WRONG_STATE when it has ended by itself.
    /// </summary>
    [Allow]
    [Stops]
    public async Task<StopBulkOperationPayload> StopBulkOperation(StopBulkOperationInput input, CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<StopBulkOperationPayload>(invalid);
        }

        while (await operations.FindAsync(input.OperationId, cancellationToken) is { } head && head.Value.Member == caller.Principal)
        {
            if (head.Value.StopAskedAt is not null)
            {
                return new StopBulkOperationPayload { Operation = BulkOperationView.Of(head.Value), Replayed = true };
            }

            if (head.Value.HasEnded)
            {
                return MutationRunner.Refused<StopBulkOperationPayload>(
                    new Refusal(RefusalCode.WrongState, "It has ended, so nothing more of it begins.", "operationId"));
            }

            if (await operations.AskToStopAsync(head, cancellationToken) is { } asked)
            {
                return new StopBulkOperationPayload { Operation = BulkOperationView.Of(asked) };
            }
        }

        return MutationRunner.Refused<StopBulkOperationPayload>(new Refusal(RefusalCode.NotFound, "There is no such operation of yours.", "operationId"));
    }
}
