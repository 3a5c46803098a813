using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Organisations;
using Humanitarian.Domain;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Programs;

/// <summary>An instance of a contract, run by an organisation, in one unit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OrganisationId">The organisation that runs it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Code of the unit that it counts in.</param>
/// <param name="Terms">The contract as canonical JSON.</param>
/// <param name="TermsVersion">Number of the terms, from 1; each change is a new one.</param>
/// <param name="PoolAccountId">Where its money waits.</param>
/// <param name="ReturnQueueAccountId">Where expired value waits for its grants.</param>
/// <param name="Active">False once nothing is paid any more.</param>
/// <param name="Stops">What of it is stopped, oldest first; vendors only for the organisation that runs it.</param>
/// <param name="SeparationWaiver">What its members agreed, or are asked to agree, on the separation of duties; null when they were never asked, or ended it.</param>
[Name("Program")]
public sealed record ProgramView(
    Id Id, Id OrganisationId, string Name, string Unit, string Terms, int TermsVersion, Id PoolAccountId, Id ReturnQueueAccountId, bool Active,
    IReadOnlyList<ProgramStopView> Stops, SeparationWaiverView? SeparationWaiver)
{
    /// <param name="whole">True for the organisation that runs it.</param>
    internal static ProgramView Of(ProgramRecord record, bool whole) => new(
        record.Id, record.Organisation, record.Name, record.Unit, record.Terms, checked((int)record.TermsVersion), record.Pool, record.ReturnQueue, record.Active,
        [.. record.Stops.Where(stop => whole || stop.VendorAccount.IsNone).Select(ProgramStopView.Of)],
        record.Waiver is { } waiver ? SeparationWaiverView.Of(waiver) : null);
}

/// <summary>Programs, ordered by id.</summary>
/// <param name="Nodes">The entries of this page.</param>
/// <param name="PageInfo">Where this page ends.</param>
public sealed record ProgramPage(IReadOnlyList<ProgramView> Nodes, PageInfo PageInfo);

/// <summary>Programs.</summary>
public sealed class ProgramQueries(Access access, LedgerReader reader) : IQueries
{
    /// <summary>A program that your organisation runs, gives to or is accredited in.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public async Task<ProgramView?> Program(Id id) => await access.ProgramAsync(id) is { } record
        ? ProgramView.Of(record, record.Organisation == access.Caller.Organisation)
        : null;

    /// <summary>The programs that your organisation runs, ordered by id.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the page before; from the beginning when absent.</param>
    [Allow]
    public async Task<ProgramPage> Programs(int first, string? after = null)
    {
        var (rows, info) = Paging.Cut(
            await reader.ListAsync<ProgramRecord>(RecordKind.Program, access.Caller.Organisation, Paging.IdKey(after), Paging.Check(first) + 1),
            first, row => row.Id.ToString());
        return new ProgramPage([.. rows.Select(row => ProgramView.Of(row, whole: true))], info);
    }
}
