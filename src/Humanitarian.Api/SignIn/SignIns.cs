using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;

namespace Humanitarian.Api.SignIn;

/// <summary>An identity provider that an organisation trusts with its members.</summary>
/// <param name="Audience">What its tokens must name.</param>
/// <param name="Organisation">The only organisation whose members it can speak for.</param>
internal sealed record BoundIssuer(string Issuer, string Audience, string Organisation);

/// <summary>The member whom one of an issuer's subjects is.</summary>
internal sealed record BoundSubject(string Issuer, string Member, string Organisation);

/// <summary>Who whose tokens are: side state, since it says who a person is elsewhere. Subjects are kept as keyed hashes.</summary>
internal sealed class SignIns(SealedDocuments documents)
{
    private const string IssuerKind = "issuer";
    private const string SubjectKind = "sign-in";

    public async Task<BoundIssuer?> IssuerAsync(string issuer, CancellationToken cancellationToken) =>
        (await documents.FindAsync<BoundIssuer>(IssuerKind, KeyOf(issuer), cancellationToken))?.Value;

    /// <summary>Binds an issuer that is free, or gives it another audience; false when it is another organisation's.</summary>
    public async Task<bool> BindAsync(BoundIssuer issuer, CancellationToken cancellationToken)
    {
        var key = KeyOf(issuer.Issuer);
        var known = await documents.FindAsync<BoundIssuer>(IssuerKind, key, cancellationToken);
        return (known is null || known.Value.Organisation == issuer.Organisation)
            && (known?.Value == issuer || await documents.PutAsync(IssuerKind, key, issuer.Organisation, known?.Version ?? 0, issuer, cancellationToken));
    }

    /// <summary>Ends an issuer: its tokens count no more.</summary>
    public Task<bool> UnbindAsync(string issuer, CancellationToken cancellationToken) => documents.DeleteAsync(IssuerKind, KeyOf(issuer), cancellationToken);

    /// <summary>The issuers of an organisation.</summary>
    public async Task<IReadOnlyList<BoundIssuer>> IssuersAsync(Id organisation, int limit, CancellationToken cancellationToken) =>
        [.. (await documents.ListAsync<BoundIssuer>(IssuerKind, organisation.ToString(), limit, cancellationToken)).Select(row => row.Value)];

    public async Task<BoundSubject?> SubjectAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        (await documents.FindAsync<BoundSubject>(SubjectKind, KeyOf(issuer, subject), cancellationToken))?.Value;

    /// <summary>Binds a subject to a member; false when it is another member's.</summary>
    public async Task<bool> BindAsync(BoundSubject bound, string subject, CancellationToken cancellationToken) =>
        await documents.PutAsync(SubjectKind, KeyOf(bound.Issuer, subject), bound.Organisation, 0, bound, cancellationToken)
        || await SubjectAsync(bound.Issuer, subject, cancellationToken) == bound;

    /// <summary>Ends a subject's binding; false when there is none.</summary>
    public Task<bool> UnbindAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        documents.DeleteAsync(SubjectKind, KeyOf(issuer, subject), cancellationToken);

    private static string KeyOf(string issuer) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(issuer)));

    private string KeyOf(string issuer, string subject) => documents.KeyOf("subject", issuer, subject);
}
