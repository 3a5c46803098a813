using System.Globalization;

namespace Humanitarian.LoadTests.Engine;

/// <summary>How load comes: as arrivals that wait for nobody (open), or as so many requests under way (closed).</summary>
internal enum LoadKind
{
    /// <summary>Open: evenly spaced arrivals at one rate.</summary>
    Inject = 1,

    /// <summary>Open: the rate changes evenly from one value to another.</summary>
    RampingInject = 2,

    /// <summary>Open: each second has a random rate between two values.</summary>
    InjectRandom = 3,

    /// <summary>Closed: the same number of requests is always under way.</summary>
    KeepConstant = 4,

    /// <summary>Closed: the number under way changes evenly.</summary>
    RampingConstant = 5,

    /// <summary>Nothing arrives.</summary>
    Pause = 6,
}

/// <summary>One phase of load.</summary>
/// <param name="From">Arrivals a second (open) or requests under way (closed); at the phase's start where it ramps.</param>
/// <param name="To">At the phase's end; the same as <paramref name="From"/> where it does not change.</param>
internal sealed record LoadSimulation(LoadKind Kind, double From, double To, TimeSpan During)
{
    private static readonly Dictionary<string, LoadKind> Names = new()
    {
        ["inject"] = LoadKind.Inject, ["ramping-inject"] = LoadKind.RampingInject, ["inject-random"] = LoadKind.InjectRandom,
        ["keep-constant"] = LoadKind.KeepConstant, ["ramping-constant"] = LoadKind.RampingConstant, ["pause"] = LoadKind.Pause,
    };

    public bool IsOpen => Kind is LoadKind.Inject or LoadKind.RampingInject or LoadKind.InjectRandom;

    public static LoadSimulation Inject(double rate, TimeSpan during) => new(LoadKind.Inject, rate, rate, during);

    public static LoadSimulation RampingInject(double from, double to, TimeSpan during) => new(LoadKind.RampingInject, from, to, during);

    public static LoadSimulation InjectRandom(double lowest, double highest, TimeSpan during) => new(LoadKind.InjectRandom, lowest, highest, during);

    public static LoadSimulation KeepConstant(int copies, TimeSpan during) => new(LoadKind.KeepConstant, copies, copies, during);

    public static LoadSimulation RampingConstant(int from, int to, TimeSpan during) => new(LoadKind.RampingConstant, from, to, during);

    public static LoadSimulation Pause(TimeSpan during) => new(LoadKind.Pause, 0, 0, during);

    /// <summary>Reads phases such as <c>ramping-inject 0-5000 for 10s; inject 5000 for 60s; pause for 5s</c>.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static IReadOnlyList<LoadSimulation> Parse(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseOne)];

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        var name = Names.First(pair => pair.Value == Kind).Key;
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{During.TotalSeconds}s");
        return Kind == LoadKind.Pause ? $"{name} for {seconds}"
            : From.Equals(To) ? string.Create(CultureInfo.InvariantCulture, $"{name} {From} for {seconds}")
            : string.Create(CultureInfo.InvariantCulture, $"{name} {From}-{To} for {seconds}");
    }

    /// <summary>Arrivals of an open phase as times from its start: arrival i at i/rate, whatever happens to those before it.</summary>
    public IEnumerable<TimeSpan> Arrivals(int seed) => Kind switch
    {
        LoadKind.Inject => Evenly(From, During.TotalSeconds, 0),
        LoadKind.RampingInject => Ramping(),
        LoadKind.InjectRandom => Randomly(seed),
        _ => [],
    };

    /// <summary>How many requests of a closed phase are to be under way.</summary>
    public int CopiesAt(TimeSpan elapsed) => Kind is not (LoadKind.KeepConstant or LoadKind.RampingConstant) || elapsed >= During
        ? 0
        : (int)Math.Round(From + ((To - From) * (elapsed / During)));

    private static LoadSimulation ParseOne(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!Names.TryGetValue(words[0], out var kind) || words.Length != (kind == LoadKind.Pause ? 3 : 4) || words[^2] != "for" || !words[^1].EndsWith('s'))
        {
            throw new FormatException($"'{text}' is no load simulation. Write, for example, 'inject 5000 for 60s' or 'ramping-constant 0-2000 for 10s'.");
        }

        var during = TimeSpan.FromSeconds(double.Parse(words[^1][..^1], CultureInfo.InvariantCulture));
        var range = kind == LoadKind.Pause ? [0d] : words[1].Split('-').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new LoadSimulation(kind, range[0], range[^1], during);
    }

    private static IEnumerable<TimeSpan> Evenly(double rate, double seconds, double start)
    {
        for (long index = 0; index < Math.Round(rate * seconds); index++)
        {
            yield return TimeSpan.FromSeconds(start + (index / rate));
        }
    }

    /// <summary>By then, from·t + (to − from)·t²/2T have arrived: solved for t.</summary>
    private IEnumerable<TimeSpan> Ramping()
    {
        var seconds = During.TotalSeconds;
        var curve = (To - From) / (2 * seconds);
        for (long index = 0; index < (From + To) / 2 * seconds; index++)
        {
            var at = Math.Abs(curve) < 1e-12 ? index / From : (-From + Math.Sqrt((From * From) + (4 * curve * index))) / (2 * curve);
            yield return TimeSpan.FromSeconds(at);
        }
    }

    private IEnumerable<TimeSpan> Randomly(int seed)
    {
        var random = new Random(seed);
        for (var second = 0d; second < During.TotalSeconds; second++)
        {
            var rate = From + ((To - From) * random.NextDouble());
            foreach (var at in Evenly(rate, Math.Min(1, During.TotalSeconds - second), second))
            {
                yield return at;
            }
        }
    }
}
