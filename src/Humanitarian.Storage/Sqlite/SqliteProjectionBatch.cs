using System.Buffers.Binary;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Sqlite;

/// <summary>
/// Writes one batch inside the caller's transaction.
/// </summary>
internal static class SqliteProjectionBatch
{
    public static void Write(SqliteSession session, ProjectionBatch batch)
    {
        WriteRecords(session, batch.Records);
        WriteEntries(session, batch.Entries);
        WriteBalances(session, batch.BalanceChanges);
        WriteTransactions(session, batch.Transactions);
        WriteClaims(session, batch);
        WriteFlows(session, batch.FlowChanges);
        WriteDue(session, batch.Due);
        session.Statement("INSERT INTO progress (one, height) VALUES (1, ?) ON CONFLICT DO UPDATE SET height = excluded.height")
            .Bind(batch.ToHeight).Run();
    }

    private static void WriteRecords(SqliteSession session, IReadOnlyList<RecordRow> rows)
    {
        var upsert = session.Statement("""
            INSERT INTO records (kind, id, parent, version, content) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET parent = excluded.parent, version = excluded.version, content = excluded.content
            """);
        foreach (var row in rows)
        {
            upsert.Bind(row.Kind).Bind(row.Id).Bind(row.Parent).Bind(row.Version).Bind(row.Content.Span).Run();
        }
    }

    private static void WriteEntries(SqliteSession session, IReadOnlyList<EntryRow> rows)
    {
        var insert = session.Statement("""
            INSERT INTO entries (account, number, unit, available, held, height, position, kind, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        foreach (var row in rows)
        {
            insert.Bind(row.Account).Bind(row.Number).Bind(row.Unit).Bind(row.AvailableMinor).Bind(row.HeldMinor)
                .Bind(row.Height).Bind(row.Position).Bind(row.Kind).Bind(row.Time).Run();
        }
    }

    private static void WriteBalances(SqliteSession session, IReadOnlyList<BalanceRow> changes)
    {
        var add = session.Statement("""
            INSERT INTO balances (account, unit, lot, available, held) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET available = available + excluded.available, held = held + excluded.held
            """);
        foreach (var change in changes)
        {
            add.Bind(change.Account).Bind(change.Unit).Bind(change.Lot).Bind(change.AvailableMinor).Bind(change.HeldMinor).Run();
        }

        session.Statement("DELETE FROM balances INDEXED BY balances_at_zero WHERE available = 0 AND held = 0").Run();
    }

    private static void WriteTransactions(SqliteSession session, IReadOnlyList<TransactionRow> rows)
    {
        var insert = session.Statement("INSERT INTO transactions (prefix, height, position) VALUES (?, ?, ?)");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteUInt64BigEndian(prefix, row.Prefix);
            insert.Bind(prefix).Bind(row.Place.Height).Bind(row.Place.Position).Run();
        }
    }

    private static void WriteClaims(SqliteSession session, ProjectionBatch batch)
    {
        var reopen = session.Statement("DELETE FROM claims WHERE claim = ?");
        foreach (var claim in batch.ReopenedClaims)
        {
            reopen.Bind(claim).Run();
        }

        // A claim that was reopened and taken again within the run comes only as taken.
        var take = session.Statement("""
            INSERT INTO claims (claim, height, position) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET height = excluded.height, position = excluded.position
            """);
        foreach (var row in batch.Claims)
        {
            take.Bind(row.Claim).Bind(row.Place.Height).Bind(row.Place.Position).Run();
        }
    }

    private static void WriteFlows(SqliteSession session, IReadOnlyList<FlowRow> changes)
    {
        var add = session.Statement("""
            INSERT INTO flows (lot, flow, amount) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
            """);
        var clear = session.Statement("DELETE FROM flows WHERE lot = ? AND flow = ? AND amount = 0");
        foreach (var change in changes)
        {
            add.Bind(change.Lot).Bind(change.Flow).Bind(change.AmountMinor).Run();
            clear.Bind(change.Lot).Bind(change.Flow).Run();
        }
    }

    private static void WriteDue(SqliteSession session, IReadOnlyList<DueRow> rows)
    {
        var add = session.Statement("INSERT INTO due (time, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        var done = session.Statement("DELETE FROM due WHERE time = ? AND kind = ? AND id = ?");
        foreach (var row in rows)
        {
            (row.Done ? done : add).Bind(row.Time).Bind(row.Kind).Bind(row.Id).Run();
        }
    }
}
