namespace Humanitarian.Grains.Commands;

/// <summary>Terms that are proposed for a program; see <see cref="Domain.Programs.TermsAmendment"/>.</summary>
[GenerateSerializer, Immutable, Alias("TermsRequest")]
public sealed record TermsRequest(
    [property: Orleans.Id(0)] string Terms, [property: Orleans.Id(1)] long FromTime, [property: Orleans.Id(2)] ulong FromHeight);
