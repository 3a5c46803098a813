using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Organisations;
using Humanitarian.Domain;
using Humanitarian.Domain.Programs;

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
/// <param name="Active">False once it is closed: nothing is paid, enrolled, received or accredited in it any more.</param>
/// <param name="Stops">What of it is stopped, oldest first; vendors only for the organisation that runs it.</param>
/// <param name="SeparationWaiver">What its members agreed, or are asked to agree, on the separation of duties; null when they were never asked, or ended it.</param>
/// <param name="Amendment">Terms that are proposed, or approved and not in effect yet; null when there are none.</param>
[Name("Program")]
public sealed record ProgramView(
    Id Id, Id OrganisationId, string Name, string Unit, string Terms, int TermsVersion, Id PoolAccountId, Id ReturnQueueAccountId, bool Active,
    IReadOnlyList<ProgramStopView> Stops, SeparationWaiverView? SeparationWaiver, TermsAmendmentView? Amendment) : INode
{
    /// <param name="whole">True for the organisation that runs it.</param>
    internal static ProgramView Of(ProgramRecord record, bool whole) => new(
        record.Id, record.Organisation, record.Name, record.Unit, record.Terms, checked((int)record.TermsVersion), record.Pool, record.ReturnQueue, record.Active,
        [.. record.Stops.Where(stop => whole || stop.VendorAccount.IsNone).Select(ProgramStopView.Of)],
        record.Waiver is { } waiver ? SeparationWaiverView.Of(waiver) : null, record.Amendment is { } amendment ? TermsAmendmentView.Of(amendment) : null);
}

/// <summary>Terms of a program that are not in effect yet.</summary>
/// <param name="Terms">The contract as canonical JSON.</param>
/// <param name="EffectiveFrom">When they take effect at the earliest; null for with the approval.</param>
/// <param name="EffectiveHeight">Height of the first block that may put them in effect; null for with the approval.</param>
/// <param name="ProposedBy">The member who proposed them.</param>
/// <param name="ApprovedBy">The member who approved them; null while nobody has.</param>
[Name("TermsAmendment")]
public sealed record TermsAmendmentView(string Terms, DateTimeOffset? EffectiveFrom, ulong? EffectiveHeight, Id ProposedBy, Id? ApprovedBy)
{
    internal static TermsAmendmentView Of(TermsAmendment amendment) => new(
        amendment.Terms, amendment.FromTime == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(amendment.FromTime),
        amendment.FromHeight == 0 ? null : amendment.FromHeight, amendment.ProposedBy, amendment.IsApproved ? amendment.ApprovedBy : null);
}

/// <summary>Programs.</summary>
public sealed class ProgramQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>A program that your organisation runs, gives to or is accredited in.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public async Task<ProgramView?> Program(Id id) => await access.ProgramAsync(id) is { } record
        ? ProgramView.Of(record, record.Organisation == access.Caller.Organisation)
        : null;

    /// <summary>The programs that your organisation runs.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="name">Only those whose name has this in it, in small letters or large.</param>
    /// <param name="unit">Only those that count in this unit.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    public Task<Connection<ProgramView>> Programs(
        int first, string? after = null, string? name = null, string? unit = null, bool? active = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) => lists.ReadAsync<ProgramRecord, ProgramView>(
            RecordKind.Program, access.Caller.Organisation, new Part(first, after, order),
            record => new(
                (name is null || record.Name.Contains(name, StringComparison.OrdinalIgnoreCase)) && (unit is null || record.Unit == unit)
                && (active is null || record.Active == active) && access.Covers(record.Id)
                    ? ProgramView.Of(record, whole: true) : null),
            cancellationToken);
}
