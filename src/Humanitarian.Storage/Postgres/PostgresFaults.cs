using System.Net.Sockets;
using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>What the server's errors mean to whoever runs the ledger. Messages name server, database and role, never a password.</summary>
internal static class PostgresFaults
{
    /// <summary>The fault that an error stands for; null when the error is one of the program.</summary>
    /// <param name="place">Names database, server and role.</param>
    public static StorageFault? Of(Exception error, string place) => error switch
    {
        PostgresException said => OfState(said, place),
        NpgsqlException { InnerException: null } refused when refused.Message.Contains("password", StringComparison.OrdinalIgnoreCase) =>
            new(StorageFaultCode.Denied, $"{place}: the server asks for a password and none was given. Name a password file, or add the role to .pgpass.", error),
        NpgsqlException or SocketException or IOException or TimeoutException =>
            new(StorageFaultCode.Unreachable, $"{place}: no server answers ({Innermost(error).Message}). Start it, or correct the connection.", error),
        _ => null,
    };

    private static StorageFault? OfState(PostgresException error, string place) => error.SqlState switch
    {
        "28P01" or "28000" => new(StorageFaultCode.Denied, $"{place}: the server refuses this role or its password ({error.MessageText}). Correct them, or pg_hba.conf.", error),
        "3D000" => new(StorageFaultCode.Missing, $"{place}: there is no such database. Make it first, as deploy/sql/bootstrap.sql does.", error),
        PostgresErrorCodes.InsufficientPrivilege =>
            new(StorageFaultCode.Denied, $"{place}: the role may not do this ({error.MessageText}). Make it a member of the group it needs; docs/running.md lists them.", error),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName =>
            new(StorageFaultCode.Older, $"{place}: the layout is incomplete ({error.MessageText}). Run migrate.", error),
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError =>
            new(StorageFaultCode.Full, $"{place}: the server's disk is full or failing ({error.MessageText}). Free space or replace it; then the write can be repeated.", error),
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            new(StorageFaultCode.Corrupt, $"{place}: the database is damaged ({error.MessageText}). Fail over to a standby or restore the newest backup, then run verify.", error),
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            new(StorageFaultCode.Unreachable, $"{place}: this server only reads; it is a standby. Name the primary.", error),
        PostgresErrorCodes.QueryCanceled => new(StorageFaultCode.Unreachable, $"{place}: the statement was cancelled on the server or took too long.", error),
        ['0', '8', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] =>
            new(StorageFaultCode.Unreachable, $"{place}: the server cannot serve now ({error.MessageText}). Wait for it, or look at its log.", error),
        _ => null,
    };

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;
}
