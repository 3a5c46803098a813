using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// An administrator lets a member hold another's roles between two dates. The two never both act on one disbursement, and neither do two
/// who act for the same one.
/// </summary>
public static class ActingRoles
{
    /// <summary>Most entries of a member.</summary>
    public const int Maximum = 16;

    /// <summary>Longest that a role is held for another, in milliseconds.</summary>
    public const long MaximumMilliseconds = 366 * Day;

    /// <summary>How long an ended entry stays at least, in milliseconds: what was done under it may go on.</summary>
    public const long KeptMilliseconds = 366 * Day;

    /// <summary>Roles that may be held for another.</summary>
    public const Roles Possible = Roles.Registrar | Roles.Approver | Roles.Releaser | Roles.Finance | Roles.ProgramManager;

    private const long Day = 24L * 60 * 60 * 1000;

    /// <summary>Appoints; entries that ended long ago make room.</summary>
    /// <param name="from">Unix milliseconds.</param>
    /// <param name="until">Unix milliseconds.</param>
    public static Outcome<Transaction> Appoint(
        Id member, Id absent, Roles roles, long from, long until, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Member(member).Record is not { } current ? NotFound()
        : Registry.Decide(
            [
                current with
                {
                    Acting = [.. Kept(current, scope.Now), new ActingRole(roles, absent, from, until, scope.Principal)],
                },
            ],
            signatures, scope, view);

    /// <summary>Ends at a time what a member holds for another.</summary>
    /// <param name="until">Unix milliseconds.</param>
    public static Outcome<Transaction> End(
        Id member, Id absent, long until, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Member(member).Record is not { } current ? NotFound()
        : !current.Acting.Any(acting => acting.For == absent && acting.Until > until) ? new Refusal(RefusalCode.WrongState, "Nothing is held for this member then.", "forMemberId")
        : Registry.Decide(
            [current with { Acting = [.. Kept(current, scope.Now).Select(acting => acting.For == absent && acting.Until > until ? acting with { Until = until } : acting)] }],
            signatures, scope, view);

    /// <summary>Refuses one who acts for another, or was acted for, where the same authority has decided before.</summary>
    /// <param name="earlier">Who decided before on the same thing.</param>
    internal static Refusal? NeverBoth(Transaction transaction, ILedgerView view, params ReadOnlySpan<Id> earlier)
    {
        foreach (var other in earlier)
        {
            // Whether one member may do both is the separation of duties' to say.
            if (other != transaction.Principal && view.Member(transaction.Principal).Record is { } second && view.Member(other).Record is { } first
                && (second.Acting.Count > 0 || first.Acting.Count > 0) && Authorities(second).Intersect(Authorities(first)).Any())
            {
                return new Refusal(RefusalCode.RolesIncompatible, "Who acts for a member and that member never both decide on one thing.");
            }
        }

        return null;
    }

    /// <summary>What is new is judged; what was is kept, shortened or long over.</summary>
    internal static Refusal? Check(Transaction transaction, MemberRecord? current, MemberRecord next, ILedgerView view)
    {
        IReadOnlyList<ActingRole> before = current?.Acting ?? [];
        if (next.Acting.SequenceEqual(before))
        {
            return null;
        }

        ActingRole[] kept = current is null ? [] : [.. Kept(current, transaction.DecidedAt)];
        if (next.Acting.Count < kept.Length || next.Acting.Count > Maximum || next.Acting.Count > kept.Length + 1)
        {
            return new Refusal(RefusalCode.Stale, $"A member holds at most {Maximum} roles for others, and what was held stays on record; ask again.");
        }

        for (var place = 0; place < kept.Length; place++)
        {
            if (next.Acting[place] != kept[place] with { Until = next.Acting[place].Until } || next.Acting[place].Until > kept[place].Until)
            {
                return new Refusal(RefusalCode.Stale, "What a member held for others stays on record, and is only shortened; ask again.");
            }
        }

        return next.Acting.Count > kept.Length ? CheckNew(transaction, next, next.Acting[^1], view) : null;
    }

    private static Refusal? CheckNew(Transaction transaction, MemberRecord next, ActingRole acting, ILedgerView view) =>
        acting.AppointedBy != transaction.Principal ? Checks.Broken("A role is held by the word of who signs.")
        : next.Id == transaction.Principal ? Principals.Forbidden()
        : acting.Roles == Roles.None || (acting.Roles & ~Possible) != 0
            ? new Refusal(RefusalCode.InvalidInput, "A registrar, approver, releaser, program manager or member of finance is acted for.", "roles")
        : acting.From < 0 || acting.Until <= Math.Max(acting.From, transaction.DecidedAt) || acting.Until - acting.From > MaximumMilliseconds
            ? new Refusal(RefusalCode.InvalidInput, "A role is held between two dates, for at most 366 days, and not in the past.", "until")
        : acting.For == next.Id || view.Member(acting.For).Record is not { Active: true } absent || absent.Organisation != next.Organisation
            || (absent.Roles & acting.Roles) != acting.Roles
            ? new Refusal(RefusalCode.InvalidInput, "Another active member of the organisation has the roles by right.", "forMemberId")
        : null;

    private static IEnumerable<ActingRole> Kept(MemberRecord member, long at) => member.Acting.Where(acting => at - acting.Until < KeptMilliseconds);

    private static IEnumerable<Id> Authorities(MemberRecord member) => member.Acting.Select(acting => acting.For).Append(member.Id);

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is no such member.", "memberId");
}
