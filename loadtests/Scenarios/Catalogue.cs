using Humanitarian.LoadTests.Baselines;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Every scenario that the tool runs.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Transfers.Scenario,
        DisbursementDay.Scenario,
        RedemptionPeak.Scenario,
        ReconnectStorm.Scenario,
        RegistrationSurge.Scenario,
        Coordination.Scenario,
        MixedDay.Scenario,
        Fairness.Scenario,
        Growth.Scenario,
        AtRest.Memory,
        AtRest.Restart,
        AtRest.Verify,
        GrainsBaseline.Scenario,
        DiskBaseline.Scenario,
        SqlBaseline.Scenario,
        HttpBaseline.Scenario,
    ];

    /// <exception cref="FormatException">There is no such scenario.</exception>
    public static Scenario Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new FormatException($"'{name}' is no scenario; there are {string.Join(", ", All.Select(scenario => scenario.Name))}.");
}
