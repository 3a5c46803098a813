using Humanitarian.Storage.Projections;
using Npgsql;
using NpgsqlTypes;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>
/// Writes one batch inside the caller's transaction. New rows are copied into their tables, changes into temporary ones and merged
/// from there; both in the order of their keys, so that pages are filled in order.
/// </summary>
internal sealed class PostgresProjectionBatch(NpgsqlConnection connection, ProjectionBatch batch, CancellationToken cancellationToken)
{
    private const string Staging = """
        CREATE TEMPORARY TABLE IF NOT EXISTS new_records (LIKE records) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS changed_balances (LIKE balances) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS taken_claims (LIKE claims) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS reopened_claims (claim uuid NOT NULL) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS changed_flows (LIKE flows) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS changed_due (LIKE due, done boolean NOT NULL) ON COMMIT DELETE ROWS
        """;

    private const string MergeRecords = """
        INSERT INTO records SELECT * FROM new_records ORDER BY kind, id
        ON CONFLICT (kind, id) DO UPDATE SET parent = excluded.parent, version = excluded.version, content = excluded.content
        """;

    private const string MergeBalances = """
        INSERT INTO balances SELECT * FROM changed_balances ORDER BY account, unit, lot
        ON CONFLICT (account, unit, lot) DO UPDATE SET available = balances.available + excluded.available, held = balances.held + excluded.held;
        DELETE FROM balances USING changed_balances changed
        WHERE (balances.account, balances.unit, balances.lot) = (changed.account, changed.unit, changed.lot)
            AND balances.available = 0 AND balances.held = 0
        """;

    private const string MergeReopened = "DELETE FROM claims USING reopened_claims reopened WHERE claims.claim = reopened.claim";

    private const string MergeTaken = """
        INSERT INTO claims SELECT * FROM taken_claims ORDER BY claim
        ON CONFLICT (claim) DO UPDATE SET height = excluded.height, position = excluded.position
        """;

    private const string MergeFlows = """
        INSERT INTO flows SELECT * FROM changed_flows ORDER BY lot, flow
        ON CONFLICT (lot, flow) DO UPDATE SET amount = flows.amount + excluded.amount;
        DELETE FROM flows USING changed_flows changed WHERE (flows.lot, flows.flow) = (changed.lot, changed.flow) AND flows.amount = 0
        """;

    private const string MergeDue = """
        DELETE FROM due USING changed_due changed WHERE changed.done AND (due.time, due.kind, due.id) = (changed.time, changed.kind, changed.id);
        INSERT INTO due SELECT time, kind, id FROM changed_due WHERE NOT done ON CONFLICT DO NOTHING
        """;

    /// <summary>
    /// Moves the height if it stands right before the batch. Whoever else would, waits here until this transaction ends, and then
    /// finds the height moved.
    /// </summary>
    public async Task<bool> BeginAsync()
    {
        await PostgresDatabase.RunAsync(connection, Staging, cancellationToken);
        await using var move = batch.FromHeight == 0
            ? PostgresDatabase.Command(connection, "INSERT INTO progress (one, height) VALUES (1, $1) ON CONFLICT DO NOTHING", Value((long)batch.ToHeight))
            : PostgresDatabase.Command(
                connection, "UPDATE progress SET height = $1 WHERE height = $2 - 1", Value((long)batch.ToHeight), Value((long)batch.FromHeight));
        return await move.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public async Task WriteAsync()
    {
        await CopyEntriesAsync();
        await CopyTransactionsAsync();
        List<string> merges =
        [
            .. await StageRecordsAsync() ? [MergeRecords] : (string[])[],
            .. await StageBalancesAsync() ? [MergeBalances] : (string[])[],
            .. await StageReopenedAsync() ? [MergeReopened] : (string[])[],
            .. await StageTakenAsync() ? [MergeTaken] : (string[])[],
            .. await StageFlowsAsync() ? [MergeFlows] : (string[])[],
            .. await StageDueAsync() ? [MergeDue] : (string[])[],
        ];
        if (merges.Count > 0)
        {
            await PostgresDatabase.RunAsync(connection, string.Join(";\n", merges), cancellationToken);
        }
    }

    private Task<bool> CopyEntriesAsync() => CopyAsync(
        "entries (account, number, unit, available, held, height, position, kind, time)",
        batch.Entries,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Account.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync((long)row.Number, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Unit, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.AvailableMinor, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.HeldMinor, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync((long)row.Height, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Position, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Kind, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Time, NpgsqlDbType.Bigint, cancellationToken);
        });

    private Task<bool> CopyTransactionsAsync() => CopyAsync(
        "transactions (prefix, height, position)",
        batch.Transactions,
        async (copy, row) =>
        {
            await copy.WriteAsync(unchecked((long)row.Prefix), NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync((long)row.Place.Height, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Place.Position, NpgsqlDbType.Integer, cancellationToken);
        });

    private Task<bool> StageRecordsAsync() => CopyAsync(
        "new_records (kind, id, parent, version, content)",
        batch.Records,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Kind, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Id.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.Parent.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync((long)row.Version, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Content, NpgsqlDbType.Bytea, cancellationToken);
        });

    private Task<bool> StageBalancesAsync() => CopyAsync(
        "changed_balances (account, unit, lot, available, held)",
        batch.BalanceChanges,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Account.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.Unit, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Lot.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.AvailableMinor, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.HeldMinor, NpgsqlDbType.Bigint, cancellationToken);
        });

    private Task<bool> StageTakenAsync() => CopyAsync(
        "taken_claims (claim, height, position)",
        batch.Claims,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Claim.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync((long)row.Place.Height, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Place.Position, NpgsqlDbType.Integer, cancellationToken);
        });

    private Task<bool> StageReopenedAsync() => CopyAsync(
        "reopened_claims (claim)", batch.ReopenedClaims, (copy, claim) => copy.WriteAsync(claim.Uuid(), NpgsqlDbType.Uuid, cancellationToken));

    private Task<bool> StageFlowsAsync() => CopyAsync(
        "changed_flows (lot, flow, amount)",
        batch.FlowChanges,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Lot.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.Flow, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.AmountMinor, NpgsqlDbType.Bigint, cancellationToken);
        });

    private Task<bool> StageDueAsync() => CopyAsync(
        "changed_due (time, kind, id, done)",
        batch.Due,
        async (copy, row) =>
        {
            await copy.WriteAsync(row.Time, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Kind, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Id.Uuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.Done, NpgsqlDbType.Boolean, cancellationToken);
        });

    /// <summary>Copies rows as binary; false when there are none.</summary>
    private async Task<bool> CopyAsync<T>(string target, IEnumerable<T> rows, Func<NpgsqlBinaryImporter, T, Task> write)
    {
        using var left = rows.GetEnumerator();
        if (!left.MoveNext())
        {
            return false;
        }

        await using var copy = await connection.BeginBinaryImportAsync($"COPY {target} FROM STDIN (FORMAT BINARY)", cancellationToken);
        do
        {
            await copy.StartRowAsync(cancellationToken);
            await write(copy, left.Current);
        }
        while (left.MoveNext());
        await copy.CompleteAsync(cancellationToken);
        return true;
    }
}
