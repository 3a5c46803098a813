using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Keys;

/// <summary>What is kept of a mutation under its idempotency key.</summary>
/// <param name="Content">A keyed hash of the input, which may contain a secret.</param>
/// <param name="At">When it began, in Unix milliseconds.</param>
/// <param name="Named">What it made or changed, where its answer names it.</param>
internal sealed record SideCommand(string Content, long At, bool Done, string? Named);

/// <summary>
/// Does a mutation of what lies beside the ledger once: a retry that comes late must not undo what was decided since. Those of the ledger have this
/// from the ledger itself.
/// </summary>
internal sealed class SideCommands(SealedDocuments documents, Caller caller, TimeProvider time)
{
    private const string Kind = "command";

    // What has not ended by then died with its server, and may be done again.
    private static readonly TimeSpan Running = TimeSpan.FromMinutes(1);

    private static Refusal Conflict => new(RefusalCode.IdempotencyConflict, "This idempotency key was used with other input.", "idempotencyKey");

    private static Refusal Shown => new(
        RefusalCode.AlreadyExists, "This was made and shown before. If it is lost, end it and make another with a new idempotency key.", "idempotencyKey");

    /// <summary>Does it, or answers that it was done under this key. What is refused uses nothing up: the key may be used again.</summary>
    /// <param name="shownOnce">True where the answer shows a secret, which is kept nowhere: a repetition is refused instead of replayed.</param>
    public async Task<T> RunAsync<T>(MutationInput input, Func<Task<T>> act, bool shownOnce = false)
        where T : Payload, new()
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<T>(invalid);
        }

        var key = documents.KeyOf(caller.Principal.ToString(), input.GetType().Name, input.IdempotencyKey);
        var claim = new SideCommand(documents.KeyOf(CanonicalInput.Hash(input).ToString()), time.GetUtcNow().ToUnixTimeMilliseconds(), false, null);
        var known = await documents.FindAsync<SideCommand>(Kind, key, default);
        if (known is not null && known.Value.Content != claim.Content)
        {
            return MutationRunner.Refused<T>(Conflict);
        }

        if (known is { Value.Done: true })
        {
            return shownOnce ? MutationRunner.Refused<T>(Shown) : new T { Replayed = true, Named = known.Value.Named };
        }

        var (owner, version) = (caller.Organisation.ToString(), known?.Version ?? 0);
        if ((known is not null && claim.At - known.Value.At < Running.TotalMilliseconds) || !await documents.PutAsync(Kind, key, owner, version, claim, default))
        {
            return MutationRunner.Refused<T>(Passing.Unknown);
        }

        var payload = await act();
        if (payload.UserErrors.Count > 0)
        {
            await documents.DeleteAsync(Kind, key, default);
            return payload;
        }

        await documents.PutAsync(Kind, key, owner, version + 1, claim with { Done = true, Named = payload.Named }, default);
        return payload;
    }
}
