using GraphQL;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.Cases;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Households;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>What a person was told of the use of their data.</summary>
/// <param name="Basis">On what ground it is used.</param>
/// <param name="Version">Version of the notice.</param>
/// <param name="RetainUntil">Until when it is kept.</param>
/// <param name="GivenBy">The member who told them.</param>
/// <param name="WithdrawnAt">When they took their consent back; null while it stands, or for another ground.</param>
[Name("PrivacyNotice")]
public sealed record PrivacyNoticeView(LawfulBasis Basis, string Version, DateTimeOffset RetainUntil, Id GivenBy, DateTimeOffset? WithdrawnAt)
{
    internal static PrivacyNoticeView Of(PrivacyNoticeRecord record) =>
        new(record.Basis, record.Version, DateTimeOffset.UnixEpoch.AddDays(record.RetainUntil), record.GivenBy,
        record.WithdrawnAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.WithdrawnAt));
}

/// <summary>How a redemption was confirmed.</summary>
/// <param name="EntryNumber">Number of the account's entry.</param>
/// <param name="Method">How.</param>
/// <param name="AlternateId">Account of who had come instead; null for the beneficiary.</param>
[Name("Confirmation")]
public sealed record ConfirmationView(ulong EntryNumber, ConfirmationMethod Method, Id? AlternateId);

/// <summary>All that the ledger and this installation have of a beneficiary, as the beneficiary may be told it.</summary>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Status">Whether it receives and spends.</param>
[Name("Beneficiary")]
public sealed record BeneficiaryView(Id AccountId, AccountStatus Status)
{
    private readonly Id organisation;

    internal BeneficiaryView(AccountRecord account)
        : this(account.Id, account.Status) => organisation = account.Organisation;

    /// <summary>Balances by unit.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<Balance>> Balances([FromServices] LedgerReader reader)
    {
        var book = await reader.BookAsync(AccountId);
        return [.. book.Units.Where(unit => !UnitRecord.IsShadow(unit)).Select(unit => new Balance(null, new Money(book.Available(unit), unit), new Money(book.Held(unit), unit)))];
    }

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<Entry>> History([FromServices] LedgerReader reader, int first) =>
        [.. (await reader.StatementAsync(AccountId, null, Paging.Check(first))).Where(row => !UnitRecord.IsShadow(row.Unit)).Select(AccountQueries.Of)];

    /// <summary>How the redemptions among their newest entries were confirmed, and by whom, newest first.</summary>
    /// <param name="first">Among how many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    [AsParent]
    [Cost(OperationCost.Many)]
    public async Task<IReadOnlyList<ConfirmationView>> Confirmations([FromServices] LedgerReader reader, int first, CancellationToken cancellationToken)
    {
        var found = new List<ConfirmationView>();
        foreach (var row in await reader.StatementAsync(AccountId, null, Paging.Check(first), cancellationToken))
        {
            if ((TransactionKind)row.Kind == TransactionKind.Redemption
                && await reader.TransactionAtAsync(new Place(row.Height, row.Position), cancellationToken) is { Transaction.Writes: [{ Record: ConfirmationRecord record }, ..] })
            {
                found.Add(new ConfirmationView(row.Number, record.Method, record.Account == AccountId ? null : record.Account));
            }
        }

        return found;
    }

    /// <summary>Their places in programs, those that have ended too.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<EnrolmentView>> Enrolments([FromServices] EntitlementReads entitlements, CancellationToken cancellationToken) =>
        [.. (await entitlements.EnrolmentsAsync(organisation, AccountId, cancellationToken)).Select(EnrolmentView.Of)];

    /// <summary>The households that they are in now.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<HouseholdView>> Households([FromServices] EntitlementReads entitlements, CancellationToken cancellationToken) =>
        [.. (await entitlements.HouseholdsAsync(organisation, AccountId, cancellationToken)).Select(HouseholdView.Of)];

    /// <summary>Their parts of the disbursements of the twelve latest periods of each of their programs, paid or why not.</summary>
    [AsParent]
    [Cost(OperationCost.Many)]
    public Task<IReadOnlyList<EntitlementView>> Entitlements([FromServices] EntitlementReads entitlements, CancellationToken cancellationToken) =>
        entitlements.OfAsync(organisation, AccountId, cancellationToken);

    /// <summary>PIN, card and login; null before one is given.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<CredentialView?> Credential([FromServices] Access access) =>
        await access.FindAsync<CredentialRecord>(RecordKind.Credential, AccountId) is { } record ? CredentialView.Of(record) : null;

    /// <summary>What they were told of the use of their data; null when nothing is recorded.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<PrivacyNoticeView?> Notice([FromServices] Access access) =>
        await access.FindAsync<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, AccountId) is { } record ? PrivacyNoticeView.Of(record) : null;

    /// <summary>Their cases that you may see, by id; the first hundred.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<CaseView>> Cases([FromServices] CaseReads cases) => [.. (await cases.OfAsync(AccountId)).Select(CaseView.Of)];

    /// <summary>Who has looked, oldest first; accessLog has more.</summary>
    /// <param name="first">How many, 1 to 100; INVALID_INPUT otherwise.</param>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<AccessEntry>> Looks([FromServices] AccessLog log, [FromServices] EntitlementReads entitlements, [FromServices] Access access, int first, CancellationToken cancellationToken) =>
    [
        .. (await log.ReadAsync(access.Caller, await entitlements.LookedAtAsAsync(organisation, AccountId, cancellationToken), null, Paging.Check(first), cancellationToken))
            .Select(row => row.Entry),
    ];
}

/// <summary>Beneficiaries as the help line and they themselves see them.</summary>
public sealed class BeneficiaryQueries(Access access, AccessLog log, EntitlementReads entitlements) : IQueries
{
    /// <summary>
    /// A beneficiary's account for the help line, for an answer to the beneficiary's own request, or to the beneficiary who has signed in. That
    /// you looked is written down before, and the beneficiary may be told.
    /// </summary>
    /// <param name="accountId">The beneficiary's account.</param>
    [Allow(Roles.HelpLine | Roles.Protection | Roles.Administrator, Person = true)]
    public async Task<BeneficiaryView?> Beneficiary(Id accountId)
    {
        if (await access.PersonAsync(accountId) is not { } account)
        {
            return null;
        }

        await log.WriteAsync(access.Caller, accountId, "beneficiary");
        return new BeneficiaryView(account);
    }

    /// <summary>Who has looked at a beneficiary's account, or taken out all of a program that they are enrolled in, oldest first; a beneficiary asks for their own.</summary>
    /// <param name="accountId">The beneficiary's account.</param>
    /// <param name="first">How many, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Roles.Administrator | Roles.Protection | Roles.Reader | Roles.Auditor, Person = true)]
    public async Task<Connection<AccessEntry>?> AccessLog(Id accountId, int first, string? after = null, CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        if (await access.PersonAsync(accountId) is not { } account)
        {
            return null;
        }

        var looks = await log.ReadAsync(
            access.Caller, await entitlements.LookedAtAsAsync(account.Organisation, account.Id, cancellationToken), Paging.Key(after), first + 1, cancellationToken);
        return Paging.Cut(looks, first, after, row => row.Key, row => row.Entry);
    }
}
