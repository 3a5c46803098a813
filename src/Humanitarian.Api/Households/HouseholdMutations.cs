using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Households;

/// <param name="ProgramId">The program they are enrolled in.</param>
/// <param name="ListId">The imported list.</param>
public sealed record EnrolBeneficiariesInput(string IdempotencyKey, Id ProgramId, Id ListId) : MutationInput(IdempotencyKey);

public sealed record EnrolBeneficiariesPayload : Payload;

/// <summary>Beneficiaries and their households.</summary>
public sealed class HouseholdMutations(MutationRunner run, LedgerCommands commands, Access access, ListDocuments lists) : IMutations
{
    /// <summary>Opens accounts and households for an imported list's people and enrols them in a program. Answered once all are durable.</summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<EnrolBeneficiariesPayload> EnrolBeneficiaries(EnrolBeneficiariesInput input) =>
        run.RunAsync<EnrolBeneficiariesPayload>(input, input.ListId, async (context, id) =>
            await access.OwnProgramAsync(input.ProgramId) is null ? await Refuse.NotFound("programId")
            : await lists.FindAsync(id, access.Caller.Organisation) is null ? await Refuse.With(ListDocuments.Unknown)
            : await commands.EnrolAsync(context, input.ProgramId, id));
}
