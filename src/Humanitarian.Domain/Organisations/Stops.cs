using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// One member stops a program, an area of it or a vendor in it at once; two resume: the first asks, the second confirms. While it is
/// stopped nothing of it pays, redeems, releases or delivers. What was redeemed before is settled all the same.
/// </summary>
public static class Stops
{
    /// <summary>Most stops of a program at once.</summary>
    public const int Maximum = 64;

    /// <summary>Most characters of an area.</summary>
    public const int MaximumArea = 64;

    /// <param name="area">The site of enrolments; empty for all of the program or a vendor.</param>
    /// <param name="vendorAccount">The vendor's account; none for all of the program or an area.</param>
    public static Outcome<Transaction> Stop(
        Id program, string area, Id vendorAccount, StopReason reason, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Program(program) is not { } current ? NotFound()
        : current.Stops.Any(stop => stop.IsOf(area, vendorAccount)) ? new Refusal(RefusalCode.AlreadyExists, "It is stopped already.", "programId")
        : Registry.Decide(
            [current with { Stops = [.. current.Stops, new ProgramStop(area, vendorAccount, reason, scope.Principal, Limits.DayOf(scope.Now), Id.None)] }], signatures, scope, view);

    /// <summary>Asks for the end of a stop, or confirms what another member has asked for.</summary>
    public static Outcome<Transaction> Resume(
        Id program, string area, Id vendorAccount, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Program(program) is not { } current)
        {
            return NotFound();
        }

        if (current.Stops.FirstOrDefault(stop => stop.IsOf(area, vendorAccount)) is not { } found)
        {
            return new Refusal(RefusalCode.WrongState, "It is not stopped.", "programId");
        }

        if (found.ResumeAskedBy == scope.Principal)
        {
            return AnotherConfirms();
        }

        IReadOnlyList<ProgramStop> next = found.ResumeAskedBy.IsNone
            ? [.. current.Stops.Select(stop => stop == found ? found with { ResumeAskedBy = scope.Principal } : stop)]
            : [.. current.Stops.Where(stop => stop != found)];
        return Registry.Decide([current with { Stops = next }], signatures, scope, view);
    }

    /// <summary>Refuses what moves value of a program, to a vendor or from a person that is stopped.</summary>
    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (!Moves(transaction) || view.Program(transaction.Program) is not { Stops: { Count: > 0 } stops } program)
        {
            return null;
        }

        if (stops.Any(stop => stop.OfAll))
        {
            return Refused();
        }

        foreach (var posting in transaction.Postings)
        {
            if (posting.AmountMinor > 0 && stops.Any(stop => !stop.VendorAccount.IsNone && stop.VendorAccount == posting.Account))
            {
                return new Refusal(RefusalCode.VendorStopped, "The program has stopped this vendor; what it received before is still settled.", "vendorAccount");
            }

            if (posting is { AmountMinor: < 0, OfPerson: true } && transaction.HasClosedPart && OfPerson(posting.Account, program, view) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Refuses a person whose enrolment is at a site that is stopped.</summary>
    internal static Refusal? OfPerson(Id account, ProgramRecord program, ILedgerView view) =>
        program.Stops.Any(stop => stop.Area.Length > 0) && view.Enrolment(program.Id, account) is { } enrolment
        && program.Stops.Any(stop => stop.Area.Length > 0 && stop.Area == enrolment.Site)
            ? Refused()
            : null;

    internal static Refusal? CheckChange(Transaction transaction, ProgramRecord current, ProgramRecord next, ILedgerView view)
    {
        if (!Principals.IsOperator(transaction, view)
            && Principals.Require(transaction, view, current.Organisation, ProgramGovernance.Managers, current.Id, ofArea: true) is { } refusal)
        {
            return refusal;
        }

        var (before, after) = (current.Stops, next.Stops);
        if (after.Count == before.Count + 1)
        {
            return after.Take(before.Count).SequenceEqual(before)
                ? Principals.RequireArea(transaction.Principal, after[^1].Area, view) ?? CheckAdded(transaction, current, after[^1], view)
                : Torn();
        }

        var place = 0;
        while (place < Math.Min(before.Count, after.Count) && after[place] == before[place])
        {
            place++;
        }

        return place == before.Count ? Torn()
            : Principals.RequireArea(transaction.Principal, before[place].Area, view) is { } outside ? outside
            : after.Count == before.Count ? after[place] == before[place] with { ResumeAskedBy = transaction.Principal } && before[place].ResumeAskedBy.IsNone
                && after.Skip(place + 1).SequenceEqual(before.Skip(place + 1)) ? null : Torn()
            : after.Count == before.Count - 1 && after.Skip(place).SequenceEqual(before.Skip(place + 1)) ? CheckResumed(transaction, current, before[place], view)
            : Torn();
    }

    private static Refusal? CheckAdded(Transaction transaction, ProgramRecord program, ProgramStop added, ILedgerView view) =>
        (added.StoppedBy, added.OnDay, added.ResumeAskedBy) != (transaction.Principal, Limits.DayOf(transaction.DecidedAt), Id.None)
            || program.Stops.Any(stop => stop.IsOf(added.Area, added.VendorAccount)) ? Torn()
        : !Enum.IsDefined(added.Reason) || added.Area.Length > MaximumArea || (added.Area.Length > 0 && !added.VendorAccount.IsNone)
            || program.Stops.Count >= Maximum
            ? new Refusal(RefusalCode.InvalidInput, $"Stop a program, an area of 1 to {MaximumArea} characters or a vendor; at most {Maximum} at once.", "area")
        : !added.VendorAccount.IsNone && view.Account(added.VendorAccount) is not { AccountKind: AccountKind.Vendor }
            ? new Refusal(RefusalCode.AccountUnknown, "There is no such vendor's account.", "vendorAccountId")
        : null;

    // An operator's stop is not undone by the organisation alone.
    private static Refusal? CheckResumed(Transaction transaction, ProgramRecord program, ProgramStop ended, ILedgerView view) =>
        ended.ResumeAskedBy.IsNone || ended.ResumeAskedBy == transaction.Principal ? AnotherConfirms()
        : IsOfOrganisation(ended.StoppedBy, program, view) || !IsOfOrganisation(ended.ResumeAskedBy, program, view)
            || !IsOfOrganisation(transaction.Principal, program, view) ? null
        : new Refusal(RefusalCode.Forbidden, "An operator stopped this; an operator is one of the two who resume it.");

    private static bool IsOfOrganisation(Id member, ProgramRecord program, ILedgerView view) =>
        view.Member(member).Record?.Organisation == program.Organisation;

    // Rejecting moves nothing.
    private static bool Moves(Transaction transaction) => transaction is { Kind: TransactionKind.DeliveryExceptionDecision, Postings.Count: > 0 }
        || transaction.Kind is TransactionKind.DisbursementRelease or TransactionKind.DisbursementChunk or TransactionKind.Delivery
        or TransactionKind.CashInstruction or TransactionKind.InstructionFile or TransactionKind.Redemption or TransactionKind.Transfer
        or TransactionKind.PendingPayment or TransactionKind.PaymentAcceptance or TransactionKind.Deposit or TransactionKind.ConversionOut;

    private static Refusal Refused() =>
        new(RefusalCode.ProgramStopped, "The program, or the area, is stopped; it goes on when two members have resumed it.", "programId");

    private static Refusal AnotherConfirms() => new(RefusalCode.RolesIncompatible, "One member asks to resume, and another confirms.");

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is no such program.", "programId");

    private static Refusal Torn() => Checks.Broken("One stop begins, is asked to end or ends, by who signs.");
}
