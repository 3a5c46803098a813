using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Cases;

/// <summary>A beneficiary's case.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reference">What the beneficiary is told, to ask again.</param>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="RedemptionId">The redemption that is disputed; null for others.</param>
/// <param name="EntryNumber">Number of the account's entry that is disputed; null for others.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Sensitive">True for what only protection and administrators see.</param>
/// <param name="OpenedBy">Who opened it.</param>
/// <param name="ChangedBy">Who changed it last.</param>
[Name("Case")]
public sealed record CaseView(
    Id Id, string Reference, Id AccountId, Id? RedemptionId, ulong? EntryNumber, CaseKind Kind, CaseStatus Status, bool Sensitive, Id OpenedBy, Id ChangedBy) : INode
{
    private const int ReferenceLength = 8;

    /// <summary>What was said, in order. That you looked is written down before.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<CaseText>> Texts([FromServices] CaseTexts texts, [FromServices] Looks looks)
    {
        await looks.AtAsync([AccountId], $"{AccessLog.CasePrefix}{Reference} texts");
        return await texts.ReadAsync(Id, AccountId);
    }

    internal static CaseView Of(CaseRecord record) => new(
        record.Id, record.Id.ToString()[..ReferenceLength].ToUpperInvariant(), record.Account, record.Redemption.IsNone ? null : record.Redemption,
        record.Entry == 0 ? null : record.Entry, record.CaseKind,
        record.Status, record.Sensitive, record.OpenedBy, record.ChangedBy);
}

/// <summary>Cases of your beneficiaries.</summary>
public sealed class CaseQueries(CaseReads cases, Looks looks) : IQueries
{
    /// <summary>A case, of a beneficiary or as one your own; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(CaseRules.Handlers, Person = true)]
    public async Task<CaseView?> Case(Id id)
    {
        if (await cases.FindAsync(id) is not { } record)
        {
            return null;
        }

        var view = CaseView.Of(record);
        await looks.AtAsync([view.AccountId], $"{AccessLog.CasePrefix}{view.Reference}");
        return view;
    }
}

/// <summary>Cases that the caller may see: sensitive ones only protection and administrators, and a beneficiary all of their own.</summary>
public sealed class CaseReads(Access access, LedgerReader reader)
{
    public async Task<CaseRecord?> FindAsync(Id id) => await access.FindAsync<CaseRecord>(RecordKind.Case, id) is { } record && Sees(record)
        && await access.CoversPersonsAsync([record.Account]) ? record : null;

    public async Task<IReadOnlyList<CaseRecord>> OfAsync(Id account) =>
        [.. (await reader.ListAsync<CaseRecord>(RecordKind.Case, account, null, Paging.Most)).Where(Sees)];

    private bool Sees(CaseRecord record) => access.Caller.Person is { } own
        ? record.Account == own
        : record.Organisation == access.Caller.Organisation && access.Caller.Has(record.Sensitive ? CaseRules.Protectors : CaseRules.Handlers);
}
