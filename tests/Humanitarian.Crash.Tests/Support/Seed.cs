using System.Globalization;
using System.Security.Cryptography;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>Seeds: printed, and taken from the environment to repeat a run.</summary>
internal static class Seed
{
    public static int Choose()
    {
        var seed = Environment.GetEnvironmentVariable("HUMANITARIAN_CRASH_SEED") is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        Say($"HUMANITARIAN_CRASH_SEED={seed.ToString(CultureInfo.InvariantCulture)}");
        return seed;
    }

    /// <summary>Also when the test passes.</summary>
    public static void Say(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Console.WriteLine(text);
    }
}
