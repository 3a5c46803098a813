using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Domain.Organisations;

/// <summary>Who enrols does not approve, and who approves does not release: on by default, off in a program while its waiver counts.</summary>
internal static class Separation
{
    public static Refusal Refusal =>
        new(RefusalCode.RolesIncompatible, "Who enrols does not approve, and who approves does not release; another member must do this.");

    /// <param name="at">Unix milliseconds.</param>
    public static bool IsOn(ProgramRecord program, long at, ILedgerView view) =>
        view.Organisation(program.Organisation) is { SeparateRoles: true } && program.Waiver?.IsInEffect(at) != true;
}
