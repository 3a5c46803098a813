using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The member behind a bearer token, and for a connection that stays open, whether they still are.</summary>
internal sealed class Session
{
    private const string Scheme = "Bearer ";

    private readonly string secret;
    private readonly ApiKeys keys;
    private readonly LedgerReader reader;

    private Session(string secret, Caller caller, ApiKeys keys, LedgerReader reader) =>
        (this.secret, Caller, this.keys, this.reader) = (secret, caller, keys, reader);

    public Caller Caller { get; }

    /// <param name="authorization">As in the header of this name.</param>
    /// <returns>Null without a living key of an active member.</returns>
    public static async Task<Session?> OpenAsync(IServiceProvider services, string? authorization, CancellationToken cancellationToken)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        var secret = authorization[Scheme.Length..].Trim();
        var keys = services.GetRequiredService<ApiKeys>();
        if (await keys.AuthenticateAsync(secret, cancellationToken) is not { } key)
        {
            return null;
        }

        var reader = services.GetRequiredService<LedgerReader>();
        var member = await reader.FindAsync<MemberRecord>(RecordKind.Member, key.Principal, cancellationToken);
        return member.Record is { Active: true } record && record.Organisation == key.Organisation
            ? new Session(secret, new Caller(record, member.Version, services.GetRequiredService<TimeProvider>()), keys, reader)
            : null;
    }

    /// <summary>
    /// False once the key has expired or is revoked, or the member's record has changed: what they may do is then to be asked anew.
    /// </summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellationToken) =>
        await keys.AuthenticateAsync(secret, cancellationToken) is not null
        && (await reader.FindFollowedAsync<MemberRecord>(RecordKind.Member, Caller.Principal, cancellationToken)).Version == Caller.Version;

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
