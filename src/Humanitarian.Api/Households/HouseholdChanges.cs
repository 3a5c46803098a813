using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Households;

/// <param name="HouseholdId">The household.</param>
public sealed record AddHouseholdMemberInput(string IdempotencyKey, Id HouseholdId) : MutationInput(IdempotencyKey);

/// <param name="HouseholdId">The household.</param>
/// <param name="CollectorId">One of the household's accounts.</param>
/// <param name="AlternateIds">Persons' accounts of your organisation, of the household or not.</param>
public sealed record ChangeCollectorInput(string IdempotencyKey, Id HouseholdId, Id CollectorId, IReadOnlyList<Id> AlternateIds) : MutationInput(IdempotencyKey);

/// <param name="HouseholdId">The household.</param>
/// <param name="AccountIds">Accounts of the household that leave it.</param>
/// <param name="NewAccounts">How many accounts to open for people who leave and have none; 0 when absent.</param>
/// <param name="Size">How many people leave.</param>
/// <param name="NewCollectorId">Who collects for those who leave; the first of their accounts when absent.</param>
/// <param name="CollectorId">Who collects for those who stay; as before when absent.</param>
public sealed record SplitHouseholdInput(
    string IdempotencyKey, Id HouseholdId, IReadOnlyList<Id> AccountIds, int? NewAccounts, int Size, Id? NewCollectorId, Id? CollectorId)
    : MutationInput(IdempotencyKey);

/// <param name="HouseholdIds">Two to eight households.</param>
/// <param name="CollectorId">Who collects for the union; the first household's collector when absent.</param>
public sealed record MergeHouseholdsInput(string IdempotencyKey, IReadOnlyList<Id> HouseholdIds, Id? CollectorId) : MutationInput(IdempotencyKey);

/// <param name="HouseholdId">The household.</param>
/// <param name="AccountId">The deceased member's account.</param>
/// <param name="SuccessorId">A member or an alternate; an account is opened for the successor when absent.</param>
public sealed record RecordDeathInput(string IdempotencyKey, Id HouseholdId, Id AccountId, Id? SuccessorId) : MutationInput(IdempotencyKey);

/// <param name="SuccessionId">The succession.</param>
[MovesMoney]
public sealed record ApproveSuccessionInput(string IdempotencyKey, Signature? Signature, Id SuccessionId) : SignedInput(IdempotencyKey, Signature);

public sealed record AddHouseholdMemberPayload : Payload
{
    /// <summary>The account that was opened; null when refused.</summary>
    public Id? AccountId => Subject.IsNone ? null : Subject;
}

public abstract record HouseholdPayload : Payload
{
    /// <summary>The household as it is now; null when refused.</summary>
    [AsParent]
    public async Task<HouseholdView?> Household([FromServices] HouseholdReads households) =>
        await households.FindAsync(Subject) is { } record ? HouseholdView.Of(record) : null;
}

public sealed record ChangeCollectorPayload : HouseholdPayload;

public sealed record SplitHouseholdPayload : HouseholdPayload;

public sealed record MergeHouseholdsPayload : HouseholdPayload;

public abstract record SuccessionPayload : Payload
{
    /// <summary>The succession as it is now; null when refused.</summary>
    [AsParent]
    public async Task<SuccessionView?> Succession([FromServices] HouseholdReads households) =>
        await households.SuccessionAsync(Subject) is { } record ? SuccessionView.Of(record) : null;
}

public sealed record RecordDeathPayload : SuccessionPayload;

public sealed record ApproveSuccessionPayload : SuccessionPayload;

/// <summary>Households change: who collects, who leaves, who becomes one, who dies.</summary>
public sealed class HouseholdChanges(MutationRunner run, LedgerCommands commands, HouseholdReads households) : IMutations
{
    private const int NewAccountsMax = 16;

