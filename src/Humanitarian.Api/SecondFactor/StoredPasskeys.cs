namespace Humanitarian.Api.SecondFactor;

/// <summary>What is known of a member's passkeys. Bytes are base64url, times Unix milliseconds.</summary>
/// <param name="Asked">What their authenticators have been asked and have not answered yet.</param>
/// <param name="Confirmed">The decisions that they have confirmed lately.</param>
internal sealed record StoredPasskeys(IReadOnlyList<StoredPasskey> Passkeys, IReadOnlyList<AskedPasskey> Asked, IReadOnlyList<ConfirmedDecision> Confirmed)
{
    public static StoredPasskeys None { get; } = new([], [], []);
}

/// <param name="PublicKey">As COSE has it.</param>
/// <param name="SignCount">The authenticator's counter when it answered last; some count nothing and always say 0.</param>
/// <param name="BackupEligible">Whether the passkey may leave its device; this never changes.</param>
internal sealed record StoredPasskey(
    string CredentialId, string PublicKey, string Name, long AddedAt, long? UsedAt, uint SignCount, IReadOnlyList<string> Transports, bool BackupEligible, bool BackedUp);

/// <summary>A challenge. It counts once, for the credential that asked for it and for one purpose.</summary>
/// <param name="State">What the handler needs to check the answer.</param>
/// <param name="Credential">Names the API key or token that asked.</param>
/// <param name="Decision">Hash of what is to be confirmed; null for a new passkey.</param>
/// <param name="Name">Of the new passkey; null for a confirmation.</param>
internal sealed record AskedPasskey(string Challenge, string State, string Credential, string? Decision, string? Name, long Until);

/// <param name="Credential">Names the API key or token that may send it.</param>
internal sealed record ConfirmedDecision(string Decision, string Credential, long Until);

/// <summary>That a credential id or a public key is one member's, for ever.</summary>
internal sealed record ClaimedPasskey(string Member);
