using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.SignIn;

/// <summary>An identity provider that an organisation trusts with its members.</summary>
/// <param name="Issuer">Its issuer identifier.</param>
/// <param name="Audience">What its tokens must name.</param>
[Name("Issuer")]
public sealed record IssuerView(string Issuer, string Audience);

/// <summary>Questions about signing in.</summary>
internal sealed class SignInQueries(SignIns signIns, Access access) : IQueries
{
    private const int Most = 100;

    /// <summary>The identity providers that your organisation trusts, at most 100, in no particular order.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<IReadOnlyList<IssuerView>?> Issuers() =>
        [.. (await signIns.IssuersAsync(access.Caller.Organisation, Most, default)).Select(bound => new IssuerView(bound.Issuer, bound.Audience))];
}
