using Humanitarian.Domain;

namespace Humanitarian.Grains.Commands;

/// <summary>What becomes of a vendor's pay-out details.</summary>
public enum PayoutDetailsChange
{
    /// <summary>New ones wait to be confirmed.</summary>
    Propose = 1,

    /// <summary>Those that wait count from now on.</summary>
    Confirm = 2,

    /// <summary>Those that wait are dropped.</summary>
    Withdraw = 3,
}

/// <summary>A change of a vendor's pay-out details.</summary>
/// <param name="Hash">Salted hash of the proposed details; zero for others.</param>
/// <param name="CoolOffMilliseconds">From the proposal until it can be confirmed.</param>
[GenerateSerializer, Immutable, Alias("PayoutDetailsRequest")]
public sealed record PayoutDetailsRequest(
    [property: Orleans.Id(0)] Id Account,
    [property: Orleans.Id(1)] PayoutDetailsChange Change,
    [property: Orleans.Id(2)] Hash32 Hash,
    [property: Orleans.Id(3)] long CoolOffMilliseconds);
