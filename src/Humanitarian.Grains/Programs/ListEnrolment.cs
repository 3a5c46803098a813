using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Programs;

/// <summary>Enrols every row of an imported list in a program, in chunks; a repeated call goes on where the last one stopped.</summary>
internal sealed class ListEnrolment(LedgerServices services, ISideStore side, Id program)
{
    private const int ChunksUnderWay = 4;
    private static readonly TimeSpan BusyAgainAfter = TimeSpan.FromSeconds(1);

    // A little less than the call may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(25);
    private readonly CommandRunner runner = new(services);

    /// <returns>What became of the first chunk, or why a later one was refused: LIST_UNKNOWN, LIST_ALREADY_USED, BUSY and those of <see cref="Enrolments"/>.</returns>
    public async Task<CommandResult> RunAsync(CommandContext context, Id list)
    {
        if (await services.Reader.CurrentAsync() is not null && (await side.RowsAsync(list, 0, 1)).Count == 0)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.ListUnknown, "There is no such list, or it has no good rows.", "listId"));
        }

        // The first chunk carries the command's key; its outcome is the command's.
        var first = await ChunkAsync(context, list, 0);
        if (first.Refusal is not null)
        {
            return first;
        }

        var until = services.Now + (long)Patience.TotalMilliseconds;
        using var places = new SemaphoreSlim(ChunksUnderWay);
        var under = new List<Task<CommandResult>>();
        for (var chunk = 1; (await side.RowsAsync(list, (long)chunk * Enrolments.MaximumLines, 1)).Count > 0; chunk++)
        {
            await places.WaitAsync();
            under.Add(UntilTakenAsync(chunk));
        }

        var results = await Task.WhenAll(under);
        return Array.Find(results, result => result.Refusal is not null) ?? first;

        async Task<CommandResult> UntilTakenAsync(int chunk)
        {
            try
            {
                CommandResult result;
                while ((result = await ChunkAsync(context with { Key = "" }, list, chunk)).Refusal?.Code == RefusalCode.Busy && services.Now < until)
                {
                    await Task.Delay(BusyAgainAfter, services.Time);
                }

                return result;
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async Task<CommandResult> ChunkAsync(CommandContext context, Id list, int chunk)
    {
        if (await services.BulkTurnAsync() is { } busy)
        {
            return CommandResult.Refused(busy);
        }

        var rows = await side.RowsAsync(list, (long)chunk * Enrolments.MaximumLines, Enrolments.MaximumLines);
        var lines = rows.Select(row => new EnrolmentLine(row.Account, row.Household, row.HouseholdSize, row.Site)).ToArray();
        var ran = await runner.RunAsync(null, new Command(context, (scope, view, _) => Enrolments.Decide(program, list, chunk, lines, scope, view))
        {
            Bulk = true,
            Needs = new Needs([.. lines.SelectMany(line => Needs.OfPerson(program, line.Account, line.Household)).Distinct()], []),
        });

        // A chunk that was enrolled before is done: the list has been enrolled in this program.
        return ran.Submitted is { Refusal.Code: RefusalCode.ClaimTaken, First: { } place } && context.Key.Length == 0
            ? CommandResult.Done(default, place.Height, place.Position, replayed: true)
            : ran.Submitted is { Refusal.Code: RefusalCode.ClaimTaken } && ran.Result.Refusal is not null
                ? CommandResult.Refused(new Refusal(RefusalCode.ListAlreadyUsed, "This list has been enrolled in this program already.", "listId"))
                : ran.Result;
    }
}
