using System.Text.Json;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Counts attempts durably, each before it is made: parallel guesses are counted one by one, and a crash in between forgets none.
/// </summary>
internal sealed class PinAttempts(ISideStore store, TimeProvider time)
{
    private const string Kind = "pin-attempts";

    /// <summary>Counts one more; false, and nothing is counted, when there were as many as may be.</summary>
    /// <param name="forget">After which time since the first all are forgotten; null for never.</param>
    public async Task<bool> TakeAsync(string name, string owner, int most, TimeSpan? forget, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var known = await store.FindAsync(Kind, name, cancellationToken);
            var counted = known is null ? new Counted(0, now) : JsonSerializer.Deserialize<Counted>(known.Json)!;
            if (forget is { } after && now - counted.Since >= after.TotalMilliseconds)
            {
                counted = new Counted(0, now);
            }

            if (counted.Count >= most)
            {
                return false;
            }

            if (await store.PutAsync(Of(name, owner, known?.Version ?? 0, counted with { Count = counted.Count + 1 }), cancellationToken))
            {
                return true;
            }
        }
    }

    /// <summary>Takes one back that turned out right.</summary>
    public async Task GiveBackAsync(string name, string owner, CancellationToken cancellationToken)
    {
        while (await store.FindAsync(Kind, name, cancellationToken) is { } known
            && JsonSerializer.Deserialize<Counted>(known.Json) is { Count: > 0 } counted
            && !await store.PutAsync(Of(name, owner, known.Version, counted with { Count = counted.Count - 1 }), cancellationToken))
        {
        }
    }

    /// <summary>Forgets all.</summary>
    public Task ForgetAsync(string name, CancellationToken cancellationToken) => store.DeleteAsync(Kind, name, cancellationToken);

    private static SideDocument Of(string name, string owner, long version, Counted counted) =>
        new(Kind, name, owner, version, JsonSerializer.Serialize(counted));

    /// <param name="Since">Unix milliseconds of the first.</param>
    private sealed record Counted(int Count, long Since);
}
