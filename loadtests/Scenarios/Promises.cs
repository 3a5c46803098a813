using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>What the field needs, as thresholds. Short runs measure a system that is not warm, and promise only that nothing fails.</summary>
internal static class Promises
{
    /// <summary>Shorter runs measure too few to judge a hundredth of them.</summary>
    public static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    /// <summary>
    /// People wait at a till or look at a page: nothing fails, 99 of 100 wait a second at most, and pages are five seconds behind at most.
    /// A simulation of the caller's own may be meant to saturate.
    /// </summary>
    public static IReadOnlyList<string> OfPeople(RunSettings settings) =>
        settings.Duration >= LongEnough && settings.Simulations.Count == 0 ? ["p99_ms <= 1000", .. OfSaturation(settings)] : OfSaturation(settings);

    /// <summary>Saturation has no latency to promise; projections must keep up all the same.</summary>
    public static IReadOnlyList<string> OfSaturation(RunSettings settings) =>
        settings.Duration >= LongEnough ? ["failed <= 0", "lag_seconds_at_end <= 5"] : ["failed <= 0"];
}
