using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <param name="ProgramId">The program, whose terms have the rule breakGlass.</param>
/// <param name="SubjectId">The disbursement or the settlement that you decide on.</param>
/// <param name="Role">The role that you lack: APPROVER, RELEASER or FINANCE.</param>
/// <param name="Until">Until when you hold it; the terms say how long at most.</param>
/// <param name="Reason">Why; 1 to 500 characters, never about a person.</param>
public sealed record BreakGlassInput(
    string IdempotencyKey, Signature? Signature, Id ProgramId, Id SubjectId, Role Role, DateTimeOffset Until, string Reason) : SignedInput(IdempotencyKey, Signature);

/// <param name="EmergencyId">What another member took.</param>
/// <param name="Justified">What you found.</param>
/// <param name="Review">Why; 1 to 500 characters, never about a person.</param>
public sealed record ReviewEmergencyInput(string IdempotencyKey, Signature? Signature, Id EmergencyId, bool Justified, string Review)
    : SignedInput(IdempotencyKey, Signature);

public abstract record EmergencyPayload : Payload
{
    /// <summary>The emergency as it is now; null when refused.</summary>
    [AsParent]
    public async Task<EmergencyView?> Emergency([FromServices] Access access) =>
        await access.FindAsync<EmergencyRecord>(RecordKind.Emergency, Subject) is { } record ? EmergencyView.Of(record) : null;
}

public sealed record BreakGlassPayload : EmergencyPayload;

public sealed record ReviewEmergencyPayload : EmergencyPayload;

/// <summary>That a member took a role in an emergency, why, and what another thought of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="MemberId">Who took the role.</param>
/// <param name="Role">Which.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="SubjectId">The one disbursement or settlement that it decides on.</param>
/// <param name="CapMinor">Most that the subject may sum to, in minor units of the program's unit.</param>
/// <param name="Until">Until when it was to be held; a review ends it earlier.</param>
/// <param name="Reason">Why it was taken.</param>
/// <param name="ReviewedBy">Who reviewed it; null while that is due, and until then the member takes no other.</param>
/// <param name="Justified">What the review found; null while it is due.</param>
/// <param name="Review">The review's words; null while it is due.</param>
[Name("Emergency")]
public sealed record EmergencyView(
    Id Id, Id MemberId, Role Role, Id ProgramId, Id SubjectId, long CapMinor, DateTimeOffset Until, string Reason, Id? ReviewedBy, bool? Justified, string? Review)
    : INode
{
    internal static EmergencyView Of(EmergencyRecord record) => new(
        record.Id, record.Member, (Role)record.Roles, record.Program, record.Subject, record.CapMinor, DateTimeOffset.FromUnixTimeMilliseconds(record.Until),
        record.Reason, record.ReviewedBy.IsNone ? null : record.ReviewedBy, record.ReviewedBy.IsNone ? null : record.Justified,
        record.ReviewedBy.IsNone ? null : record.Review);
}

/// <summary>Roles taken in emergencies, and their reviews.</summary>
public sealed class EmergencyMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>
    /// Takes a role that you lack, for one disbursement or settlement up to the amount and the time that the program's terms allow. It stays
    /// on record, another member reviews it, and until then you take no other.
    /// </summary>
    [Allow]
    public Task<BreakGlassPayload> BreakGlass(BreakGlassInput input) => run.RunAsync<BreakGlassPayload>(input, null, async (context, _) =>
        await access.OwnProgramAsync(input.ProgramId) is null
            ? await Refuse.NotFound("programId")
            : await commands.BreakGlassAsync(context, new EmergencyRequest(
                input.ProgramId, input.SubjectId, (Roles)input.Role, input.Until.ToUnixTimeMilliseconds(), input.Reason)));

    /// <summary>Reviews what another member took in an emergency; the role ends.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Auditor)]
    public Task<ReviewEmergencyPayload> ReviewEmergency(ReviewEmergencyInput input) => run.RunAsync<ReviewEmergencyPayload>(input, input.EmergencyId, async (context, id) =>
        await access.FindAsync<EmergencyRecord>(RecordKind.Emergency, id) is { } emergency && emergency.Organisation == access.Caller.Organisation
            ? await commands.ReviewEmergencyAsync(context, id, input.Justified, input.Review)
            : await Refuse.NotFound("emergencyId"));
}

/// <summary>Emergencies.</summary>
public sealed class EmergencyQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>What members of your organisation took in emergencies, ordered by id; without <c>reviewedBy</c> it waits for a review.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Access.Readers)]
    public async Task<Connection<EmergencyView>?> Emergencies(int first, string? after = null) => await lists.ReadAsync<EmergencyRecord, EmergencyView>(
        RecordKind.Emergency, access.Caller.Organisation, new Part(first, after), record => new(EmergencyView.Of(record)));

    /// <summary>What a member of your organisation took in an emergency; null when there is none.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<EmergencyView?> Emergency(Id id) =>
        await access.FindAsync<EmergencyRecord>(RecordKind.Emergency, id) is { } record && access.Reads(record.Organisation) ? EmergencyView.Of(record) : null;
}
