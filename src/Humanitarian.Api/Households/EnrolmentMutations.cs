using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Households;

/// <param name="ProgramId">The program they leave.</param>
/// <param name="AccountId">The beneficiary's account.</param>
public sealed record WithdrawEnrolmentInput(string IdempotencyKey, Id ProgramId, Id AccountId) : MutationInput(IdempotencyKey);

/// <param name="ProgramId">The program.</param>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Site">Where it is delivered from now on, at most 100 characters; empty for nowhere in particular.</param>
public sealed record MoveEnrolmentInput(string IdempotencyKey, Id ProgramId, Id AccountId, string Site) : MutationInput(IdempotencyKey);

public abstract record EnrolmentPayload : Payload
{
    /// <summary>The enrolment as it is now; null when refused.</summary>
    [AsParent]
    public async Task<EnrolmentView?> Enrolment([FromServices] Access access) =>
        await access.EnrolmentAsync(Subject) is { } record ? EnrolmentView.Of(record) : null;
}

public sealed record WithdrawEnrolmentPayload : EnrolmentPayload;

public sealed record MoveEnrolmentPayload : EnrolmentPayload;

/// <summary>Beneficiaries' places in programs, one by one.</summary>
public sealed class EnrolmentMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Ends a beneficiary's place in a program. What they have stays theirs to spend; they are paid nothing new until a list enrols them again.</summary>
    [Allow(Roles.Registrar)]
    public Task<WithdrawEnrolmentPayload> WithdrawEnrolment(WithdrawEnrolmentInput input) =>
        ChangeAsync<WithdrawEnrolmentPayload>(input, input.ProgramId, input.AccountId, enrolment => enrolment with { Active = false });

    /// <summary>Moves a beneficiary to another site of a program. Whoever is limited to areas needs both.</summary>
    [Allow(Roles.Registrar)]
    public Task<MoveEnrolmentPayload> MoveEnrolment(MoveEnrolmentInput input) =>
        ChangeAsync<MoveEnrolmentPayload>(input, input.ProgramId, input.AccountId, enrolment => enrolment with { Site = input.Site.Trim() });

    private Task<T> ChangeAsync<T>(MutationInput input, Id program, Id account, Func<EnrolmentRecord, EnrolmentRecord> change)
        where T : Payload, new() => run.RunAsync<T>(input, EnrolmentRecord.IdOf(program, account), async (context, id) =>
            await access.OwnProgramAsync(program) is null ? await Refuse.NotFound("programId")
            : await access.FindAsync<EnrolmentRecord>(RecordKind.Enrolment, id) is { } enrolment && (enrolment.Program, enrolment.Account) == (program, account)
                ? await commands.ChangeRecordsAsync(context, [change(enrolment)])
            : await Refuse.NotFound("accountId"));
}
