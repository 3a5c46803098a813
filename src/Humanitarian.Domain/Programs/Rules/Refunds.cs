namespace Humanitarian.Domain.Programs.Rules;

/// <summary>A vendor may take a redemption back, in full or in part, for some days.</summary>
/// <param name="Days">Days from the redemption in which it can be taken back.</param>
public sealed record Refunds(int Days) : Rule
{
    internal const long MillisecondsPerDay = 86_400_000;
    private const int MostDays = 366;

    public override Refusal? Validate() =>
        Days is > 0 and <= MostDays ? null : new Refusal(RefusalCode.InvalidInput, "days lies between 1 and 366.", "terms");
}
