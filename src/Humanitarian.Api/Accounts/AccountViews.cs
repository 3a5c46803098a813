using GraphQL;
using GraphQL.DataLoader;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Api.Accounts;

/// <summary>A balance of one lot.</summary>
/// <param name="LotId">Where the value comes from; null for units without provenance.</param>
/// <param name="Available">What may be spent now.</param>
/// <param name="Held">What is set aside.</param>
public sealed record Balance(Id? LotId, Money Available, Money Held);

/// <summary>Holder of balances.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OrganisationId">The organisation it belongs to.</param>
/// <param name="Kind">Whose or what for it is.</param>
/// <param name="Status">Whether it receives and spends.</param>
/// <param name="ProgramId">The program it is part of; null when of none.</param>
/// <param name="Tags">Short labels of its organisation.</param>
[Name("Account")]
public sealed record AccountView(Id Id, Id OrganisationId, AccountKind Kind, AccountStatus Status, Id? ProgramId, IReadOnlyList<string> Tags) : INode
{
    /// <summary>Balances by unit, as of the newest durable block.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public IDataLoaderResult<IReadOnlyList<Balance>> Balances([FromServices] Loads loads) => loads.Books.Ask<IReadOnlyList<Balance>>(Id, book =>
        new([.. book!.Units.Where(unit => !UnitRecord.IsShadow(unit)).Select(unit => new Balance(null, new Money(book.Available(unit), unit), new Money(book.Held(unit), unit)))]));

    /// <summary>Balances by unit and lot.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public IDataLoaderResult<IReadOnlyList<Balance>> Lots([FromServices] Loads loads) => loads.Books.Ask<IReadOnlyList<Balance>>(Id, book => new(
    [
        .. book!.Balances(Id).Where(row => !UnitRecord.IsShadow(row.Unit)).Select(row => new Balance(
            row.Lot.IsNone ? null : row.Lot, new Money(row.AvailableMinor, row.Unit), new Money(row.HeldMinor, row.Unit))),
    ]));

    /// <summary>How far below zero it may pay now, by its program's terms; null where there is no credit.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<Money?> CreditLimit([FromServices] LedgerReader reader)
    {
        if (ProgramId is not { } id || (await reader.FindAsync<ProgramRecord>(RecordKind.Program, id)).Record is not { } program
            || (await reader.FindAsync<AccountRecord>(RecordKind.Account, Id)).Record is not { FloorMinor: < 0 } account)
        {
            return null;
        }

        var rule = TermsJson.Of(program).Rules.OfType<CreditLimit>().FirstOrDefault();
        return new Money(rule?.LimitOf(account, await reader.BookAsync(Id), program.Unit) ?? -account.FloorMinor, program.Unit);
    }

    /// <summary>An account that a list's entry names; null when it is not the caller's to see.</summary>
    internal static IDataLoaderResult<AccountView?> Ask(Id id, Loads loads, Access access) => loads.Records.Ask<AccountView?>(
        new RecordKey(RecordKind.Account, id), record => new(record is AccountRecord account && access.Reads(account.Organisation) ? Of(account) : null));

    internal static AccountView Of(AccountRecord record) => new(
        record.Id, record.Organisation, record.AccountKind, record.Status, record.Program.IsNone ? null : record.Program, record.Tags);
}

/// <summary>What one transaction changed on an account in one unit.</summary>
/// <param name="Number">Running number of the account's entries from 1, without gaps.</param>
/// <param name="Kind">Kind of the transaction.</param>
/// <param name="Available">Change of what may be spent; negative when less.</param>
/// <param name="Held">Change of what is set aside.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Position">Place in its block, from 0.</param>
/// <param name="At">The block's time.</param>
public sealed record Entry(ulong Number, TransactionKind Kind, Money Available, Money Held, ulong Height, int Position, DateTimeOffset At);

/// <summary>Accounts of your own organisation.</summary>
public sealed class AccountQueries(Access access, RecordLists lists, StatementReads statements, Looks looks) : IQueries
{
    /// <summary>An account of your organisation; null when there is none that you may see. That you looked at a person's is written down before.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<AccountView?> Account(Id id)
    {
        if (await access.AccountAsync(id) is not { } record)
        {
            return null;
        }

        await looks.AtAsync(record, "account");
        return AccountView.Of(record);
    }

    /// <summary>Accounts of your organisation, those of persons too.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="kind">Only those of a kind.</param>
    /// <param name="status">Only those of a status.</param>
    /// <param name="tag">Only those with this label.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<AccountView>?> Accounts(
        int first, string? after = null, AccountKind? kind = null, AccountStatus? status = null, string? tag = null, ListOrder? order = null,
        CancellationToken cancellationToken = default)
    {
        var part = await lists.ReadAsync<AccountRecord, AccountView>(
            RecordKind.Account, access.Caller.Organisation, new Part(first, after, order),
            async record =>
                (kind is null || record.AccountKind == kind) && (status is null || record.Status == status) && (tag is null || record.Tags.Contains(tag))
                && await access.CoversAsync(record) ? AccountView.Of(record) : null,
            cancellationToken);
        await looks.AtAsync(part.Edges.Where(edge => edge.Node.Kind is AccountKind.Beneficiary or AccountKind.Member).Select(edge => edge.Node.Id), "accounts");
        return part;
    }

    /// <summary>Entries of an account, newest first.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="from">Only what happened at this time or later.</param>
    /// <param name="until">Only what happened before this time.</param>
    /// <param name="kinds">Only transactions of these kinds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    public async Task<Connection<Entry>?> Statement(
        Id accountId, int first, string? after = null, DateTimeOffset? from = null, DateTimeOffset? until = null, IReadOnlyList<TransactionKind>? kinds = null,
        CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        var asked = new StatementPart(first, after, from?.ToUnixTimeMilliseconds() ?? long.MinValue, until?.ToUnixTimeMilliseconds(), kinds);
        if (await access.AccountAsync(accountId) is not { } account)
        {
            return null;
        }

        await looks.AtAsync(account, "statement");
        return await statements.ReadAsync(accountId, asked, cancellationToken);
    }

    internal static Entry Of(EntryRow row) => new(
        row.Number, (TransactionKind)row.Kind, new Money(row.AvailableMinor, row.Unit), new Money(row.HeldMinor, row.Unit), row.Height, row.Position,
        DateTimeOffset.FromUnixTimeMilliseconds(row.Time));
}
