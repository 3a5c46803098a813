using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Keys;

/// <summary>
/// What may be used once: codes and nonces. They are kept in the side store, so that no restart and no other silo takes one again, and
/// only until a while after they have expired.
/// </summary>
internal sealed class SpentOnce(ISideStore store, TimeProvider time)
{
    private const string Kind = "spent";

    // More than one is swept for each one spent, so that the rows are never many more than those that live.
    private const int SweptEachTime = 4;

    // Other silos' clocks may be behind and take for a while yet what has expired here.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>Spends it; false when it was spent before.</summary>
    /// <param name="until">When it expires anyway.</param>
    public async Task<bool> SpendAsync(string what, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var expired = Moment(time.GetUtcNow() - Kept);
        foreach (var old in await store.ListAsync(Kind, null, null, SweptEachTime, cancellationToken))
        {
            if (string.CompareOrdinal(old.Key, expired) >= 0)
            {
                break;
            }

            await store.DeleteAsync(Kind, old.Key, cancellationToken);
        }

        var key = $"{Moment(until)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))}";
        return await store.PutAsync(new SideDocument(Kind, key, "", 0, "{}"), cancellationToken);
    }

    /// <summary>Keys that begin so are in the order of time.</summary>
    private static string Moment(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds().ToString("x16", CultureInfo.InvariantCulture);
}
