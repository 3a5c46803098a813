using Humanitarian.Domain;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Grains.Accounts;

internal sealed partial class AccountDecisions
{
    /// <summary>
    /// What is open is asked while nothing of the pool is under way, and the decision falls if the pool gets an entry after it: whatever
    /// may reach people comes from the pool.
    /// </summary>
    public Task<CommandResult> CloseProgramAsync(CommandContext context, Id program) => RunAsync(new Command(
        context, (scope, view, signatures) => ProgramClosures.Decide(program, signatures, scope, view))
    {
        Drains = true,
        JudgesHistory = true,
        Before = async () => (await services.Reader.FindAsync<ProgramRecord>(RecordKind.Program, program)).Record is { Active: true } record
            && await services.Reader.StillOpenAsync(record) is [var first, ..] ? first.ToRefusal() : null,
    });
}
