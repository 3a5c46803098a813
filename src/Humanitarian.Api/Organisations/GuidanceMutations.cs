using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <summary>What a household of up to so many persons is recommended to get for one period.</summary>
/// <param name="Persons">Number of persons; the last value is for all larger households too.</param>
/// <param name="Amount">The amount.</param>
public sealed record RecommendedValueInput(int Persons, MoneyInput Amount);

/// <param name="AssistanceKind">The kind of assistance, as disbursements name it; 1 to 32 characters.</param>
/// <param name="Unit">Code of the unit.</param>
/// <param name="Period">How its periods are named.</param>
/// <param name="From">The first day on which it counts, such as 2026-11-24.</param>
/// <param name="Until">The last day on which it counts.</param>
/// <param name="Values">1 to 32 values, by growing number of persons.</param>
public sealed record PublishGuidanceInput(
    string IdempotencyKey, Signature? Signature, string AssistanceKind, string Unit, PeriodForm Period, string From, string Until,
    IReadOnlyList<RecommendedValueInput> Values) : SignedInput(IdempotencyKey, Signature);

public sealed record PublishGuidancePayload : Payload
{
    /// <summary>The values as they stand; null when refused.</summary>
    [AsParent]
    public async Task<GuidanceView?> Guidance([FromServices] Access access) =>
        await access.FindAsync<GuidanceRecord>(RecordKind.Guidance, Subject) is { } record ? GuidanceView.Of(record) : null;
}

/// <summary>What a household of up to so many persons is recommended to get for one period.</summary>
/// <param name="Persons">Number of persons; the last value is for all larger households too.</param>
/// <param name="Amount">The amount.</param>
[Name("RecommendedValue")]
public sealed record RecommendedValueView(int Persons, Money Amount);

/// <summary>A working group's harmonised values of one kind of assistance in one unit.</summary>
/// <param name="GroupId">The working group.</param>
/// <param name="AssistanceKind">The kind of assistance.</param>
/// <param name="Period">How its periods are named.</param>
/// <param name="From">The first day on which it counts, as YYYY-MM-DD.</param>
/// <param name="Until">The last day on which it counts.</param>
/// <param name="Values">By growing number of persons.</param>
[Name("Guidance")]
public sealed record GuidanceView(Id GroupId, string AssistanceKind, PeriodForm Period, string From, string Until, IReadOnlyList<RecommendedValueView> Values)
{
    internal static GuidanceView Of(GuidanceRecord record) => new(
        record.Organisation, record.AssistanceKind, record.Period, Days.Text(record.FromDay), Days.Text(record.UntilDay),
        [.. record.Values.Select(value => new RecommendedValueView(value.Persons, new Money(value.AmountMinor, record.Unit)))]);
}

/// <summary>What a working group recommends.</summary>
public sealed class GuidanceMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Publishes your working group's values of one kind of assistance in one unit; they replace those before.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<PublishGuidancePayload> PublishGuidance(PublishGuidanceInput input) => run.RunAsync<PublishGuidancePayload>(
        input, GuidanceRecord.IdOf(access.Caller.Organisation, input.AssistanceKind, input.Unit), (context, id) =>
            Days.Read(input.From) is not { } from || Days.Read(input.Until) is not { } until
                ? Refuse.With(new Refusal(RefusalCode.InvalidInput, "Dates are written as 2026-11-24.", "from"))
            : input.Values.Select(value => value.Amount.Mismatch(input.Unit, "values")).FirstOrDefault(mismatch => mismatch is not null) is { } mismatch
                ? Refuse.With(mismatch)
            : commands.ChangeRecordsAsync(context,
            [
                new GuidanceRecord(
                    id, access.Caller.Organisation, input.AssistanceKind, input.Unit, input.Period, from, until,
                    [.. input.Values.Select(value => new RecommendedValue(value.Persons, value.Amount.AmountMinor))]),
            ]));
}

/// <summary>What working groups recommend.</summary>
public sealed class GuidanceQueries(RecordLists lists) : IQueries
{
    /// <summary>A working group's values; everybody on the ledger sees them.</summary>
    /// <param name="groupId">The working group's organisation.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow]
    public Task<Connection<GuidanceView>> Guidance(Id groupId, int first, string? after = null) => lists.ReadAsync<GuidanceRecord, GuidanceView>(
        RecordKind.Guidance, groupId, new Part(first, after), record => new(GuidanceView.Of(record)));
}
