using GraphQL;
using GraphQL.DataLoader;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;

namespace Humanitarian.Api.Households;

/// <summary>A beneficiary's place in a program.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="HouseholdId">The beneficiary's household.</param>
/// <param name="EnrolledBy">The member who enrolled them, and never delivers to them.</param>
/// <param name="Site">Where it is delivered; empty when the list does not say.</param>
/// <param name="Active">False once it has ended.</param>
[Name("Enrolment")]
public sealed record EnrolmentView(Id Id, Id ProgramId, Id AccountId, Id HouseholdId, Id EnrolledBy, string Site, bool Active) : INode
{
    /// <summary>The beneficiary's account.</summary>
    [Allow(Access.Readers)]
    public IDataLoaderResult<AccountView?> Account([FromServices] Loads loads, [FromServices] Access access) => AccountView.Ask(AccountId, loads, access);

    /// <summary>The beneficiary's household; null where it is now of others, whom your roles do not reach.</summary>
    [Allow(Access.Readers)]
    public IDataLoaderResult<HouseholdView?> Household([FromServices] Loads loads, [FromServices] HouseholdReads households) => loads.Records.Ask(
        new RecordKey(RecordKind.Household, HouseholdId),
        async record => record is HouseholdRecord household && await households.SeesAsync(household) ? HouseholdView.Of(household) : null);

    internal static EnrolmentView Of(EnrolmentRecord record) => new(
        record.Id, record.Program, record.Account, record.Household, record.EnrolledBy, record.Site, record.Active);
}

/// <summary>Who takes part in programs that your organisation runs.</summary>
public sealed class EnrolmentQueries(Access access, RecordLists lists, Looks looks) : IQueries
{
    /// <summary>A beneficiary's place in a program; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<EnrolmentView?> Enrolment(Id id)
    {
        if (await access.EnrolmentAsync(id) is not { } record)
        {
            return null;
        }

        await looks.AtAsync([record.Account], "enrolment");
        return EnrolmentView.Of(record);
    }

    /// <summary>The beneficiaries of a program.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="site">Only those of a site.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<EnrolmentView>?> Enrolments(
        Id programId, int first, string? after = null, string? site = null, bool? active = null, CancellationToken cancellationToken = default)
    {
        if (await access.CoveredProgramAsync(programId) is null)
        {
            return null;
        }

        var part = await lists.ReadAsync<EnrolmentRecord, EnrolmentView>(
            RecordKind.Enrolment, programId, new Part(first, after),
            record => new((site is null || record.Site == site) && access.Covers(record) && (active is null || record.Active == active) ? EnrolmentView.Of(record) : null),
            cancellationToken);
        await looks.AtAsync(part.Edges.Select(edge => edge.Node.AccountId), "enrolments");
        return part;
    }
}
