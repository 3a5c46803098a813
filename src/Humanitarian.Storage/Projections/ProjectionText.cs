using System.Globalization;

namespace Humanitarian.Storage.Projections;

/// <summary>
/// The lines of <see cref="IProjectionStore.DumpAsync"/>: one a row, the same from every backend. Tables come in the order of the
/// methods here, rows in the order of the key that each names; texts order by their UTF-8 bytes.
/// </summary>
public static class ProjectionText
{
    public static string Height(ulong height) => Invariant($"height {height}");

    /// <summary>By kind, id.</summary>
    public static string Line(RecordRow row) =>
        Invariant($"record {row.Kind} {row.Id} {row.Parent} {row.Version} {Convert.ToHexStringLower(row.Content.Span)}");

    /// <summary>By account, number, unit.</summary>
    public static string Line(in EntryRow row) => Invariant(
        $"entry {row.Account} {row.Number} {row.Unit} {row.AvailableMinor} {row.HeldMinor} {row.Height} {row.Position} {row.Kind} {row.Time}");

    /// <summary>By account, unit, lot.</summary>
    public static string Line(in BalanceRow row) => Invariant($"balance {row.Account} {row.Unit} {row.Lot} {row.AvailableMinor} {row.HeldMinor}");

    /// <summary>By prefix, height, position.</summary>
    public static string Line(in TransactionRow row) => Invariant($"transaction {row.Prefix:x16} {row.Place.Height} {row.Place.Position}");

    /// <summary>By claim.</summary>
    public static string Line(in ClaimRow row) => Invariant($"claim {row.Claim} {row.Place.Height} {row.Place.Position}");

    /// <summary>By lot, flow.</summary>
    public static string Line(in FlowRow row) => Invariant($"flow {row.Lot} {row.Flow} {row.AmountMinor}");

    /// <summary>By time, kind, id.</summary>
    public static string Line(in DueRow row) => Invariant($"due {row.Time} {row.Kind} {row.Id}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
