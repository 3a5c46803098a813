using System.Security.Cryptography;
using System.Text;

namespace Humanitarian.Domain.Organisations;

/// <summary>How the periods of a kind of assistance are named.</summary>
public enum PeriodForm
{
    /// <summary>Such as 2026-11.</summary>
    Month = 1,

    /// <summary>Such as 2026-Q4.</summary>
    Quarter = 2,

    /// <summary>Any name: assistance that does not come again.</summary>
    Once = 3,
}

/// <summary>What a household of up to so many persons is recommended to get for one period, in minor units.</summary>
public readonly record struct RecommendedValue(int Persons, long AmountMinor);

/// <summary>
/// A working group's harmonised values of one kind of assistance in one unit; the newest version counts. Earlier versions are the earlier
/// recommendations.
/// </summary>
/// <param name="Organisation">The working group.</param>
/// <param name="FromDay">The first day on which it counts, in days since 1970.</param>
/// <param name="UntilDay">The last day on which it counts, in days since 1970.</param>
/// <param name="Values">By growing number of persons; the last is for all larger households too.</param>
public sealed record GuidanceRecord(
    Id Id, Id Organisation, string AssistanceKind, string Unit, PeriodForm Period, long FromDay, long UntilDay, IReadOnlyList<RecommendedValue> Values) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Guidance;
    public override Id Parent => Organisation;

    /// <summary>The id of a group's values of one kind of assistance in one unit.</summary>
    public static Id IdOf(Id group, string assistanceKind, string unit) => Id.FromBytes(SHA256.HashData(
        [.. "guidance"u8, .. group.ToBytes(), .. Encoding.UTF8.GetBytes(unit), 0, .. Encoding.UTF8.GetBytes(assistanceKind)]));

    /// <summary>What a household of so many persons is recommended to get, in minor units.</summary>
    public long ValueOf(int persons)
    {
        foreach (var value in Values)
        {
            if (persons <= value.Persons)
            {
                return value.AmountMinor;
            }
        }

        return Values[^1].AmountMinor;
    }

    /// <summary>True for a period's name in the group's form.</summary>
    public bool Names(string period) => Period switch
    {
        PeriodForm.Month => period is [_, _, _, _, '-', _, _] && IsNumber(period[..4]) && IsNumber(period[5..])
            && string.CompareOrdinal(period[5..], "01") >= 0 && string.CompareOrdinal(period[5..], "12") <= 0,
        PeriodForm.Quarter => period is [_, _, _, _, '-', 'Q', >= '1' and <= '4'] && IsNumber(period[..4]),
        _ => true,
    };

    private static bool IsNumber(string text) => text.All(char.IsAsciiDigit);
}