    /// <summary>Opens an account for one more member, so that they can collect, leave or succeed.</summary>
    [Allow(Roles.Registrar)]
    public Task<AddHouseholdMemberPayload> AddHouseholdMember(AddHouseholdMemberInput input) => run.RunAsync<AddHouseholdMemberPayload>(input, null, async (context, id) =>
        await households.FindAsync(input.HouseholdId) is not { } household ? await Refuse.NotFound("householdId")
        : await commands.ChangeRecordsAsync(context,
        [
            AccountRecord.Open(id, household.Organisation, AccountKind.Beneficiary),
            household with { Accounts = household.Accounts.Contains(id) ? household.Accounts : [.. household.Accounts, id] },
        ]));

    /// <summary>Says who collects for a household, and who may come to a till instead of them.</summary>
    [Allow(Roles.Registrar)]
    public Task<ChangeCollectorPayload> ChangeCollector(ChangeCollectorInput input) => run.RunAsync<ChangeCollectorPayload>(input, input.HouseholdId, async (context, id) =>
        await households.FindAsync(id) is not { } household ? await Refuse.NotFound("householdId")
        : household is { CollectorsSetBy.IsNone: true, Alternates.Count: > 0 } && household.Collector == input.CollectorId && household.Alternates.SequenceEqual(input.AlternateIds)
            ? await Refuse.With(new Refusal(RefusalCode.WrongState, "A merge has brought these alternates along, and nobody has named them: stopAlternates first, then name them.", "alternateIds"))
        : await commands.ChangeRecordsAsync(context, [household with { Collector = input.CollectorId, Alternates = input.AlternateIds }]));

    /// <summary>Members form a household of their own. What was claimed until now is not claimed again by either.</summary>
    [Allow(Roles.Registrar)]
    public Task<SplitHouseholdPayload> SplitHousehold(SplitHouseholdInput input) => run.RunAsync<SplitHouseholdPayload>(input, null, async (context, _) =>
        input.NewAccounts is < 0 or > NewAccountsMax
            ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, $"At most {NewAccountsMax} accounts are opened in a split.", "newAccounts"))
        : await households.FindAsync(input.HouseholdId) is null ? await Refuse.NotFound("householdId")
        : await commands.SplitHouseholdAsync(
            context,
            new SplitRequest(
                input.HouseholdId, input.AccountIds, [.. Enumerable.Range(1, input.NewAccounts ?? 0).Select(part => commands.IdFor(context, (byte)part))],
                input.Size, input.NewCollectorId ?? Id.None, input.CollectorId ?? Id.None)));

    /// <summary>Households become one, which has had what any of them had.</summary>
    [Allow(Roles.Registrar)]
    public Task<MergeHouseholdsPayload> MergeHouseholds(MergeHouseholdsInput input) => run.RunAsync<MergeHouseholdsPayload>(input, null, async (context, _) =>
    {
        foreach (var household in input.HouseholdIds.Take(HouseholdMerges.MaximumHouseholds))
        {
            if (await households.FindAsync(household) is null)
            {
                return await Refuse.NotFound("householdIds");
            }
        }

        return await commands.MergeHouseholdsAsync(context, new MergeRequest(input.HouseholdIds, input.CollectorId ?? Id.None));
    });

    /// <summary>
    /// A member has died. The household keeps its entitlement and somebody else collects; nobody pays from the member's account any
    /// more, and what it holds passes to the successor once an approver signs.
    /// </summary>
    [Allow(Roles.Registrar)]
    public Task<RecordDeathPayload> RecordDeath(RecordDeathInput input) => run.RunAsync<RecordDeathPayload>(input, null, async (context, _) =>
        await households.FindAsync(input.HouseholdId) is null
            ? await Refuse.NotFound("householdId")
            : await commands.RecordDeathAsync(context, new DeathRequest(input.HouseholdId, input.AccountId, input.SuccessorId ?? commands.IdFor(context, 1))));

    /// <summary>What a deceased member's account holds passes to the successor, signed by an approver who did not record the death; again when more arrives.</summary>
    [Allow(Roles.Approver)]
    public Task<ApproveSuccessionPayload> ApproveSuccession(ApproveSuccessionInput input) =>
        run.RunAsync<ApproveSuccessionPayload>(input, input.SuccessionId, async (context, id) =>
            await households.SuccessionAsync(id) is null ? await Refuse.NotFound("successionId") : await commands.ApproveSuccessionAsync(context, id));
}
