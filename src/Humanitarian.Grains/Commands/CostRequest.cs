using Humanitarian.Domain;
using Humanitarian.Domain.Grants;

namespace Humanitarian.Grains.Commands;

/// <summary>A cost to be charged to a grant; see <see cref="CostCommand"/>.</summary>
[GenerateSerializer, Immutable, Alias("CostRequest")]
public sealed record CostRequest(
    [property: Orleans.Id(0)] Id Grant, [property: Orleans.Id(1)] string BudgetLine, [property: Orleans.Id(2)] long AmountMinor,
    [property: Orleans.Id(3)] bool WithIndirect, [property: Orleans.Id(4)] Hash32 Evidence)
{
    internal CostCommand ToCommand() => new(Grant, BudgetLine, AmountMinor, WithIndirect, Evidence);
}

/// <summary>A cost to be moved to another grant; see <see cref="RechargeCommand"/>.</summary>
[GenerateSerializer, Immutable, Alias("RechargeRequest")]
public sealed record RechargeRequest(
    [property: Orleans.Id(0)] Id Cost, [property: Orleans.Id(1)] Id Grant, [property: Orleans.Id(2)] string BudgetLine,
    [property: Orleans.Id(3)] bool WithIndirect, [property: Orleans.Id(4)] Hash32 Evidence)
{
    internal RechargeCommand ToCommand() => new(Cost, Grant, BudgetLine, WithIndirect, Evidence);
}
