using System.Globalization;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.LocalCurrency;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>A rate of melting from one day on.</summary>
/// <param name="From">First UTC day, as 2026-01-31.</param>
/// <param name="DailyFactor">What is left of one unit after one day: a decimal of at most 20 places, such as 0.99980133200859895743.</param>
public sealed record DemurrageEpoch(string From, string DailyFactor);

/// <summary>
/// Positive balances melt by whole UTC days, and what melts goes to the commons fund. An account is charged when it is first touched on
/// a day, by the product of the daily factors of every day since it was charged last. The fund itself does not melt.
/// </summary>
/// <param name="Epochs">The rates by date, the earliest first; before the first nothing melts.</param>
public sealed record Demurrage(IReadOnlyList<DemurrageEpoch> Epochs) : Rule
{
    private const int MaximumEpochs = 200;

    public override Refusal? Validate()
    {
        if (Epochs.Count is 0 or > MaximumEpochs || Epochs.Any(epoch => DayOf(epoch.From) is null || MeltFactor.Parse(epoch.DailyFactor) is null))
        {
            return new Refusal(
                RefusalCode.InvalidInput, "Each epoch has a day such as 2026-01-31 and a daily factor above 0 and at most 1, of at most 20 decimal places.", "terms");
        }

        return Epochs.Zip(Epochs.Skip(1)).Any(pair => DayOf(pair.First.From) >= DayOf(pair.Second.From))
            ? new Refusal(RefusalCode.InvalidInput, "Epochs stand in order of their days, each day once.", "terms")
            : null;
    }

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        CommonsFund.Of(movement.Program, view) is null ? CommonsFund.Missing()
        : movement.Payee is { MustBeAsked: false } payee && Melts(payee)
            ? new Refusal(RefusalCode.MovementForbidden, "A melting account has a holding limit, so that it is asked and charged first; set one.", "payee")
            : null;

    /// <summary>True for an account whose balance melts.</summary>
    public static bool Melts(AccountRecord account) => account is { IsOfProgram: true, AccountKind: not AccountKind.CommonsFund };

    /// <summary>The rule of a program's terms, or null where nothing melts.</summary>
    public static Demurrage? Of(ProgramRecord program) => TermsJson.Of(program).Find<Demurrage>();

    /// <summary>What is left of one unit from one day to another, counted from 1970; a clock that went back charges nothing.</summary>
    public MeltFactor Between(long fromDay, long toDay)
    {
        var factor = MeltFactor.One;
        for (var index = 0; index < Epochs.Count; index++)
        {
            var begins = Math.Max(fromDay, DayOf(Epochs[index].From)!.Value);
            var ends = index + 1 < Epochs.Count ? Math.Min(toDay, DayOf(Epochs[index + 1].From)!.Value) : toDay;
            factor = ends > begins ? factor.Times(MeltFactor.Parse(Epochs[index].DailyFactor)!.Value.Power(ends - begins)) : factor;
        }

        return factor;
    }

    /// <summary>True when two programs' terms melt alike on every day before one; terms without the rule melt nothing.</summary>
    /// <param name="day">Counted from 1970.</param>
    public static bool SameBefore(long day, Demurrage? first, Demurrage? second) =>
        new[] { first, second }.SelectMany(rule => rule?.Epochs ?? []).Select(epoch => DayOf(epoch.From)!.Value).Where(begins => begins < day)
            .All(begins => On(first, begins) == On(second, begins));

    private static MeltFactor On(Demurrage? rule, long day) => rule?.Between(day, day + 1) ?? MeltFactor.One;

    private static long? DayOf(string date) =>
        DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year >= 1970
            ? day.DayNumber - new DateOnly(1970, 1, 1).DayNumber
            : null;
}
