using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Accounts;

/// <summary>A good that a unit counts, and what it costs.</summary>
/// <param name="Measure">What is counted, such as "25 kg bag".</param>
/// <param name="UnitCost">Cost of one whole unit.</param>
public sealed record CommodityInput(string Measure, MoneyInput UnitCost);

/// <param name="Code">2 to 12 capital letters, digits or hyphens: ISO 4217 for a currency.</param>
/// <param name="Exponent">Decimal places between the whole unit and the minor unit, 0 to 9.</param>
/// <param name="Commodity">What is counted, for a unit of goods; absent for money, hours and points.</param>
public sealed record DefineUnitInput(string IdempotencyKey, string Code, int Exponent, CommodityInput? Commodity) : MutationInput(IdempotencyKey);

public sealed record DefineUnitPayload : Payload;

/// <param name="Kind">VENDOR, DONOR, ORGANISATION, FLOAT or another kind that may be opened by itself.</param>
/// <param name="Tags">At most 16 short labels, never about a person.</param>
public sealed record OpenAccountInput(string IdempotencyKey, AccountKind Kind, IReadOnlyList<string>? Tags) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The account.</param>
public sealed record FreezeAccountInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The account.</param>
public sealed record UnfreezeAccountInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The account.</param>
public sealed record CloseAccountInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public abstract record AccountPayload : Payload
{
    /// <summary>The account as it is now; null when refused.</summary>
    [AsParent]
    public async Task<AccountView?> Account([FromServices] Access access) =>
        await access.AccountAsync(Subject) is { } record ? AccountView.Of(record) : null;
}

public sealed record OpenAccountPayload : AccountPayload;

public sealed record FreezeAccountPayload : AccountPayload;

public sealed record UnfreezeAccountPayload : AccountPayload;

public sealed record CloseAccountPayload : AccountPayload;

/// <summary>Units and accounts.</summary>
public sealed class AccountMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Defines what balances count. For operators; a unit never changes.</summary>
    [Allow(Roles.Operator)]
    public Task<DefineUnitPayload> DefineUnit(DefineUnitInput input) => run.RunAsync<DefineUnitPayload>(input, null, (context, _) =>
        UnitRecord.IsCode(input.Code)
            ? commands.ChangeRecordsAsync(context,
            [
                new UnitRecord(input.Code, input.Exponent, input.Commodity is { } commodity
                    ? new Commodity(commodity.Measure, commodity.UnitCost.AmountMinor, commodity.UnitCost.Currency)
                    : null),
            ])
            : Refuse.With(new Refusal(RefusalCode.InvalidInput, "A unit's code is 2 to 12 capital letters, digits or hyphens.", "code")));

    /// <summary>Opens an account of your organisation.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<OpenAccountPayload> OpenAccount(OpenAccountInput input) => run.RunAsync<OpenAccountPayload>(input, null, (context, id) =>
        commands.ChangeRecordsAsync(context, [AccountRecord.Open(id, access.Caller.Organisation, input.Kind) with { Tags = input.Tags ?? [] }]));

    /// <summary>The account receives but does not spend.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    [Stops]
    public Task<FreezeAccountPayload> FreezeAccount(FreezeAccountInput input) => SetAsync<FreezeAccountPayload>(input, input.AccountId, AccountStatus.Frozen);

    /// <summary>A frozen account spends again.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<UnfreezeAccountPayload> UnfreezeAccount(UnfreezeAccountInput input) => SetAsync<UnfreezeAccountPayload>(input, input.AccountId, AccountStatus.Open);

    /// <summary>Closes an empty account for ever.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    public Task<CloseAccountPayload> CloseAccount(CloseAccountInput input) => SetAsync<CloseAccountPayload>(input, input.AccountId, AccountStatus.Closed);

    private Task<T> SetAsync<T>(MutationInput input, Id account, AccountStatus status)
        where T : AccountPayload, new() => run.RunAsync<T>(input, account, async (context, id) =>
            access.Caller.Has(Roles.Operator) || await access.AccountAsync(id) is not null
                ? await commands.SetAccountStatusAsync(context, id, status)
                : await Refuse.NotFound("accountId"), Urgency.Till);
}
