using Humanitarian.Domain;
using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>The ledger's values as PostgreSQL's. An id is a uuid of the same 16 bytes, so that both sort alike.</summary>
internal static class PostgresValues
{
    public static Guid Uuid(this Id id) => new(id.ToBytes(), bigEndian: true);

    public static Guid Uuid(this Claim claim) => new(claim.ToBytes(), bigEndian: true);

    public static Id Id(this NpgsqlDataReader row, int column)
    {
        Span<byte> bytes = stackalloc byte[Domain.Id.Size];
        row.GetFieldValue<Guid>(column).TryWriteBytes(bytes, bigEndian: true, out _);
        return Domain.Id.FromBytes(bytes);
    }

    public static Claim Claim(this NpgsqlDataReader row, int column)
    {
        var id = row.Id(column);
        return new Claim(id.High, id.Low);
    }

    public static Hash32 Hash(this NpgsqlDataReader row, int column) => Hash32.FromSpan(row.GetFieldValue<byte[]>(column));

    public static ulong Height(this NpgsqlDataReader row, int column) => (ulong)row.GetInt64(column);

    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };
}
