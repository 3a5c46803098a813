using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Organisations;

/// <summary>What of a program changes by rules of its own: what is stopped, what its members agreed on the separation of duties, its terms.</summary>
internal static class ProgramGovernance
{
    /// <summary>Who runs programs.</summary>
    public const Roles Managers = Roles.Administrator | Roles.ProgramManager;

    public static bool IsChanged(ProgramRecord? current, ProgramRecord next) =>
        AreStopsChanged(current, next) || IsWaiverChanged(current, next) || (current is null ? next.Amendment is not null : Amendments.IsChanged(current, next));

    /// <summary>One change at a time, and all else stays: nothing rides along, and nothing that came meanwhile is lost.</summary>
    public static Refusal? Check(Transaction transaction, ProgramRecord? current, ProgramRecord next, ILedgerView view) =>
        current is null ? Checks.Broken("A new program is not stopped, its duties are separate, and no other terms are proposed.")
        : Amendments.IsChanged(current, next) && !AreStopsChanged(current, next) ? Amendments.CheckChange(transaction, current, next, view)
        : current with { Stops = next.Stops, Waiver = next.Waiver } != next || (AreStopsChanged(current, next) && IsWaiverChanged(current, next))
            ? new Refusal(RefusalCode.Stale, "The program was stopped or resumed, or its separation of duties changed, meanwhile; ask again.")
        : AreStopsChanged(current, next) ? Stops.CheckChange(transaction, current, next, view)
        : SeparationWaivers.CheckChange(transaction, current, next, view);

    private static bool AreStopsChanged(ProgramRecord? current, ProgramRecord next) => !next.Stops.SequenceEqual(current?.Stops ?? []);

    private static bool IsWaiverChanged(ProgramRecord? current, ProgramRecord next) => next.Waiver != current?.Waiver;
}
