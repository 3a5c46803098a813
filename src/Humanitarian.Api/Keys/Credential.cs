using Humanitarian.Domain;

namespace Humanitarian.Api.Keys;

/// <summary>What a request showed of who it comes from, checked: an API key, a token or a signature.</summary>
/// <param name="Organisation">The member must still be of it.</param>
/// <param name="Name">Tells it from the member's other credentials; it authenticates nobody.</param>
/// <param name="IsAliveAsync">False once it counts no more.</param>
internal sealed record Credential(Id Member, Id Organisation, string Name, CredentialLimits Limits, Func<CancellationToken, Task<bool>> IsAliveAsync)
{
    /// <summary>A beneficiary's account, whose login the member is; null for a member's credential.</summary>
    public Id? Person { get; init; }
}
