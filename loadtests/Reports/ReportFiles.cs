using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Reports;

/// <summary>The files of a report.</summary>
internal static class ReportFiles
{
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, RunReport report, IReadOnlyList<Measured> measured, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, report.Started.ToString("yyyy-MM-dd-HHmmss", System.Globalization.CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(name + ".json", report.ToJson(), cancellationToken);
        return [name + ".json"];
    }
}
