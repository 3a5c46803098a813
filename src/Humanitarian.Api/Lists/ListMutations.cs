using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Lists;

/// <param name="ProgramId">The program whose payments count.</param>
/// <param name="ListId">An imported list with the whole revised amount of everybody.</param>
/// <param name="Period">The calendar period whose payments count, such as 2026-11.</param>
public sealed record MakeTopUpListInput(string IdempotencyKey, Id ProgramId, Id ListId, string Period) : MutationInput(IdempotencyKey);

public sealed record MakeTopUpListPayload : Payload
{
    /// <summary>The new list: who was paid less than the revised amount, and the difference.</summary>
    [AsParent]
    public async Task<ListView?> List([FromServices] ListQueries lists) => Subject.IsNone ? null : await lists.List(Subject);
}

/// <summary>Lists that follow from others.</summary>
public sealed class ListMutations(MutationRunner run, Access access, ListDocuments lists, ListScopes scopes, TopUpLists topUps) : IMutations
{
    /// <summary>Makes a list of what is still owed for a period after a revision, for a disbursement with the purpose TOP_UP. Not on the ledger.</summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<MakeTopUpListPayload> MakeTopUpList(MakeTopUpListInput input) => run.RunAsync<MakeTopUpListPayload>(input, null, async (context, id) =>
    {
        if (await access.OwnProgramAsync(input.ProgramId) is not { } program)
        {
            return await Refuse.NotFound("programId");
        }

        if (await lists.FindAsync(input.ListId, access.Caller.Organisation) is not { } list)
        {
            return await Refuse.With(ListDocuments.Unknown);
        }

        var refusal = !access.Caller.Has(Roles.Registrar) ? Principals.Forbidden()
            : await scopes.RefuseAsync(access.Caller.Member, program.Id, input.ListId) is { } outside ? outside
            : list.Unit != program.Unit ? new Refusal(RefusalCode.UnitMismatch, $"The list is in {list.Unit}, the program in {program.Unit}.", "listId")
            : input.Period.Length is 0 or > Approvals.MaximumText ? new Refusal(RefusalCode.InvalidInput, "Name the period, with at most 32 characters.", "period")
            : await topUps.MakeAsync(id, list, program.Id, input.Period, context.Principal);
        return refusal is null ? CommandResult.Done(Hash32.Zero, 0, 0) : CommandResult.Refused(refusal);
    });
}
