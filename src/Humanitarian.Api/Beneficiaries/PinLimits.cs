namespace Humanitarian.Api.Beneficiaries;

/// <summary>Bounds of comparing PINs: how often may be guessed, and what a comparison costs.</summary>
public sealed record PinLimits
{
    /// <summary>Wrong PINs in a row of one person, anywhere, after which only a new PIN helps.</summary>
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

    /// <summary>Comparisons at the same time, each on one core.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>Comparisons that wait for their turn; more are refused with BUSY.</summary>
    public int Waiting { get; init; } = 64;
}
