using Humanitarian.Domain;

namespace Humanitarian.Grains.Disbursements;

/// <summary>What became of one line of a frozen list.</summary>
public enum LineOutcome
{
    /// <summary>Not paid yet.</summary>
    Open = 1,
    Credited = 2,

    /// <summary>Refused when it came to be paid; the reason is the refusal's code.</summary>
    Unpaid = 3,

    /// <summary>Not paid when its disbursement was completed or cancelled.</summary>
    Undelivered = 4,

    /// <summary>With a provider, not reported yet.</summary>
    Instructed = 5,
    Delivered = 6,
    PartlyDelivered = 7,
    Failed = 8,
    Recalled = 9,
}

/// <summary>One line of a frozen list and what became of it.</summary>
/// <param name="PaidMinor">Credited, or paid out by a provider, in minor units.</param>
/// <param name="Reason">Code of why it was not paid in full; empty otherwise.</param>
/// <param name="Transaction">Hash of the transaction that paid or refused it; zero while open.</param>
/// <param name="Height">Height of that transaction's block.</param>
/// <param name="Evidence">SHA-256 of the provider's report that ended it; zero otherwise.</param>
[GenerateSerializer, Immutable, Alias("LineReport")]
public readonly record struct LineReport(
    [property: Orleans.Id(0)] Id Account, [property: Orleans.Id(1)] Id Household, [property: Orleans.Id(2)] long AmountMinor, [property: Orleans.Id(3)] long PaidMinor,
    [property: Orleans.Id(4)] LineOutcome Outcome, [property: Orleans.Id(5)] string Reason, [property: Orleans.Id(6)] Hash32 Transaction,
    [property: Orleans.Id(7)] ulong Height, [property: Orleans.Id(8)] Hash32 Evidence)
{
    /// <summary>The disbursement that brings what a provider did not deliver; none while nobody does.</summary>
    [Orleans.Id(9)]
    public Id FollowedBy { get; init; }

    /// <summary>What a provider was told to pay, in minor units.</summary>
    public long InstructedMinor => Outcome >= LineOutcome.Instructed ? AmountMinor : 0;

    /// <summary>What a provider has reported as not delivered, or was recalled, in minor units.</summary>
    public long RestMinor => Outcome > LineOutcome.Instructed ? AmountMinor - PaidMinor : 0;
}
