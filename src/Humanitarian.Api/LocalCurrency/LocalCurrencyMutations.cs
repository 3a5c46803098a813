using Humanitarian.Api.Accounts;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.LocalCurrency;

/// <param name="AccountId">Whose units open: the depositor's, or another's as a gift.</param>
/// <param name="Amount">In the program's unit.</param>
/// <param name="Evidence">Hash of the bank's advice or of the receipt.</param>
[MovesMoney]
public sealed record DepositInput(string IdempotencyKey, Id AccountId, MoneyInput Amount, Hash32? Evidence) : MutationInput(IdempotencyKey);

/// <param name="AccountId">Whose units are converted.</param>
/// <param name="Amount">Units to convert, fee included.</param>
/// <param name="Evidence">Hash of the bank's confirmation.</param>
[MovesMoney]
public sealed record ConvertOutInput(string IdempotencyKey, Id AccountId, MoneyInput Amount, Hash32? Evidence) : MutationInput(IdempotencyKey);

public sealed record DepositPayload : AccountPayload;

public sealed record ConvertOutPayload : AccountPayload;

/// <summary>Money comes into a local currency's reserve and leaves it.</summary>
public sealed class LocalCurrencyMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Finance records that money was paid in: as many units open on the account. In the program's unit.</summary>
    [Allow(Roles.Finance)]
    public Task<DepositPayload> Deposit(DepositInput input) => run.RunAsync<DepositPayload>(input, input.AccountId, async (context, id) =>
        await RefusalAsync(id, input.Amount) is { } refusal
            ? await Refuse.With(refusal)
            : await commands.DepositAsync(context, id, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    /// <summary>Finance records that units were converted back into money, less the fee of the terms.</summary>
    [Allow(Roles.Finance)]
    public Task<ConvertOutPayload> ConvertOut(ConvertOutInput input) => run.RunAsync<ConvertOutPayload>(input, input.AccountId, async (context, id) =>
        await RefusalAsync(id, input.Amount) is { } refusal
            ? await Refuse.With(refusal)
            : await commands.ConvertOutAsync(context, id, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    private async Task<Refusal?> RefusalAsync(Id account, MoneyInput amount) =>
        await access.AccountAsync(account) is not { } record || await access.OwnProgramAsync(record.Program) is not { } program
            ? (await Refuse.NotFound("accountId")).Refusal
            : amount.Mismatch(program.Unit, "amount");
}
