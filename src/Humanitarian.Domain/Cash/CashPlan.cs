namespace Humanitarian.Domain.Cash;

/// <summary>How a disbursement reaches people through a financial service provider.</summary>
/// <param name="Float">The provider's float account, on which every line is held from its instruction to its end.</param>
/// <param name="FollowsUp">The disbursement whose failed, recalled or partly delivered lines this one brings again, or on whose lines it comes on top; none for a first one.</param>
public sealed record CashPlan(Id Float, Id FollowsUp);
