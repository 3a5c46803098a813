using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The member or beneficiary behind a credential, and for a connection that stays open, whether they still are.</summary>
internal sealed class Session
{
    private readonly Credential credential;
    private readonly LedgerReader reader;

    private Session(Credential credential, Caller caller, LedgerReader reader) => (this.credential, Caller, this.reader) = (credential, caller, reader);

    public Caller Caller { get; }

    /// <returns>Null without a living credential of an active member.</returns>
    public static async Task<Session?> OpenAsync(IServiceProvider services, Credential? credential, CancellationToken cancellationToken)
    {
        if (credential is null)
        {
            return null;
        }

        var reader = services.GetRequiredService<LedgerReader>();
        if (credential.Person is { } account)
        {
            return await OfPersonAsync(services, credential, account, reader, cancellationToken);
        }

        var member = await reader.FindAsync<MemberRecord>(RecordKind.Member, credential.Member, cancellationToken);
        return member.Record is { Active: true } record && record.Organisation == credential.Organisation
            ? new Session(credential, new Caller(await StandingInAsync(record, reader, cancellationToken), member.Version, services.GetRequiredService<TimeProvider>()) { Limits = credential.Limits, Credential = credential.Name }, reader)
            : null;
    }

    /// <summary>A beneficiary acts as their login, which is no member and has no role.</summary>
    private static async Task<Session?> OfPersonAsync(IServiceProvider services, Credential credential, Id account, LedgerReader reader, CancellationToken cancellationToken)
    {
        var known = await reader.FindAsync<CredentialRecord>(RecordKind.Credential, account, cancellationToken);
        return known.Record is { } record && record.IsOwn(credential.Member)
            && (await reader.FindAsync<ForgettingRecord>(RecordKind.Forgetting, account, cancellationToken)).Record is not { IsForgotten: true }
            ? new Session(
                credential,
                new Caller(new MemberRecord(credential.Member, record.Organisation, default, Roles.None, true), known.Version, services.GetRequiredService<TimeProvider>())
                {
                    Person = account, Credential = credential.Name,
                },
                reader)
            : null;
    }

    /// <summary>The member with those roles of others alone that the others still have: a role held for somebody ends with theirs.</summary>
    private static async Task<MemberRecord> StandingInAsync(MemberRecord member, LedgerReader reader, CancellationToken cancellationToken)
    {
        if (member.Acting.Count == 0)
        {
            return member;
        }

        var acting = new List<ActingRole>();
        foreach (var held in member.Acting)
        {
            if ((await reader.FindAsync<MemberRecord>(RecordKind.Member, held.For, cancellationToken)).Record is { Active: true } absent && (absent.Roles & held.Roles) is not Roles.None and var left)
            {
                acting.Add(held with { Roles = left });
            }
        }

        return member with { Acting = acting };
    }

    /// <summary>
    /// False once the credential has expired or is revoked, or the member's record has changed: what they may do is then to be asked anew.
    /// </summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellationToken) =>
        await credential.IsAliveAsync(cancellationToken)
        && (Caller.Person is { } account
            ? (await reader.FindFollowedAsync<CredentialRecord>(RecordKind.Credential, account, cancellationToken)).Record?.IsOwn(Caller.Principal) == true
            : (await reader.FindFollowedAsync<MemberRecord>(RecordKind.Member, Caller.Principal, cancellationToken)).Version == Caller.Version);

    /// <summary>The same; true too while it cannot be known, because the ledger or the database is away for a moment.</summary>
    public async Task<bool> MayStayAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await IsAliveAsync(cancellationToken);
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            return true;
        }
    }

    /// <summary>The same as of the durable head: the door of each operation.</summary>
    public async Task<bool> EnterAsync(CancellationToken cancellationToken)
    {
        await reader.CurrentAsync(cancellationToken);
        return await IsAliveAsync(cancellationToken);
    }
}
