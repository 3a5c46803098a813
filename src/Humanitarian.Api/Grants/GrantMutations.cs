using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Organisations;
using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Grants;

/// <summary>What a purpose may cost at most.</summary>
/// <param name="Code">The line's code, unique in the grant.</param>
/// <param name="Limit">Most it may cost, in the grant's currency.</param>
public sealed record BudgetLineInput(string Code, MoneyInput Limit);

/// <param name="ProgramId">A program of your organisation.</param>
/// <param name="DonorId">The donor's organisation.</param>
/// <param name="Commitment">In the donor's currency, which may be another than the program's: then <c>convertGrant</c> comes between.</param>
/// <param name="EligibleFrom">First moment at which it may be disbursed.</param>
/// <param name="EligibleUntil">First moment at which it may no longer be disbursed.</param>
/// <param name="Earmark">Area, sector or group; unearmarked when absent.</param>
/// <param name="BudgetLines">What may be charged to it as costs; none when absent.</param>
/// <param name="IndirectRateBasisPoints">Indirect costs that may be charged on top of a direct cost, in basis points of it, 0 to 10000; none when absent.</param>
/// <param name="AllowsRecharges">True when the donor lets costs be recharged from and to the grant; false when absent.</param>
public sealed record CreateGrantInput(
    string IdempotencyKey, Id ProgramId, Id DonorId, MoneyInput Commitment, DateTimeOffset EligibleFrom, DateTimeOffset EligibleUntil, string? Earmark,
    IReadOnlyList<BudgetLineInput>? BudgetLines, int? IndirectRateBasisPoints, bool? AllowsRecharges) : MutationInput(IdempotencyKey);

/// <param name="GrantId">The grant.</param>
/// <param name="Commitment">In the grant's currency, not below what was received; as it was when absent.</param>
/// <param name="EligibleFrom">First moment at which it may be disbursed; as it was when absent.</param>
/// <param name="EligibleUntil">First moment at which it may no longer be disbursed; as it was when absent.</param>
/// <param name="Earmark">Area, sector or group, empty for unearmarked; as it was when absent.</param>
/// <param name="BudgetLines">All lines as they are from now on; a line that was spent on stays, with a limit that covers it. As they were when absent.</param>
/// <param name="IndirectRateBasisPoints">From now on, 0 to 10000; as it was when absent.</param>
/// <param name="AllowsRecharges">From now on; as it was when absent.</param>
public sealed record ReviseGrantInput(
    string IdempotencyKey, Id GrantId, MoneyInput? Commitment, DateTimeOffset? EligibleFrom, DateTimeOffset? EligibleUntil, string? Earmark,
    IReadOnlyList<BudgetLineInput>? BudgetLines, int? IndirectRateBasisPoints, bool? AllowsRecharges) : MutationInput(IdempotencyKey);

/// <param name="GrantId">The grant.</param>
public sealed record CloseGrantInput(string IdempotencyKey, Id GrantId) : MutationInput(IdempotencyKey);

/// <param name="GrantId">The grant.</param>
/// <param name="Amount">In the grant's currency.</param>
/// <param name="Evidence">Hash of the bank's statement.</param>
[MovesMoney]
public sealed record RecordReceiptInput(string IdempotencyKey, Id GrantId, MoneyInput Amount, Hash32? Evidence) : MutationInput(IdempotencyKey);

/// <param name="GrantId">The grant.</param>
/// <param name="Amount">In the grant's currency, or in the program's for money that was converted.</param>
/// <param name="Evidence">Hash of the bank's confirmation.</param>
[MovesMoney]
public sealed record ReturnGrantInput(string IdempotencyKey, Id GrantId, MoneyInput Amount, Hash32? Evidence) : MutationInput(IdempotencyKey);

/// <param name="GrantId">The grant.</param>
/// <param name="From">What the bank took, in the grant's currency; receipts go first in first out.</param>
/// <param name="To">What the bank paid out, in the program's currency.</param>
/// <param name="Rate">The rate agreed beforehand: whole units of the program's currency for one of the grant's, such as "129.35". The bank's own where none was agreed.</param>
/// <param name="On">The bank's value date, such as 2026-11-24.</param>
/// <param name="Evidence">Hash of the bank's advice.</param>
[MovesMoney]
public sealed record ConvertGrantInput(string IdempotencyKey, Id GrantId, MoneyInput From, MoneyInput To, string Rate, string On, Hash32 Evidence)
    : MutationInput(IdempotencyKey);

public abstract record GrantPayload : Payload
{
    /// <summary>The grant as it is now; null when refused.</summary>
    [AsParent]
    public async Task<GrantView?> Grant([FromServices] Access access) =>
        await access.GrantAsync(Subject) is { } record ? GrantView.Of(record) : null;
}

public sealed record CreateGrantPayload : GrantPayload;

public sealed record ReviseGrantPayload : GrantPayload;

public sealed record CloseGrantPayload : GrantPayload;

public sealed record RecordReceiptPayload : GrantPayload;

public sealed record ReturnGrantPayload : GrantPayload;

public sealed record ConvertGrantPayload : GrantPayload;

