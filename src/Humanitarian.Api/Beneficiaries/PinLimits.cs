namespace Humanitarian.Api.Beneficiaries;

/// <summary>Bounds of comparing PINs: how often may be guessed, and what a comparison costs.</summary>
public sealed record PinLimits
{
    /// <summary>Wrong PINs in a row of one person, anywhere, after which only a new PIN helps. Half as many of one vendor's tills lock the person there.</summary>
    public int AttemptsOfPerson { get; init; } = 10;

    /// <summary>Wrong PINs of one person at one till, after which this till waits with this person.</summary>
    public int AttemptsAtTill { get; init; } = 3;

    /// <summary>Wrong PINs of anybody at one till, after which this till waits with everybody.</summary>
    public int AttemptsOfTill { get; init; } = 30;

    /// <summary>How long a till waits, and how far back its wrong PINs count.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Memory of one comparison in KiB.</summary>
    public int MemoryKiB { get; init; } = 19 * 1024;

    /// <summary>Passes over the memory.</summary>
    public int Passes { get; init; } = 2;

    /// <summary>Comparisons at the same time, each on one core; as many again of those who sign in.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>Comparisons that wait for their turn, and as many again of those who sign in; more are refused with BUSY.</summary>
    public int Waiting { get; init; } = 64;

    /// <summary>The first limit that makes no sense, by its name and with what it should be; null when all do.</summary>
    public (string Setting, string Advice)? Wrong() =>
        AttemptsOfPerson is < 1 or > 100 ? (nameof(AttemptsOfPerson), "lies between 1 and 100")
        : AttemptsAtTill < 1 || AttemptsAtTill > AttemptsOfPerson ? (nameof(AttemptsAtTill), $"lies between 1 and {nameof(AttemptsOfPerson)}")
        : AttemptsOfTill < AttemptsAtTill || AttemptsOfTill > 10_000 ? (nameof(AttemptsOfTill), $"lies between {nameof(AttemptsAtTill)} and 10000")
        : Wait < TimeSpan.FromSeconds(1) || Wait > TimeSpan.FromDays(1) ? (nameof(Wait), "lies between 00:00:01 and 1.00:00:00")
        : MemoryKiB is < 7 * 1024 or > 1024 * 1024 ? (nameof(MemoryKiB), "lies between 7168 and 1048576")
        : Passes is < 1 or > 100 ? (nameof(Passes), "lies between 1 and 100")
        : AtOnce is < 1 or > 64 ? (nameof(AtOnce), "lies between 1 and 64")
        : Waiting is < 0 or > 10_000 ? (nameof(Waiting), "lies between 0 and 10000")
        : null;
}
