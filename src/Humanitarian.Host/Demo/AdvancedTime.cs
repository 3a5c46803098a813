namespace Humanitarian.Host.Demo;

/// <summary>
/// A clock that begins in the past and is moved on by hand, so that a demo lives through months in seconds and ends today. It ticks as the
/// system's; timers and durations are the system's own.
/// </summary>
internal sealed class AdvancedTime(TimeSpan ago) : TimeProvider
{
    private readonly Lock gate = new();
    private TimeSpan behind = ago;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return System.GetUtcNow() - behind;
        }
    }

    /// <summary>Moves on, at most to the system's own time.</summary>
    public void Pass(TimeSpan time)
    {
        lock (gate)
        {
            behind = behind > time ? behind - time : TimeSpan.Zero;
        }
    }
}
