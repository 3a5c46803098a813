using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Beneficiaries confirm each redemption by card or PIN. What a PIN alone pays is bounded for a day, and who has given somebody a PIN
/// or a card does not serve that person for a while.
/// </summary>
/// <param name="PinPerDayMinor">Minor units that one person's PIN alone may pay on one UTC day, from their account or as an alternate.</param>
/// <param name="ServeAfterDays">Days in which who set a PIN, issued a card or changed the collector serves the person neither at a till nor in the field.</param>
public sealed record ConfirmedRedemptions(long PinPerDayMinor, int ServeAfterDays) : Rule
{
    private const int MostDays = 366;
    private const long MillisecondsPerDay = 86_400_000;

    public override Refusal? Validate() =>
        PinPerDayMinor < 0 ? new Refusal(RefusalCode.InvalidInput, "pinPerDayMinor is at least zero.", "terms")
        : ServeAfterDays is < 0 or > MostDays ? new Refusal(RefusalCode.InvalidInput, "serveAfterDays lies between 0 and 366.", "terms")
        : null;

    public override Refusal? Check(Movement movement, ILedgerView view)
    {
        // Who the payer is, and their word, stand in the closed part.
        if (movement is not { Kind: MovementKind.Redeem, Payer: { } payer })
        {
            return null;
        }

        return movement.Confirmation switch
        {
            null => new Refusal(RefusalCode.ConfirmationRequired, "The beneficiary confirms by card or PIN.", "pin"),
            { Method: ConfirmationMethod.Pin } given when given.PinMinor > PinPerDayMinor =>
                new Refusal(RefusalCode.PinLimitExceeded, "More than may be paid by PIN alone in a day; use the card, or come back tomorrow.", "amountMinor"),
            { } given => CheckServer(payer.Id, movement.Program.Id, movement.ServedBy, movement.At, view, given.Account),
        };
    }

    /// <summary>Refuses a member who has lately given the person a PIN or a card, or made them a collector.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="confirmer">Who confirms, where it may be another one.</param>
    internal Refusal? CheckServer(Id account, Id program, Id member, long at, ILedgerView view, Id confirmer = default)
    {
        var lately = ServeAfterDays * MillisecondsPerDay;
        var household = view.Enrolment(program, account) is { } enrolment ? view.Household(Lineage.Current(enrolment.Household, view)).Record : null;
        return IsLately(account) || (!confirmer.IsNone && confirmer != account && IsLately(confirmer))
            ? new Refusal(
                RefusalCode.ResetterCannotServe,
                "Who has given the person a PIN, a card or a login, or made them collect, does not serve them yet; let somebody else.", "account")
            : null;

        bool IsLately(Id person) =>
            view.Credential(person)?.IsLatelyBy(member, at, lately) == true || household?.IsLatelyBy(member, person, at, lately) == true;
    }
}
