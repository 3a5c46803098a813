using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Bulk;

/// <summary>How far a file of commands is.</summary>
public enum BulkOperationState
{
    /// <summary>It waits or is worked on, also after a restart.</summary>
    Running = 1,

    /// <summary>Every line has its answer.</summary>
    Completed = 2,

    /// <summary>It was stopped, its key was revoked or expired, or its member left: no line behind the last that is answered was tried.</summary>
    Stopped = 3,
}

/// <summary>A file of commands that is worked on by itself, as it is kept. What names a member or a key is sealed with the rest.</summary>
/// <param name="Credential">Hash of the API key that it goes on with.</param>
/// <param name="Sha256">Of the file, in lower-case hex.</param>
/// <param name="Parts">Documents that hold the file.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
internal sealed record BulkOperation(
    Id Id, Id Member, Id Organisation, Hash32 Credential, string Mutation, string Sha256, long Lines, int Parts, long CreatedAt)
{
    /// <summary>Fewest bytes that one counts as, so that many small ones have a bound too.</summary>
    private const long LeastRoom = 256 * 1024;

    /// <summary>What an answer is reckoned at before it is there.</summary>
    private const long AnswerBytes = 512;

    public BulkOperationState State { get; init; } = BulkOperationState.Running;

    /// <summary>Names the parts of this very upload: another one under the same key has others.</summary>
    public Id File { get; init; }

    public long FileBytes { get; init; }

    public long Done { get; init; }

    public long Refused { get; init; }

    public long Failed { get; init; }

    /// <summary>Unix milliseconds since which nothing more of it is to be begun; null while nobody has asked.</summary>
    public long? StopAskedAt { get; init; }

    /// <summary>Unix milliseconds; null while it runs.</summary>
    public long? EndedAt { get; init; }

    /// <summary>Documents that hold the answers so far.</summary>
    public int ResultParts { get; init; }

    public long ResultBytes { get; init; }

    /// <summary>Lines that have an answer: the next to try has this index.</summary>
    public long Answered => Done + Refused + Failed;

    public bool HasEnded => State != BulkOperationState.Running;

    /// <summary>Bytes of its file and answers as they count for its member: the answers alone once it has ended.</summary>
    public long Room => Math.Max(LeastRoom, HasEnded ? ResultBytes : FileBytes + (Lines * AnswerBytes));
}

/// <summary>A file of commands that is worked on by itself.</summary>
/// <param name="Id">As the upload answered it.</param>
/// <param name="Mutation">What each line is an input of.</param>
/// <param name="State">Whether it goes on.</param>
/// <param name="Lines">How many lines the file has.</param>
/// <param name="Done">How many were done, now or before under the same key.</param>
/// <param name="Refused">How many the ledger refused; nothing was done of them.</param>
/// <param name="Failed">How many were no command, or have no known outcome.</param>
/// <param name="ResultBytes">Bytes of the answers so far.</param>
/// <param name="ResultPath">Where to download the answers with GET, one line for each in the file's order; <c>Range</c> goes on where a download broke off.</param>
/// <param name="CreatedAt">When the file was taken.</param>
/// <param name="EndedAt">When it ended; null while it runs. A week later it is forgotten.</param>
/// <param name="StopAskedAt">When its sender asked to stop it; null when nobody did. It runs on until what is under way has its answer.</param>
[Name("BulkOperation")]
public sealed record BulkOperationView(
    Id Id, string Mutation, BulkOperationState State, long Lines, long Done, long Refused, long Failed, long ResultBytes, string ResultPath, DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt, DateTimeOffset? StopAskedAt) : INode
{
    internal static BulkOperationView Of(BulkOperation operation) => new(
        operation.Id, operation.Mutation, operation.State, operation.Lines, operation.Done, operation.Refused, operation.Failed, operation.ResultBytes,
        $"/bulk/operations/{operation.Id}/results", DateTimeOffset.FromUnixTimeMilliseconds(operation.CreatedAt), TimeOf(operation.EndedAt), TimeOf(operation.StopAskedAt));

    private static DateTimeOffset? TimeOf(long? milliseconds) => milliseconds is { } some ? DateTimeOffset.FromUnixTimeMilliseconds(some) : null;
}
