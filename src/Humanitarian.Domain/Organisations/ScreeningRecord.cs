using System.Security.Cryptography;
using System.Text;

namespace Humanitarian.Domain.Organisations;

/// <summary>What a screening against a list found.</summary>
public enum ScreeningOutcome
{
    /// <summary>Nothing was found.</summary>
    Clear = 1,

    /// <summary>The subject is on the list.</summary>
    Hit = 2,

    /// <summary>Somebody is still looking at a possible match.</summary>
    Review = 3,
}

/// <summary>
/// The newest result of screening a vendor's or provider's organisation, or a member of staff, against a list. Earlier versions are the
/// earlier results. Beneficiaries are never screened.
/// </summary>
/// <param name="Organisation">Who screened.</param>
/// <param name="Subject">The organisation, or the member.</param>
/// <param name="List">Name of the list, such as UN.</param>
/// <param name="OnDay">The day of the result, in days since 1970.</param>
/// <param name="ValidUntil">The last day on which it counts, in days since 1970.</param>
public sealed record ScreeningRecord(
    Id Id, Id Organisation, Id Subject, string List, long OnDay, ScreeningOutcome Outcome, long ValidUntil, Id ScreenedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Screening;
    public override Id Parent => Organisation;

    /// <summary>True for a member of staff: the result then stands in the closed part.</summary>
    public bool OfMember { get; init; }

    public override bool NamesPerson => OfMember;

    /// <summary>The id of an organisation's results of one subject and list.</summary>
    public static Id IdOf(Id organisation, Id subject, string list) =>
        Id.FromBytes(SHA256.HashData([.. "screening"u8, .. organisation.ToBytes(), .. subject.ToBytes(), .. Encoding.UTF8.GetBytes(list)]));
}
