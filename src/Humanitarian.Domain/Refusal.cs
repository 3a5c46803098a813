using Orleans;

namespace Humanitarian.Domain;

/// <summary>An expected "no": a stable code (<see cref="RefusalCode"/>) and a sentence that says what to do. It names no person.</summary>
[GenerateSerializer, Immutable, Alias("Refusal")]
public sealed record Refusal([property: Orleans.Id(0)] string Code, [property: Orleans.Id(1)] string Message, [property: Orleans.Id(2)] string? Field = null);

/// <summary>A value, or the refusal that stands in its place.</summary>
public readonly record struct Outcome<T>(T? Value, Refusal? Refusal)
{
    public static implicit operator Outcome<T>(T value) => new(value, null);
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
