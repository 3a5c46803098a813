using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Provider;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.SignIn;

/// <param name="OrganisationId">Your own when absent; an operator may name another.</param>
/// <param name="Issuer">The provider's issuer identifier, such as <c>https://id.example.org</c>.</param>
/// <param name="Audience">What its tokens must name as audience: the ledger's resource or client id at the provider.</param>
public sealed record BindIssuerInput(string IdempotencyKey, Id? OrganisationId, string Issuer, string Audience) : MutationInput(IdempotencyKey);

public sealed record BindIssuerPayload : Payload;

/// <param name="Issuer">The provider's issuer identifier.</param>
public sealed record UnbindIssuerInput(string IdempotencyKey, string Issuer) : MutationInput(IdempotencyKey);

public sealed record UnbindIssuerPayload : Payload;

/// <param name="MemberId">The member.</param>
/// <param name="Issuer">An issuer that is bound to the member's organisation.</param>
/// <param name="Subject">Who the member is there: the <c>sub</c> of their tokens.</param>
public sealed record BindSignInInput(string IdempotencyKey, Id MemberId, string Issuer, string Subject) : MutationInput(IdempotencyKey);

public sealed record BindSignInPayload : Payload;

/// <param name="Issuer">The issuer.</param>
/// <param name="Subject">Who the member is there.</param>
public sealed record UnbindSignInInput(string IdempotencyKey, string Issuer, string Subject) : MutationInput(IdempotencyKey);

public sealed record UnbindSignInPayload : Payload;

/// <param name="Passphrase">12 to 200 characters.</param>
public sealed record SetPassphraseInput(string IdempotencyKey, string Passphrase) : MutationInput(IdempotencyKey);

public sealed record SetPassphrasePayload : Payload;

/// <summary>Signing in with the tokens of identity providers. Who is who there is kept beside the ledger, as a keyed hash, and never on it.</summary>
internal sealed class SignInMutations(SignIns signIns, Issuers issuers, Passphrases passphrases, SideCommands commands, Access access, HumanitarianApiOptions options) : IMutations
{
    private const int TextMax = 300;

    /// <summary>Trusts an identity provider with the members of an organisation. It must publish its metadata by OpenID Connect discovery; an issuer is one organisation's alone.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<BindIssuerPayload> BindIssuer(BindIssuerInput input) =>
        commands.RunAsync(input, async () =>
        {
            var organisation = input.OrganisationId ?? access.Caller.Organisation;
            if (!access.Manages(organisation) || await access.OrganisationAsync(organisation) is null)
            {
                return NotFound<BindIssuerPayload>("organisationId");
            }

            if (!IsIssuer(input.Issuer) || input.Audience.Length is 0 or > TextMax)
            {
                return Refused<BindIssuerPayload>(RefusalCode.InvalidInput, "An issuer is an https URL without query, an audience 1 to 300 characters.", "issuer");
            }

            issuers.Forget(input.Issuer);
            if (await issuers.FindAsync(input.Issuer, default) is null)
            {
                return Refused<BindIssuerPayload>(
                    ApiCode.IssuerUnreachable, "The issuer does not publish its metadata under its own name, or not where this server may ask.", "issuer");
            }

            return await signIns.BindAsync(new BoundIssuer(input.Issuer, input.Audience, organisation.ToString()), default)
                ? new BindIssuerPayload()
                : Refused<BindIssuerPayload>(RefusalCode.AlreadyExists, "The issuer is another organisation's; an operator can end that.", "issuer");
        });

    /// <summary>Trusts an identity provider no more: its tokens end at once. Who is who there stays known, for when it is bound again.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<UnbindIssuerPayload> UnbindIssuer(UnbindIssuerInput input) =>
        commands.RunAsync(input, async () =>
            await signIns.IssuerAsync(input.Issuer, default) is { } bound && access.Manages(Id.Parse(bound.Organisation)) && await signIns.UnbindAsync(input.Issuer, default)
                ? new UnbindIssuerPayload()
                : NotFound<UnbindIssuerPayload>("issuer"));

    /// <summary>Says who a member is at an identity provider. One subject is one member only.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<BindSignInPayload> BindSignIn(BindSignInInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await access.MemberAsync(input.MemberId) is not { Active: true } member || !access.Manages(member.Organisation))
            {
                return NotFound<BindSignInPayload>("memberId");
            }

            var organisation = member.Organisation.ToString();
            if (await signIns.IssuerAsync(input.Issuer, default) is not { } issuer || issuer.Organisation != organisation)
            {
                return NotFound<BindSignInPayload>("issuer");
            }

            return input.Subject.Length is 0 or > TextMax
                    ? Refused<BindSignInPayload>(RefusalCode.InvalidInput, "A subject has 1 to 300 characters.", "subject")
                : await signIns.BindAsync(new BoundSubject(input.Issuer, member.Id.ToString(), organisation), input.Subject, default)
                    ? new BindSignInPayload()
                    : Refused<BindSignInPayload>(RefusalCode.AlreadyExists, "The subject is another member; end that binding first.", "subject");
        });

    /// <summary>Ends who a subject of an identity provider is: its tokens end at once.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<UnbindSignInPayload> UnbindSignIn(UnbindSignInInput input) =>
        commands.RunAsync(input, async () =>
            await signIns.SubjectAsync(input.Issuer, input.Subject, default) is { } bound && access.Manages(Id.Parse(bound.Organisation))
            && await signIns.UnbindAsync(input.Issuer, input.Subject, default)
                ? new UnbindSignInPayload()
                : NotFound<UnbindSignInPayload>("subject"));

    /// <summary>Sets your passphrase for the ledger's own sign-in page. What was signed in with the old one ends.</summary>
    [Allow]
    public Task<SetPassphrasePayload> SetPassphrase(SetPassphraseInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (!access.Caller.Limits.AreNone)
            {
                return MutationRunner.Refused<SetPassphrasePayload>(MakesAccessAttribute.Refuse(access.Caller)!);
            }

            if (input.Passphrase.Length is < Passphrases.CharsMin or > Passphrases.CharsMax)
            {
                return Refused<SetPassphrasePayload>(RefusalCode.InvalidInput, "A passphrase has 12 to 200 characters.", "passphrase");
            }

            await passphrases.SetAsync(access.Caller.Principal, access.Caller.Organisation, input.Passphrase, default);
            return new SetPassphrasePayload();
        });

    private bool IsIssuer(string text) =>
        text.Length <= TextMax && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && options.SignIn.Outgoing.AllowedNetworks.Count > 0));

    private static T Refused<T>(string code, string message, string field)
        where T : Payload, new() => MutationRunner.Refused<T>(new Refusal(code, message, field));

    private static T NotFound<T>(string field)
        where T : Payload, new() => Refused<T>(RefusalCode.NotFound, "There is nothing with this id that you may see.", field);
}
