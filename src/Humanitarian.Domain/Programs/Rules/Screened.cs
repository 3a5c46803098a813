namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// A vendor is accredited, and a provider instructed, only with a clear result that still counts of each list, recorded by the program's
/// organisation. Beneficiaries are never screened.
/// </summary>
public sealed record Screened(IReadOnlyList<string> Lists) : Rule
{
    public override Refusal? Validate() =>
        Lists.Count is > 0 and <= 16 && Lists.Distinct().Count() == Lists.Count && Lists.All(list => list.Length is > 0 and <= Organisations.Screenings.MaximumList)
            ? null
            : new Refusal(RefusalCode.InvalidInput, "lists must name 1 to 16 lists, each once.", "terms");
}
