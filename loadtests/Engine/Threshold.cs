using System.Globalization;

namespace Humanitarian.LoadTests.Engine;

/// <summary>What a run promises: a metric, a relation, a number; optionally of one scenario only.</summary>
internal sealed record Threshold(string? Scenario, string Metric, string Relation, double Value)
{
    private static readonly string[] Relations = ["<=", ">=", "<", ">", "="];

    /// <summary>Reads <c>p99_ms &lt;= 20</c> or <c>transfers: per_second &gt;= 35000</c>.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static Threshold Parse(string text)
    {
        var relation = Relations.FirstOrDefault(sign => text.Contains(sign, StringComparison.Ordinal));
        var parts = relation is null ? [] : text.Split(relation, 2, StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || parts[0].Length == 0 || !double.TryParse(parts[1], CultureInfo.InvariantCulture, out var value))
        {
            throw new FormatException($"'{text}' is no threshold. Write, for example, 'p99_ms <= 20' or 'transfers: per_second >= 35000'.");
        }

        var colon = parts[0].IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new Threshold(null, parts[0], relation!, value)
            : new Threshold(parts[0][..colon].Trim(), parts[0][(colon + 1)..].Trim(), relation!, value);
    }

    /// <summary>Of every scenario unless it names one; ratios are nobody's to a baseline.</summary>
    public bool IsOf(string scenario) =>
        Scenario is null ? !(Metric.StartsWith("ratio.", StringComparison.Ordinal) && scenario.StartsWith("baseline-", StringComparison.Ordinal)) : Scenario == scenario;

    /// <summary>Judges a result. A metric that was not measured holds no promise.</summary>
    public ThresholdResult Judge(IReadOnlyDictionary<string, double> metrics)
    {
        if (!metrics.TryGetValue(Metric, out var measured))
        {
            return new ThresholdResult(ToString(), false, "not measured");
        }

        var ok = Relation switch { "<=" => measured <= Value, ">=" => measured >= Value, "<" => measured < Value, ">" => measured > Value, _ => measured.Equals(Value) };
        return new ThresholdResult(ToString(), ok, measured.ToString("G6", CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Scenario is null ? "" : Scenario + ": ")}{Metric} {Relation} {Value}");
}

/// <summary>Whether a threshold held.</summary>
internal sealed record ThresholdResult(string Threshold, bool Ok, string Measured);
