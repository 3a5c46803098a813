using System.Text.Json.Serialization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Cases;

/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">What the beneficiary says, 1 to 4,000 characters. It is no part of what the idempotency key is bound to.</param>
/// <param name="RedemptionId">The redemption that is disputed; absent for others.</param>
/// <param name="EntryNumber">Number of the entry of the account that is disputed, where it is no redemption; absent for others.</param>
/// <param name="Sensitive">True for what only protection and administrators are to see; false when absent.</param>
public sealed record OpenCaseInput(string IdempotencyKey, Id AccountId, CaseKind Kind, [property: JsonIgnore] string Text, Id? RedemptionId, ulong? EntryNumber, bool? Sensitive)
    : MutationInput(IdempotencyKey)
{
    /// <summary>Without the text: a record's generated text would put it in logs.</summary>
    public override string ToString() => nameof(OpenCaseInput);
}

/// <param name="CaseId">The case.</param>
/// <param name="Status">Where it stands now.</param>
/// <param name="Text">What was done, 1 to 4,000 characters. It is no part of what the idempotency key is bound to.</param>
/// <param name="Sensitive">True hides it from all but protection and administrators; as before when absent.</param>
public sealed record ChangeCaseInput(string IdempotencyKey, Id CaseId, CaseStatus Status, [property: JsonIgnore] string Text, bool? Sensitive)
    : MutationInput(IdempotencyKey)
{
    /// <summary>Without the text: a record's generated text would put it in logs.</summary>
    public override string ToString() => nameof(ChangeCaseInput);
}

/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Basis">On what ground their data is used.</param>
/// <param name="Version">Version of the notice, 1 to 64 characters.</param>
/// <param name="RetainUntil">Until when their data is kept; the UTC day counts.</param>
public sealed record RecordPrivacyNoticeInput(string IdempotencyKey, Id AccountId, LawfulBasis Basis, string Version, DateTimeOffset RetainUntil)
    : MutationInput(IdempotencyKey);

public abstract record CasePayload : Payload
{
    /// <summary>The case as it is now; null when refused, and when it is not yours to see any more.</summary>
    [AsParent]
    public async Task<CaseView?> Case([FromServices] CaseReads cases) => await cases.FindAsync(Subject) is { } record ? CaseView.Of(record) : null;

    /// <summary>What the beneficiary is told, to ask again; null when refused.</summary>
    public string? Reference => Subject.IsNone ? null : Subject.ToString()[..8].ToUpperInvariant();
}

public sealed record OpenCasePayload : CasePayload;

public sealed record ChangeCasePayload : CasePayload;

public sealed record RecordPrivacyNoticePayload : Payload;

/// <summary>What beneficiaries ask, complain of and dispute.</summary>
public sealed class CaseMutations(MutationRunner run, LedgerCommands commands, LedgerReader reader, Access access, CaseReads cases, CaseTexts texts) : IMutations
{
    private const int TextLengthMax = 4_000;

    /// <summary>Opens a case for a beneficiary, or as one for yourself.</summary>
    [Allow(CaseRules.Openers, Person = true)]
    public Task<OpenCasePayload> OpenCase(OpenCaseInput input) => run.RunAsync<OpenCasePayload>(input, null, async (context, id) =>
        Wrong(input.Text) is { } wrong ? await Refuse.With(wrong)
        : await access.PersonAsync(input.AccountId) is not { } person ? await Refuse.NotFound("accountId")
        : input.EntryNumber is { } entry && entry > (await reader.BookAsync(person.Id)).Entries ? await Refuse.NotFound("entryNumber")
        : await commands.ChangeRecordsAsync(context,
        [
            new CaseRecord(
                id, person.Organisation, person.Id, input.RedemptionId ?? Id.None, input.Kind, CaseStatus.Open, input.Sensitive == true,
                await texts.KeepAsync(context, commands.IdFor(context, 1), id, person.Id, person.Organisation, input.Text), access.Caller.Principal, access.Caller.Principal)
            {
                Entry = input.EntryNumber ?? 0,
            },
        ]));

    /// <summary>Says what was done in a case, and where it stands now. Sensitive ones are changed by protection and administrators alone.</summary>
    [Allow(CaseRules.Handlers)]
    public Task<ChangeCasePayload> ChangeCase(ChangeCaseInput input) => run.RunAsync<ChangeCasePayload>(input, input.CaseId, async (context, id) =>
        Wrong(input.Text) is { } wrong ? await Refuse.With(wrong)
        : await cases.FindAsync(id) is not { } record ? await Refuse.NotFound("caseId")
        : await commands.ChangeRecordsAsync(context,
        [
            record with
            {
                Status = input.Status, Sensitive = input.Sensitive ?? record.Sensitive, ChangedBy = access.Caller.Principal,
                Content = await texts.KeepAsync(context, commands.IdFor(context, 1), id, record.Account, record.Organisation, input.Text),
            },
        ]));

    /// <summary>Records what a beneficiary was told of the use of their data.</summary>
    [Allow(PrivacyNoticeRecord.Givers)]
    public Task<RecordPrivacyNoticePayload> RecordPrivacyNotice(RecordPrivacyNoticeInput input) =>
        run.RunAsync<RecordPrivacyNoticePayload>(input, input.AccountId, async (context, id) =>
            await access.PersonAsync(id) is not { } person ? await Refuse.NotFound("accountId")
            : await commands.ChangeRecordsAsync(context,
            [
                new PrivacyNoticeRecord(
                    person.Id, person.Organisation, input.Basis, input.Version, Limits.DayOf(input.RetainUntil.ToUnixTimeMilliseconds()), access.Caller.Principal),
            ]));

    private static Refusal? Wrong(string text) =>
        text.Length is > 0 and <= TextLengthMax ? null : new Refusal(RefusalCode.InvalidInput, $"A text has 1 to {TextLengthMax} characters.", "text");
}
