using System.Globalization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <param name="SubjectId">A vendor's or provider's organisation, or a member of your own; never a beneficiary.</param>
/// <param name="List">Name of the list, such as UN; 1 to 64 characters.</param>
/// <param name="On">The day of the result, such as 2026-11-24.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="ValidUntil">The last day on which it counts; within 366 days of the result.</param>
public sealed record RecordScreeningInput(string IdempotencyKey, Id SubjectId, string List, string On, ScreeningOutcome Outcome, string ValidUntil)
    : MutationInput(IdempotencyKey);

public sealed record RecordScreeningPayload : Payload
{
    /// <summary>The result as it stands; null when refused.</summary>
    [AsParent]
    public async Task<ScreeningView?> Screening([FromServices] Access access) =>
        await access.FindAsync<ScreeningRecord>(RecordKind.Screening, Subject) is { } record ? ScreeningView.Of(record) : null;
}

/// <summary>The newest result of screening an organisation or a member of staff against a list.</summary>
/// <param name="SubjectId">Whom.</param>
/// <param name="List">Name of the list.</param>
/// <param name="On">The day of the result, as YYYY-MM-DD.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="ValidUntil">The last day on which it counts.</param>
/// <param name="ScreenedBy">The member who recorded it.</param>
[Name("Screening")]
public sealed record ScreeningView(Id SubjectId, string List, string On, ScreeningOutcome Outcome, string ValidUntil, Id ScreenedBy)
{
    internal static ScreeningView Of(ScreeningRecord record) =>
        new(record.Subject, record.List, Days.Text(record.OnDay), record.Outcome, Days.Text(record.ValidUntil), record.ScreenedBy);
}

/// <summary>Results of screening vendors, providers and staff.</summary>
public sealed class ScreeningMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>
    /// Records what screening a vendor, a provider or a member of staff against a list found. Programs whose terms have the rule screened
    /// accredit and instruct only who is clear. Beneficiaries are never screened.
    /// </summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Finance)]
    public Task<RecordScreeningPayload> RecordScreening(RecordScreeningInput input) => run.RunAsync<RecordScreeningPayload>(
        input, ScreeningRecord.IdOf(access.Caller.Organisation, input.SubjectId, input.List), async (context, id) =>
            Days.Read(input.On) is not { } on || Days.Read(input.ValidUntil) is not { } until
                ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "Dates are written as 2026-11-24, from 1970 on.", "on"))
                : await commands.ChangeRecordsAsync(
                    context,
                    [
                        new ScreeningRecord(id, access.Caller.Organisation, input.SubjectId, input.List, on, input.Outcome, until, access.Caller.Principal)
                        {
                            OfMember = await access.FindAsync<MemberRecord>(RecordKind.Member, input.SubjectId) is not null,
                        },
                    ]));
}

/// <summary>Results of screening.</summary>
public sealed class ScreeningQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>The newest results that your organisation recorded, ordered by id.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Finance | Roles.Auditor)]
    public async Task<Connection<ScreeningView>?> Screenings(int first, string? after = null) => await lists.ReadAsync<ScreeningRecord, ScreeningView>(
        RecordKind.Screening, access.Caller.Organisation, new Part(first, after), record => new(ScreeningView.Of(record)));
}

/// <summary>Days as text, such as 2026-11-24, and as they are recorded: counted from 1970.</summary>
internal static class Days
{
    private static readonly DateOnly First = DateOnly.FromDateTime(DateTime.UnixEpoch);

    public static string Text(long day) => First.AddDays((int)day).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Null for what is no day, and for days before 1970.</summary>
    public static long? Read(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= First ? day.DayNumber - First.DayNumber : null;
}
