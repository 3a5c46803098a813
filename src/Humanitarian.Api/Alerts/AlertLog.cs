using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Alerts;

/// <summary>The alerts of each organisation, numbered without gaps; the newest are kept.</summary>
public sealed class AlertLog(ISideStore store, TimeProvider time)
{
    /// <summary>Alerts kept for one organisation.</summary>
    public const int Kept = 1_000;

    private const string Kind = "alert";
    private const string HeadKind = "alert-head";
    private const string CauseKind = "alert-cause";

    /// <summary>Raises an alert, once for each cause; after a crash between its two writes, once more.</summary>
    /// <param name="cause">Names what happened, so that who sees it again raises nothing.</param>
    public async Task RaiseAsync(Id organisation, AlertKind kind, Id subject, string detail, string cause, CancellationToken cancellationToken = default)
    {
        var owner = organisation.ToString();
        var causeKey = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{owner} {kind} {cause}")));
        if (await store.FindAsync(CauseKind, causeKey, cancellationToken) is not null)
        {
            return;
        }

        while (true)
        {
            var head = await HeadAsync(owner, cancellationToken);
            var number = head.Number + 1;
            var row = new Row(kind, subject.ToString(), detail, time.GetUtcNow().ToUnixTimeMilliseconds(), causeKey);
            var isTaken = !await store.PutAsync(new SideDocument(Kind, Key(owner, number), owner, 0, JsonSerializer.Serialize(row)), cancellationToken);
            await store.PutAsync(new SideDocument(HeadKind, owner, owner, head.Version, number.ToString(CultureInfo.InvariantCulture)), cancellationToken);
            if (!isTaken)
            {
                await store.PutAsync(new SideDocument(CauseKind, causeKey, owner, 0, ""), cancellationToken);
                await ForgetAsync(owner, number, cancellationToken);
                return;
            }
        }
    }

    /// <summary>Number of the newest alert; 0 when there is none.</summary>
    public async Task<ulong> LastAsync(Id organisation, CancellationToken cancellationToken = default) =>
        (await HeadAsync(organisation.ToString(), cancellationToken)).Number;

    /// <summary>Alerts above a number, in order; at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<Alert>> AfterAsync(Id organisation, ulong after, int limit, CancellationToken cancellationToken = default)
    {
        var owner = organisation.ToString();
        var documents = await store.ListAsync(Kind, owner, Key(owner, after), limit, cancellationToken);
        return [.. documents.Select(document => Read(document))];
    }

    private async Task<(ulong Number, long Version)> HeadAsync(string owner, CancellationToken cancellationToken) =>
        await store.FindAsync(HeadKind, owner, cancellationToken) is { } head ? (ulong.Parse(head.Json, CultureInfo.InvariantCulture), head.Version) : (0, 0);

    private async Task ForgetAsync(string owner, ulong number, CancellationToken cancellationToken)
    {
        if (number > Kept && await store.FindAsync(Kind, Key(owner, number - Kept), cancellationToken) is { } old)
        {
            await store.DeleteAsync(CauseKind, JsonSerializer.Deserialize<Row>(old.Json)!.Cause, cancellationToken);
            await store.DeleteAsync(Kind, old.Key, cancellationToken);
        }
    }

    private static Alert Read(SideDocument document)
    {
        var row = JsonSerializer.Deserialize<Row>(document.Json)!;
        return new Alert(
            ulong.Parse(document.Key.AsSpan(document.Key.IndexOf('/', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture), row.Kind,
            Id.Parse(row.Subject) is { IsNone: false } subject ? subject : null, row.Detail, DateTimeOffset.FromUnixTimeMilliseconds(row.At));
    }

    private static string Key(string owner, ulong number) => string.Create(CultureInfo.InvariantCulture, $"{owner}/{number:D20}");

    private sealed record Row(AlertKind Kind, string Subject, string Detail, long At, string Cause);
}
