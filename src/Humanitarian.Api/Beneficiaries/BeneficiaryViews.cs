using GraphQL;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.Cases;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>What a person was told of the use of their data.</summary>
/// <param name="Basis">On what ground it is used.</param>
/// <param name="Version">Version of the notice.</param>
/// <param name="RetainUntil">Until when it is kept.</param>
/// <param name="GivenBy">The member who told them.</param>
[Name("PrivacyNotice")]
public sealed record PrivacyNoticeView(LawfulBasis Basis, string Version, DateTimeOffset RetainUntil, Id GivenBy)
{
    internal static PrivacyNoticeView Of(PrivacyNoticeRecord record) =>
        new(record.Basis, record.Version, DateTimeOffset.UnixEpoch.AddDays(record.RetainUntil), record.GivenBy);
}

/// <summary>All that the ledger and this installation have of a beneficiary, as the beneficiary may be told it.</summary>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Status">Whether it receives and spends.</param>
[Name("Beneficiary")]
public sealed record BeneficiaryView(Id AccountId, AccountStatus Status)
{
    /// <summary>Balances by unit.</summary>
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<Balance>> Balances([FromServices] LedgerReader reader)
    {
        var book = await reader.BookAsync(AccountId);
        return [.. book.Units.Where(unit => !UnitRecord.IsShadow(unit)).Select(unit => new Balance(null, new Money(book.Available(unit), unit), new Money(book.Held(unit), unit)))];
    }

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<Entry>> History([FromServices] LedgerReader reader, int first) =>
        [.. (await reader.StatementAsync(AccountId, null, Paging.Check(first))).Where(row => !UnitRecord.IsShadow(row.Unit)).Select(AccountQueries.Of)];

    /// <summary>PIN and card; null before either is given.</summary>
    [Cost(OperationCost.Root)]
    public async Task<CredentialView?> Credential([FromServices] Access access) =>
        await access.FindAsync<CredentialRecord>(RecordKind.Credential, AccountId) is { } record ? CredentialView.Of(record) : null;

    /// <summary>What they were told of the use of their data; null when nothing is recorded.</summary>
    [Cost(OperationCost.Root)]
    public async Task<PrivacyNoticeView?> Notice([FromServices] Access access) =>
        await access.FindAsync<PrivacyNoticeRecord>(RecordKind.PrivacyNotice, AccountId) is { } record ? PrivacyNoticeView.Of(record) : null;

    /// <summary>Their cases that you may see, by id; the first hundred.</summary>
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<CaseView>> Cases([FromServices] CaseReads cases) => [.. (await cases.OfAsync(AccountId)).Select(CaseView.Of)];

    /// <summary>Who has looked, oldest first.</summary>
    /// <param name="first">How many, 1 to 100; INVALID_INPUT otherwise.</param>
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<AccessEntry>> Looks([FromServices] AccessLog log, int first) =>
        [.. (await log.ReadAsync(AccountId, null, Paging.Check(first))).Select(row => row.Entry)];
}

/// <summary>Beneficiaries as the help line sees them.</summary>
public sealed class BeneficiaryQueries(Access access, AccessLog log) : IQueries
{
    /// <summary>
    /// A beneficiary's account for the help line, or for an answer to the beneficiary's own request. That you looked is written down before,
    /// and the beneficiary may be told.
    /// </summary>
    /// <param name="accountId">The beneficiary's account.</param>
    [Allow(Roles.HelpLine | Roles.Protection | Roles.Administrator)]
    public async Task<BeneficiaryView?> Beneficiary(Id accountId)
    {
        if (await OwnAsync(accountId) is not { } account)
        {
            return null;
        }

        await log.WriteAsync(access.Caller, accountId, "beneficiary");
        return new BeneficiaryView(account.Id, account.Status);
    }

    /// <summary>Who has looked at a beneficiary's account, oldest first.</summary>
    /// <param name="accountId">The beneficiary's account.</param>
    /// <param name="first">How many, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Roles.Administrator | Roles.Protection | Roles.Reader)]
    public async Task<Connection<AccessEntry>?> AccessLog(Id accountId, int first, string? after = null)
    {
        Paging.Check(first);
        if (await OwnAsync(accountId) is null)
        {
            return null;
        }

        return Paging.Cut(await log.ReadAsync(accountId, Paging.Key(after), first + 1), first, after, row => row.Key, row => row.Entry);
    }

    private async Task<AccountRecord?> OwnAsync(Id accountId) =>
        await access.FindAsync<AccountRecord>(RecordKind.Account, accountId) is { NamesPerson: true } account && account.Organisation == access.Caller.Organisation
            ? account
            : null;
}
