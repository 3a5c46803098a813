using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Programs;

/// <param name="ProgramId">The program.</param>
[MovesMoney]
public sealed record CloseProgramInput(string IdempotencyKey, Signature? Signature, Id ProgramId) : SignedInput(IdempotencyKey, Signature);

public sealed record CloseProgramPayload : ProgramPayload;

/// <summary>Something that stands in the way of a program's end.</summary>
/// <param name="Code">Code with which <c>closeProgram</c> is refused for it; see docs/refusals.md.</param>
/// <param name="Count">How many there are: disbursements, lots of which people hold units, settlement requests and lots that vendors hold, emergencies.</param>
/// <param name="Message">What to do.</param>
[Name("StillOpen")]
public sealed record StillOpenView(string Code, long Count, string Message);

/// <summary>The end of programs.</summary>
public sealed class ClosingMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>
    /// Ends a program of your organisation for ever. Refused with the code of what is still open (see <c>programStillOpen</c>); then what is
    /// unspent passes to the return queue, from where <c>returnGrant</c> pays it to the donors, and everything else of the program is
    /// PROGRAM_CLOSED.
    /// </summary>
    [Allow(Roles.Finance)]
    public Task<CloseProgramPayload> CloseProgram(CloseProgramInput input) => run.RunAsync<CloseProgramPayload>(input, input.ProgramId, async (context, id) =>
        await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId") : await commands.CloseProgramAsync(context, id));
}

/// <summary>What is open of programs.</summary>
public sealed class ClosingQueries(Access access, LedgerReader reader) : IQueries
{
    /// <summary>What stands in the way of a program's end; empty when it can be closed, or is. Null for a program that your organisation does not run.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<IReadOnlyList<StillOpenView>?> ProgramStillOpen(Id programId, CancellationToken cancellationToken) =>
        await access.OwnProgramAsync(programId) is not { } program ? null
        : [.. (await reader.StillOpenAsync(program, cancellationToken)).Select(open => new StillOpenView(open.Code, open.Count, open.Message))];
}
