namespace Humanitarian.Domain.Overlaps;

/// <summary>
/// A count as it is told to who may not know it: in steps, so that no single household shows. Nothing below the first step is told apart
/// from nothing.
/// </summary>
/// <param name="AtLeast">A multiple of the step; 0 when the count is below the first.</param>
/// <param name="FewerThan">The next multiple.</param>
public readonly record struct CountStep(long AtLeast, long FewerThan)
{
    /// <summary>Households of a step.</summary>
    public const int Size = 10;

    /// <param name="count">Not negative.</param>
    public static CountStep Of(long count) => new(count / Size * Size, checked((count / Size * Size) + Size));
}
