using Humanitarian.Domain;

namespace Humanitarian.Grains.Commands;

/// <summary>What changes of a person's credentials.</summary>
public enum CredentialChange
{
    /// <summary>A PIN counts from now on, and the one before no more.</summary>
    SetPin = 1,

    /// <summary>A card counts from now on.</summary>
    IssueCard = 2,

    /// <summary>The card counts no more.</summary>
    BlockCard = 3,

    /// <summary>The person signs in from now on; a login before counts no more.</summary>
    GiveLogin = 4,

    /// <summary>The person signs in no more.</summary>
    EndLogin = 5,
}

/// <summary>A change of a person's credentials.</summary>
/// <param name="Pin">Id of the new PIN or login; none for others.</param>
/// <param name="Card">Address of the new card's key; zero for others.</param>
[GenerateSerializer, Immutable, Alias("CredentialRequest")]
public sealed record CredentialRequest(
    [property: Orleans.Id(0)] Id Account,
    [property: Orleans.Id(1)] CredentialChange Change,
    [property: Orleans.Id(2)] Id Pin,
    [property: Orleans.Id(3)] Address Card);
