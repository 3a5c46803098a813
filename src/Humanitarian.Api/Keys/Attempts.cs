using Humanitarian.Domain;

namespace Humanitarian.Api.Keys;

/// <summary>
/// Counts guesses at a secret, durably and each before it is compared: neither a restart nor many requests at once give more, and a crash in
/// between forgets none.
/// </summary>
internal sealed class Attempts(SealedDocuments documents, TimeProvider time)
{
    /// <summary>Guesses at a member's secret.</summary>
    public const int Most = 10;

    private const string Kind = "attempts";

    /// <summary>So long after the first of them failed attempts at a member's secret count.</summary>
    public static TimeSpan Within { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Takes one attempt at a member's secret; false when there were too many.</summary>
    /// <param name="secret">What is guessed at.</param>
    public Task<bool> TakeAsync(string secret, Id member, CancellationToken cancellationToken) => TakeAsync($"{secret}-{member}", "", Most, Within, cancellationToken);

    /// <summary>Takes one attempt; false, and nothing is counted, when there were as many as may be.</summary>
    /// <param name="forget">After which time since the first all are forgotten; null for never.</param>
    public async Task<bool> TakeAsync(string name, string owner, int most, TimeSpan? forget, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await documents.ChangeAsync<Counted>(
            Kind, name, owner,
            counted => counted is null || (forget is { } after && now - counted.Since >= after.TotalMilliseconds) ? new Counted(1, now)
                : counted.Count < most ? counted with { Count = counted.Count + 1 }
                : null,
            cancellationToken) is not null;
    }

    /// <summary>Takes one back that turned out right.</summary>
    public Task GiveBackAsync(string name, string owner, CancellationToken cancellationToken) => documents.ChangeAsync<Counted>(
        Kind, name, owner, counted => counted is { Count: > 0 } ? counted with { Count = counted.Count - 1 } : null, cancellationToken);

    /// <summary>Forgets the attempts at a member's secret: the right one was among them.</summary>
    public Task ForgetAsync(string secret, Id member, CancellationToken cancellationToken) => ForgetAsync($"{secret}-{member}", cancellationToken);

    public Task ForgetAsync(string name, CancellationToken cancellationToken) => documents.DeleteAsync(Kind, name, cancellationToken);

    /// <param name="Since">Unix milliseconds of the first.</param>
    private sealed record Counted(int Count, long Since);
}
