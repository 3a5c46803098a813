using Humanitarian.Domain;

namespace Humanitarian.Api.Keys;

/// <summary>Counts guesses at a member's secret, durably and before each is checked, so that neither a restart nor many requests at once give more.</summary>
internal sealed class Attempts(SealedDocuments documents, TimeProvider time)
{
    public const int Most = 10;

    private const string Kind = "attempts";

    /// <summary>So long after the first of them failed attempts count.</summary>
    public static TimeSpan Within { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Takes one attempt; false when there were too many.</summary>
    /// <param name="secret">What is guessed at.</param>
    public async Task<bool> TakeAsync(string secret, Id member, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await documents.ChangeAsync<Counted>(
            Kind, $"{secret}-{member}", "",
            counted => counted is null || now >= counted.Since + (long)Within.TotalMilliseconds ? new Counted(1, now)
                : counted.Count < Most ? counted with { Count = counted.Count + 1 }
                : null,
            cancellationToken) is not null;
    }

    /// <summary>Forgets the attempts: the right one was among them.</summary>
    public Task ForgetAsync(string secret, Id member, CancellationToken cancellationToken) => documents.DeleteAsync(Kind, $"{secret}-{member}", cancellationToken);

    private sealed record Counted(int Count, long Since);
}
