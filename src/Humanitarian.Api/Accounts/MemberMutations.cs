using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Accounts;

/// <param name="ProgramId">The program it takes part in.</param>
/// <param name="CreditLimit">The most that its credit limit may come to be; none when absent.</param>
/// <param name="HoldingLimit">The most it may hold; unlimited when absent.</param>
/// <param name="Tags">At most 16 short labels, never about a person.</param>
public sealed record OpenMemberAccountInput(
    string IdempotencyKey, Id ProgramId, MoneyInput? CreditLimit, MoneyInput? HoldingLimit, IReadOnlyList<string>? Tags) : MutationInput(IdempotencyKey);

/// <param name="ProgramId">The program.</param>
/// <param name="CreditLimit">How far below zero it may go for departed members' debts; not at all when absent.</param>
public sealed record OpenCommonsFundInput(string IdempotencyKey, Id ProgramId, MoneyInput? CreditLimit) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The account.</param>
/// <param name="CreditLimit">The most that its credit limit may come to be; none when absent.</param>
/// <param name="HoldingLimit">The most it may hold; unlimited when absent.</param>
public sealed record ChangeAccountLimitsInput(string IdempotencyKey, Id AccountId, MoneyInput? CreditLimit, MoneyInput? HoldingLimit) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The member's account, which closes.</param>
[MovesMoney]
public sealed record LeaveProgramInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public sealed record OpenMemberAccountPayload : AccountPayload;

public sealed record OpenCommonsFundPayload : AccountPayload;

public sealed record ChangeAccountLimitsPayload : AccountPayload;

public sealed record LeaveProgramPayload : AccountPayload;

/// <summary>The accounts that take part in a program of exchange.</summary>
public sealed class MemberMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Opens a member's account in a program of your organisation. The ledger is told no more of the member than the account's id.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<OpenMemberAccountPayload> OpenMemberAccount(OpenMemberAccountInput input) => run.RunAsync<OpenMemberAccountPayload>(input, null, async (context, id) =>
        await access.OwnProgramAsync(input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : LimitsIn(program.Unit, input.CreditLimit, input.HoldingLimit) is { } refusal ? await Refuse.With(refusal)
        : await commands.ChangeRecordsAsync(context, [Opened(id, program, AccountKind.Member, input.CreditLimit, input.HoldingLimit) with { Tags = input.Tags ?? [] }]));

    /// <summary>Opens a program's commons fund, which levies and departures come to.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<OpenCommonsFundPayload> OpenCommonsFund(OpenCommonsFundInput input) => run.RunAsync<OpenCommonsFundPayload>(
        input, CommonsFund.IdOf(input.ProgramId), async (context, id) =>
            await access.OwnProgramAsync(input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
            : LimitsIn(program.Unit, input.CreditLimit, null) is { } refusal ? await Refuse.With(refusal)
            : await access.AccountAsync(id) is not null ? await Refuse.With(new Refusal(RefusalCode.AlreadyExists, "The program has its commons fund.", "programId"))
            : await commands.ChangeRecordsAsync(context, [Opened(id, program, AccountKind.CommonsFund, input.CreditLimit, null)]));

    /// <summary>Changes how far an account of a program may go below zero, and how much it may hold.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<ChangeAccountLimitsPayload> ChangeAccountLimits(ChangeAccountLimitsInput input) => run.RunAsync<ChangeAccountLimitsPayload>(
        input, input.AccountId, async (context, id) =>
            await access.AccountAsync(id) is not { } account || await access.OwnProgramAsync(account.Program) is not { } program ? await Refuse.NotFound("accountId")
            : LimitsIn(program.Unit, input.CreditLimit, input.HoldingLimit) is { } refusal ? await Refuse.With(refusal)
            : await commands.SetLimitsAsync(context, id, -(input.CreditLimit?.AmountMinor ?? 0), input.HoldingLimit?.AmountMinor ?? long.MaxValue));

    /// <summary>A member leaves with a balance, which the commons fund takes over as the terms say; the account closes.</summary>
    [Allow(Roles.Administrator | Roles.Registrar)]
    public Task<LeaveProgramPayload> LeaveProgram(LeaveProgramInput input) => run.RunAsync<LeaveProgramPayload>(input, input.AccountId, async (context, id) =>
        await access.AccountAsync(id) is null ? await Refuse.NotFound("accountId") : await commands.DepartAsync(context, id));

    private static AccountRecord Opened(Id id, ProgramRecord program, AccountKind kind, MoneyInput? credit, MoneyInput? holding) =>
        AccountRecord.Open(id, program.Organisation, kind, program.Id) with
        {
            FloorMinor = -(credit?.AmountMinor ?? 0), CeilingMinor = holding?.AmountMinor ?? long.MaxValue,
        };

    private static Refusal? LimitsIn(string unit, MoneyInput? credit, MoneyInput? holding) =>
        credit?.Mismatch(unit, "creditLimit") ?? holding?.Mismatch(unit, "holdingLimit")
        ?? (credit?.AmountMinor < 0 || holding?.AmountMinor < 0 ? new Refusal(RefusalCode.InvalidInput, "A limit is not negative.", "creditLimit") : null);
}
