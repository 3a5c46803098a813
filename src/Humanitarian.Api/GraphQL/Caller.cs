using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.GraphQL;

/// <summary>The member behind a request, as the ledger knows them now, or a beneficiary who has signed in, without any role.</summary>
/// <param name="Version">Version of the member's record: what they sign names it.</param>
/// <param name="Time">Says which roles they hold for others now.</param>
public sealed record Caller(MemberRecord Member, uint Version, TimeProvider Time)
{
    public Id Principal => Member.Id;

    public Id Organisation => Member.Organisation;

    /// <summary>What the credential of this request may be used for.</summary>
    public CredentialLimits Limits { get; init; } = CredentialLimits.None;

    /// <summary>The account of the beneficiary who has signed in to what is kept of them; null for a member.</summary>
    public Id? Person { get; init; }

    /// <summary>Tells the credential from the member's others.</summary>
    internal string Credential { get; init; } = "";

    public bool Has(Roles anyOf) => Member.Has(anyOf, Time.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>Holds the caller of one request.</summary>
public sealed class CallerScope
{
    public Caller? Caller { get; set; }

    /// <summary>Behind what stays open; null within an operation.</summary>
    internal Session? Session { get; set; }

    /// <summary>The place of the request's mutation among others with which it is done together or not at all; null for one by itself.</summary>
    internal UnitPlace? Unit { get; set; }
}
