using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Grants;

/// <param name="GrantId">The grant.</param>
/// <param name="BudgetLine">Code of one of the grant's budget lines.</param>
/// <param name="Amount">The direct cost, in the grant's currency.</param>
/// <param name="Evidence">Hash of the invoice.</param>
/// <param name="WithIndirect">True charges the grant's indirect cost rate on top, rounded down to a minor unit, in the same transaction; INVALID_INPUT for a grant without a rate. False when absent.</param>
[MovesMoney]
public sealed record RecordCostInput(string IdempotencyKey, Id GrantId, string BudgetLine, MoneyInput Amount, Hash32? Evidence, bool? WithIndirect)
    : MutationInput(IdempotencyKey);

/// <param name="CostId">The cost, as it counts now.</param>
/// <param name="GrantId">The grant of the same program and currency that bears it from now on.</param>
/// <param name="BudgetLine">Code of one of that grant's budget lines.</param>
/// <param name="WithIndirect">True charges that grant's indirect cost rate on top; false when absent.</param>
/// <param name="Evidence">Hash of what shows why.</param>
[MovesMoney]
public sealed record RechargeCostInput(string IdempotencyKey, Signature? Signature, Id CostId, Id GrantId, string BudgetLine, bool? WithIndirect, Hash32? Evidence)
    : SignedInput(IdempotencyKey, Signature);

public sealed record RecordCostPayload : Payload
{
    /// <summary>The grant as it is now; null when refused.</summary>
    [AsParent]
    public async Task<GrantView?> Grant([FromServices] Access access) =>
        await access.CostAsync(Subject) is { } cost && await access.GrantAsync(cost.Grant) is { } grant ? GrantView.Of(grant) : null;

    /// <summary>The cost; null when refused.</summary>
    [AsParent]
    public async Task<CostView?> Cost([FromServices] Access access) => await access.CostAsync(Subject) is { } cost ? CostView.Of(cost) : null;
}

public sealed record RechargeCostPayload : Payload
{
    /// <summary>The cost as the other grant bears it; null when refused.</summary>
    [AsParent]
    public async Task<CostView?> Cost([FromServices] Access access) =>
        await access.CostAsync(Subject) is { } cost ? CostView.Of(cost) : null;
}

/// <summary>What programs cost, and which grant bears it.</summary>
public sealed class CostMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>A cost is charged to a budget line, with its indirect part if asked for: the money leaves.</summary>
    [Allow(Roles.Finance)]
    public Task<RecordCostPayload> RecordCost(RecordCostInput input) => run.RunAsync<RecordCostPayload>(input, null, async (context, _) =>
        await access.OwnGrantAsync(input.GrantId) is not { } own ? await Refuse.NotFound("grantId")
        : input.Amount.Mismatch(own.Grant.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.RecordCostAsync(
            context, new CostRequest(input.GrantId, input.BudgetLine, input.Amount.AmountMinor, input.WithIndirect ?? false, input.Evidence ?? Hash32.Zero)));

    /// <summary>
    /// A cost that one grant bore is charged to another of the program, whose donors both allow it, while both are eligible: the first
    /// grant's money is back where it came from, the other's leaves.
    /// </summary>
    [Allow(Roles.Finance)]
    public Task<RechargeCostPayload> RechargeCost(RechargeCostInput input) => run.RunAsync<RechargeCostPayload>(input, null, async (context, _) =>
        await access.FindAsync<CostRecord>(RecordKind.Cost, input.CostId) is not { } cost || await access.OwnProgramAsync(cost.Program) is null ? await Refuse.NotFound("costId")
        : await access.OwnGrantAsync(input.GrantId) is null ? await Refuse.NotFound("grantId")
        : await commands.RechargeCostAsync(
            context, new RechargeRequest(input.CostId, input.GrantId, input.BudgetLine, input.WithIndirect ?? false, input.Evidence ?? Hash32.Zero)));
}