/// <summary>Donors' money: in, converted, given back.</summary>
public sealed class GrantMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Records what a donor promises to a program of your organisation.</summary>
    [Allow(Roles.Administrator | Roles.Finance)]
    public Task<CreateGrantPayload> CreateGrant(CreateGrantInput input) => run.RunAsync<CreateGrantPayload>(input, null, async (context, id) =>
        await access.OwnProgramAsync(input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : Mismatch(input.BudgetLines, input.Commitment.Currency) is { } mismatch ? await Refuse.With(mismatch)
        : await commands.ChangeRecordsAsync(context,
        [
            new GrantRecord(
                id, input.DonorId, program.Id, input.Commitment.Currency, input.Commitment.AmountMinor, 0, input.EligibleFrom.ToUnixTimeMilliseconds(),
                input.EligibleUntil.ToUnixTimeMilliseconds(), input.Earmark ?? "",
                [.. (input.BudgetLines ?? []).Select(line => new BudgetLine(line.Code, line.Limit.AmountMinor, 0))], true)
            {
                IndirectRate = input.IndirectRateBasisPoints ?? 0, AllowsRecharges = input.AllowsRecharges ?? false,
            },
        ]));

    /// <summary>Records what donor and program agreed anew; what was received and spent stands. INVALID_INPUT below either.</summary>
    [Allow(Roles.Administrator | Roles.Finance)]
    public Task<ReviseGrantPayload> ReviseGrant(ReviseGrantInput input) => run.RunAsync<ReviseGrantPayload>(input, input.GrantId, async (context, id) =>
        await access.OwnGrantAsync(id) is not { Grant: var grant } ? await Refuse.NotFound("grantId")
        : (input.Commitment?.Mismatch(grant.Unit, "commitment") ?? Mismatch(input.BudgetLines, grant.Unit)) is { } mismatch ? await Refuse.With(mismatch)
        : await commands.ChangeRecordsAsync(context,
        [
            grant with
            {
                CommitmentMinor = input.Commitment?.AmountMinor ?? grant.CommitmentMinor,
                EligibleFrom = input.EligibleFrom?.ToUnixTimeMilliseconds() ?? grant.EligibleFrom,
                EligibleUntil = input.EligibleUntil?.ToUnixTimeMilliseconds() ?? grant.EligibleUntil,
                Earmark = input.Earmark ?? grant.Earmark,
                BudgetLines = input.BudgetLines is { } lines ? [.. lines.Select(line => Revised(line, grant))] : grant.BudgetLines,
                IndirectRate = input.IndirectRateBasisPoints ?? grant.IndirectRate,
                AllowsRecharges = input.AllowsRecharges ?? grant.AllowsRecharges,
            },
        ]));

    /// <summary>Ends a grant: it takes nothing in, bears no costs, and no new disbursement draws on it. What is left goes back by returnGrant.</summary>
    [Allow(Roles.Administrator | Roles.Finance)]
    public Task<CloseGrantPayload> CloseGrant(CloseGrantInput input) => run.RunAsync<CloseGrantPayload>(input, input.GrantId, async (context, id) =>
        await access.OwnGrantAsync(id) is not { Grant: var grant } ? await Refuse.NotFound("grantId")
        : await commands.ChangeRecordsAsync(context, [grant with { Active = false }]));

    /// <summary>Money has come in: opens a lot in the program's pool.</summary>
    [Allow(Roles.Finance)]
    public Task<RecordReceiptPayload> RecordReceipt(RecordReceiptInput input) => MoveAsync<RecordReceiptPayload>(input, input.GrantId, input.Amount, (context, id) =>
        commands.RecordReceiptAsync(context, id, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    /// <summary>Unspent money goes back to the donor.</summary>
    [Allow(Roles.Finance)]
    public Task<ReturnGrantPayload> ReturnGrant(ReturnGrantInput input) => run.RunAsync<ReturnGrantPayload>(input, input.GrantId, async (context, id) =>
        await access.OwnGrantAsync(id) is not { } own ? await Refuse.NotFound("grantId")
        : input.Amount.Currency != own.Program.Unit && input.Amount.Mismatch(own.Grant.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.ReturnGrantAsync(context, id, input.Amount.Currency, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    /// <summary>A bank has converted a part of a grant into the program's currency: opens a lot that carries both amounts.</summary>
    [Allow(Roles.Finance)]
    public Task<ConvertGrantPayload> ConvertGrant(ConvertGrantInput input) => run.RunAsync<ConvertGrantPayload>(input, input.GrantId, async (context, id) =>
        await access.OwnGrantAsync(id) is not { } own ? await Refuse.NotFound("grantId")
        : (input.From.Mismatch(own.Grant.Unit, "from") ?? input.To.Mismatch(own.Program.Unit, "to")) is { } mismatch ? await Refuse.With(mismatch)
        : Days.Read(input.On) is not { } day
            ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "A date is written 2026-11-24, from 1970 on.", "on"))
        : await commands.ConvertAsync(
            context, new ConversionRequest(id, input.From.AmountMinor, input.To.AmountMinor, input.Rate, day, input.Evidence)));

    private static BudgetLine Revised(BudgetLineInput line, GrantRecord grant) =>
        new(line.Code, line.Limit.AmountMinor, grant.BudgetLines.FirstOrDefault(one => one.Code == line.Code)?.SpentMinor ?? 0);

    private Task<T> MoveAsync<T>(MutationInput input, Id grant, MoneyInput amount, Func<CommandContext, Id, Task<CommandResult>> command)
        where T : GrantPayload, new() => run.RunAsync<T>(input, grant, async (context, id) =>
            await access.OwnGrantAsync(id) is not { } own ? await Refuse.NotFound("grantId")
            : amount.Mismatch(own.Grant.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
            : await command(context, id));

    private static Refusal? Mismatch(IReadOnlyList<BudgetLineInput>? lines, string unit) =>
        (lines ?? []).Select(line => line.Limit.Mismatch(unit, "budgetLines")).FirstOrDefault(mismatch => mismatch is not null);
}
