using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>Connection strings, as an operator writes them.</summary>
public static class PostgresConnection
{
    /// <summary>What is wrong with a connection string, or null. A password has no place in it.</summary>
    public static string? Wrong(string connection)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            return settings.Password is { Length: > 0 } ? "holds a password; put it into a file of its own, or into .pgpass"
                : settings.Host is null ? "names no Host"
                : null;
        }
        catch (ArgumentException)
        {
            return "is no connection string; write it as Host=db.example.org;Database=humanitarian;Username=humanitarian_run";
        }
    }

    public static string WithPassword(string connection, string password) =>
        new NpgsqlConnectionStringBuilder(connection) { Password = password }.ConnectionString;

    /// <summary>Names database, server and role, for people.</summary>
    public static string Describe(string connection) => PostgresDatabase.PlaceOf(new NpgsqlConnectionStringBuilder(connection));
}
