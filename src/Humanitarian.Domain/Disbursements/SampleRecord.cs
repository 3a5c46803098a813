using System.Security.Cryptography;

namespace Humanitarian.Domain.Disbursements;

/// <summary>Where an auditor's sample stands.</summary>
public enum SampleState
{
    /// <summary>The auditor has committed to a secret that nobody else knows.</summary>
    Committed = 1,

    /// <summary>The list is frozen and the secret known: so is the sample.</summary>
    Revealed = 2,

    /// <summary>The auditor looked at its lines and found them right.</summary>
    Passed = 3,

    /// <summary>The auditor found something wrong: a further approval is needed.</summary>
    Failed = 4,
}

/// <summary>
/// An auditor's sample of a list. Neither who makes the list nor the auditor chooses its lines: the one does not know the secret, the other
/// has committed to it before the list was frozen with a nonce that nobody knew.
/// </summary>
/// <param name="Commitment">SHA-256 of the secret.</param>
/// <param name="Lines">How many lines are drawn; all of a shorter list.</param>
/// <param name="Secret">Zero until it is revealed.</param>
/// <param name="Reason">The code that the auditor gave with the result; may be empty for a passed one.</param>
public sealed record SampleRecord(
    Id Id, Id Program, Id Disbursement, Id Auditor, Hash32 Commitment, int Lines, Hash32 Secret, SampleState State, string Reason) : Record(Id)
{
    /// <summary>Most lines of a sample.</summary>
    public const int MaximumLines = 10_000;

    public override RecordKind Kind => RecordKind.Sample;
    public override Id Parent => Program;

    /// <summary>The id of a disbursement's only sample.</summary>
    public static Id IdOf(Id disbursement) => Id.FromBytes(SHA256.HashData([.. "sample"u8, .. disbursement.ToBytes()]));

    /// <summary>The commitment to a secret.</summary>
    public static Hash32 CommitmentTo(Hash32 secret) => Hash32.FromSpan(SHA256.HashData(secret.ToArray()));
}
