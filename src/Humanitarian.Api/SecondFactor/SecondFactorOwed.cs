using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.SecondFactor;

/// <summary>What a mutation answers that may need a second factor.</summary>
public abstract record ConfirmablePayload : Payload
{
    /// <summary>With SECOND_FACTOR_REQUIRED, for who has a passkey: JSON for <c>PublicKeyCredential.parseRequestOptionsFromJSON</c>. Send the answer with <c>confirmWithPasskey</c>, then the same call again.</summary>
    public string? ToConfirm { get; internal set; }
}

/// <summary>A second factor that is still to be shown for a decision.</summary>
/// <param name="ToConfirm">What the member's passkeys are asked; null for who has none.</param>
internal sealed record SecondFactorOwed(Refusal Refusal, string? ToConfirm)
{
    public T Refused<T>()
        where T : ConfirmablePayload, new()
    {
        var refused = MutationRunner.Refused<T>(Refusal);
        refused.ToConfirm = ToConfirm;
        return refused;
    }
}
