using System.Globalization;
using System.Text.Json.Nodes;

namespace Humanitarian.Host.Demo;

/// <summary>How a disbursement stands.</summary>
internal sealed record DisbursementProgress(string State, long Lines, long PaidLines, long PaidMinor, IReadOnlyList<string> Unpaid)
{
    public bool IsPaid => PaidLines + UnpaidLines >= Lines;

    public required long UnpaidLines { get; init; }

    /// <summary>What to ask of a disbursement.</summary>
    public const string Fields = "state lines paidLines paid { amountMinor } unpaid { code lines }";

    public static DisbursementProgress Read(JsonNode found)
    {
        static long Number(JsonNode? text) => long.Parse((string)text!, CultureInfo.InvariantCulture);
        var unpaid = (JsonArray)found["unpaid"]!;
        return new DisbursementProgress(
            (string)found["state"]!, Number(found["lines"]), Number(found["paidLines"]), Number(found["paid"]!["amountMinor"]),
            [.. unpaid.Select(reason => $"{(string)reason!["code"]!}: {(string)reason["lines"]!} lines")])
        {
            UnpaidLines = unpaid.Sum(reason => Number(reason!["lines"])),
        };
    }
}

/// <summary>The life of the demo's disbursements: one drafts, another approves, a third releases.</summary>
internal sealed class Disbursing(GraphQlClient client, Cast cast, string programId, string listId, string currency, TimeProvider time)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Drafts, validates, approves and releases rows of the list.</summary>
    /// <param name="grants">Grants with what each bears; none of zero.</param>
    /// <param name="drafted">Told its id while it is still a draft.</param>
    public async Task<string> ReleaseAsync(
        int firstRow, int rows, long totalMinor, bool inPerson, IReadOnlyList<(string Grant, long AmountMinor)> grants, DateTimeOffset? expiresAt,
        CancellationToken cancellationToken, JsonObject? cash = null, Action<string>? drafted = null)
    {
        var created = await client.MutateAsync(
            cast.Registrar,
            "createDisbursement",
            new JsonObject
            {
                ["programId"] = programId,
                ["listId"] = listId,
                ["firstRow"] = firstRow.ToString(CultureInfo.InvariantCulture),
                ["rows"] = rows.ToString(CultureInfo.InvariantCulture),
                ["inPerson"] = inPerson,
                ["grants"] = new JsonArray([.. grants.Where(grant => grant.AmountMinor > 0).Select(grant =>
                    new JsonObject { ["grantId"] = grant.Grant, ["amount"] = Json.Money(grant.AmountMinor, currency) })]),
                ["period"] = time.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture),
                ["assistanceKind"] = "food",
                ["cash"] = cash,
                ["expiresAt"] = expiresAt is { } until ? Json.Time(until) : null,
            },
            "disbursement { id }",
            cancellationToken);
        var id = (string)created["disbursement"]!["id"]!;
        drafted?.Invoke(id);
        JsonObject Input() => new() { ["disbursementId"] = id };
        await client.MutateAsync(cast.Registrar, "validateDisbursement", Input(), "disbursement { state }", cancellationToken);
        await client.MutateAsync(cast.Approver, "approveDisbursement", Input(), "disbursement { state }", cancellationToken, totalMinor);
        await client.MutateAsync(cast.Releaser, "releaseDisbursement", Input(), "disbursement { state }", cancellationToken, totalMinor);
        return id;
    }

    /// <summary>Looks until every line is paid or refused.</summary>
    public async Task<DisbursementProgress> PaidAsync(string disbursement, Action<DisbursementProgress> look, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var progress = await LookAsync(disbursement, cancellationToken);
            look(progress);
            if (progress.IsPaid)
            {
                return progress;
            }

            if (time.GetElapsedTime(started) > Patience)
            {
                throw new RefusedException("disbursement", "UNFINISHED", $"{progress.PaidLines} of {progress.Lines} lines are paid after {Patience.TotalMinutes} minutes.");
            }

            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <summary>Completes a disbursement, unless the ledger has done so already.</summary>
    public async Task CompleteAsync(string disbursement, CancellationToken cancellationToken)
    {
        if ((await LookAsync(disbursement, cancellationToken)).State != "COMPLETED")
        {
            await client.MutateAsync(cast.Registrar, "completeDisbursement", new JsonObject { ["disbursementId"] = disbursement }, "disbursement { state }", cancellationToken);
        }
    }

    private async Task<DisbursementProgress> LookAsync(string disbursement, CancellationToken cancellationToken)
    {
        var found = await client.QueryAsync(
            cast.Registrar,
            $"query($id: Id!) {{ disbursement(id: $id) {{ {DisbursementProgress.Fields} }} }}",
            new JsonObject { ["id"] = disbursement },
            cancellationToken) ?? throw new RefusedException("disbursement", "NOT_FOUND", "The disbursement has vanished.");
        return DisbursementProgress.Read(found);
    }
}
