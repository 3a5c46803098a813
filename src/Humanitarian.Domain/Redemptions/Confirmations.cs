using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Redemptions;

/// <summary>What a redemption records of the beneficiary's word, and whether that word counts.</summary>
internal static class Confirmations
{
    public static RecordWrite Write(Confirmation given, Id program, Id payer, long amountMinor, long at, ILedgerView view)
    {
        var account = given.Collector.IsNone ? payer : given.Collector;
        var found = Find(program, account, view);
        return new RecordWrite(found.Version + 1, Next(found.Record, given, program, account, amountMinor, at));
    }

    /// <summary>The recorded confirmation of a redemption, or null for none.</summary>
    public static ConfirmationRecord? Of(Transaction transaction) =>
        transaction.Writes is [{ Record: ConfirmationRecord record }, ..] ? record : null;

    /// <summary>Whether the recorded confirmation follows from the last one and counts by the person's credentials. Signatures are checked by the room of the chain.</summary>
    public static Refusal? Check(Transaction transaction, ConfirmationRecord r, PairedMove move, ILedgerView view)
    {
        if (r != Next(Find(transaction.Program, r.Account, view).Record, r.Given, transaction.Program, r.Account, move.TotalMinor, transaction.DecidedAt))
        {
            return Checks.Broken("A redemption records its own confirmation.");
        }

        if (r.Account != move.From.Account && !Collects(r.Account, move.From.Account, transaction.Program, view))
        {
            return new Refusal(RefusalCode.NotACollector, "Whose PIN or card this is does not collect for the beneficiary.", "collectorAccountId");
        }

        var credential = view.Credential(r.Account);
        return r.Method switch
        {
            ConfirmationMethod.Pin => r.Given != Confirmation.ByPin ? Checks.Broken("A PIN answers no challenge.")
                : credential is not { Pin.IsNone: false } ? new Refusal(RefusalCode.PinNotSet, "Who confirms has no PIN; their organisation sets one.", "pin")
                : null,
            ConfirmationMethod.Card => credential is not { Card.IsZero: false } ? new Refusal(RefusalCode.CardUnknown, "Who confirms has no card.", "card")
                : !credential.CardBlockedBy.IsNone ? new Refusal(RefusalCode.CardBlocked, "The card is blocked; take it out of use.", "card")
                : transaction.DecidedAt >= r.Until ? new Refusal(RefusalCode.DeadlinePassed, "The challenge has passed; ask for another one.", "card")
                : null,
            _ => Checks.Broken("An unknown confirmation."),
        };
    }

    /// <summary>A challenge is answered once.</summary>
    public static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) =>
        Of(transaction) is { Method: ConfirmationMethod.Card } record ? [key.CardChallenge(record.Challenge)] : [];

    private static bool Collects(Id collector, Id account, Id program, ILedgerView view) =>
        view.Enrolment(program, account) is { } enrolment && view.Household(Lineage.Current(enrolment.Household, view)).Record is { } household
        && household.MayCollect(collector, account) && view.Account(collector) is { Status: AccountStatus.Open };

    private static Versioned<ConfirmationRecord> Find(Id program, Id account, ILedgerView view) =>
        view.Find<ConfirmationRecord>(RecordKind.Confirmation, ConfirmationRecord.IdOf(program, account));

    // Decisions are ordered apart from their times: a day that has begun does not end again.
    private static ConfirmationRecord Next(ConfirmationRecord? last, Confirmation given, Id program, Id account, long amountMinor, long at)
    {
        var day = Math.Max(Limits.DayOf(at), last?.Day ?? 0);
        var before = last is not null && last.Day == day ? last.PinMinor : 0;
        return new ConfirmationRecord(
            ConfirmationRecord.IdOf(program, account), program, account, given.Method, day,
            given.Method == ConfirmationMethod.Pin ? checked(before + amountMinor) : before, given.Challenge, given.Until, given.Signature);
    }
}
