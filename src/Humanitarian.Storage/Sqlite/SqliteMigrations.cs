using Humanitarian.Storage.Migrations;

namespace Humanitarian.Storage.Sqlite;

/// <summary>The numbered changes of a file's layout, embedded as <c>Sqlite/Migrations/{file}/{number}_{name}.sql</c>.</summary>
internal static class SqliteMigrations
{
    /// <summary>Brings a file to the newest layout in one transaction.</summary>
    /// <exception cref="StorageFault"><see cref="StorageFaultCode.Newer"/>.</exception>
    public static void Apply(SqliteSession session, SqliteFileKind kind, string path, TimeProvider time) => session.Write(() =>
    {
        session.Script("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT");
        var all = Of(kind);
        var current = Current(session);
        RefuseNewer(current, all.Count, path);
        foreach (var script in all.Skip(current))
        {
            session.Script(script.Sql);
            session.Statement("INSERT INTO schema_version (version, name, applied) VALUES (?, ?, ?)")
                .Bind(script.Number).Bind(script.Name).Bind(time.GetUtcNow().ToUnixTimeMilliseconds()).Run();
        }

        return all.Count;
    });

    /// <summary>Refuses a file whose layout is not the program's own; for files that are only read.</summary>
    /// <exception cref="StorageFault"><see cref="StorageFaultCode.Newer"/> or <see cref="StorageFaultCode.Older"/>.</exception>
    public static void Check(SqliteSession session, SqliteFileKind kind, string path)
    {
        var newest = Of(kind).Count;
        var tables = session.Statement("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'").Rows(r => r.Int(0)).Single();
        var current = tables == 0 ? 0 : Current(session);
        RefuseNewer(current, newest, path);
        if (current < newest)
        {
            throw new StorageFault(
                StorageFaultCode.Older, $"{path} has layout {current}, this program reads {newest}. Start the server once on this folder to migrate it.");
        }
    }

    private static int Current(SqliteSession session) =>
        session.Statement("SELECT coalesce(max(version), 0) FROM schema_version").Rows(r => r.Int(0)).Single();

    private static void RefuseNewer(int current, int newest, string path)
    {
        if (current > newest)
        {
            throw new StorageFault(
                StorageFaultCode.Newer, $"{path} has layout {current}, this program knows {newest}. Use the newer program that wrote it.");
        }
    }

    private static IReadOnlyList<MigrationScript> Of(SqliteFileKind kind) =>
        MigrationScripts.Of($"{typeof(SqliteMigrations).Namespace}.Migrations.{kind.Name}.");
}
