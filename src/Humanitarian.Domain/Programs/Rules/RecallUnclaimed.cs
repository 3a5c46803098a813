namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// The program pays in cash through financial service providers; what nobody claimed after this long is recalled. Without this rule a
/// program has no cash; once it has it, it keeps it.
/// </summary>
/// <param name="Seconds">Seconds from instruction to recall.</param>
public sealed record RecallUnclaimed(long Seconds) : Rule
{
    public override Refusal? Validate() =>
        Seconds is > 0 and <= 366L * 86_400 ? null : new Refusal(RefusalCode.InvalidInput, "seconds must be positive and at most a year.", "terms");

    /// <summary>First moment, in Unix milliseconds, at which a line instructed at this time is recalled.</summary>
    public long Until(long instructedAt) => checked(instructedAt + (Seconds * 1000));

    /// <summary>The rule of a program, or null when it has no cash.</summary>
    public static RecallUnclaimed? Of(ProgramRecord program) => TermsJson.Of(program).Find<RecallUnclaimed>();
}
