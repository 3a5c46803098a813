using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Settlements;

/// <param name="ProgramId">The program.</param>
/// <param name="VendorAccountId">Your account that is to be paid out.</param>
/// <param name="Amount">In the program's unit.</param>
/// <param name="Until">When the request expires unless it is approved.</param>
[MovesMoney]
public sealed record SettleVendorInput(string IdempotencyKey, Id ProgramId, Id VendorAccountId, MoneyInput Amount, DateTimeOffset Until) : MutationInput(IdempotencyKey);

/// <param name="SettlementId">The settlement request.</param>
/// <param name="Amount">What was paid; less than requested leaves the rest open.</param>
/// <param name="Evidence">Hash of the bank's confirmation.</param>
[MovesMoney]
public sealed record ApproveSettlementInput(string IdempotencyKey, Signature? Signature, Id SettlementId, MoneyInput Amount, Hash32? Evidence)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="SettlementId">The settlement request.</param>
[MovesMoney]
public sealed record ReleaseSettlementInput(string IdempotencyKey, Id SettlementId) : MutationInput(IdempotencyKey);

public abstract record SettlementPayload : ConfirmablePayload
{
    /// <summary>The request as it is now; null when refused.</summary>
    [AsParent]
    public async Task<SettlementView?> Settlement([FromServices] Access access) =>
        await access.SettlementAsync(Subject) is { } hold ? SettlementView.Of(hold) : null;
}

public sealed record SettleVendorPayload : SettlementPayload;

public sealed record ApproveSettlementPayload : SettlementPayload;

public sealed record ReleaseSettlementPayload : SettlementPayload;

/// <summary>Vendors are paid outside, and the units leave the ledger.</summary>
public sealed class SettlementMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Asks for settlement of what a vendor's account has received. For members of the vendor.</summary>
    [Allow(Roles.Vendor | Roles.Administrator)]
    public Task<SettleVendorPayload> SettleVendor(SettleVendorInput input) => run.RunAsync<SettleVendorPayload>(input, null, async (context, _) =>
        await access.AccountAsync(input.VendorAccountId) is null ? await Refuse.NotFound("vendorAccountId")
        : await access.FindAsync<ProgramRecord>(RecordKind.Program, input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : input.Amount.Mismatch(program.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.RequestSettlementAsync(
            context, program.Id, input.VendorAccountId, input.Amount.AmountMinor, input.Until.ToUnixTimeMilliseconds()));

    /// <summary>The program's finance signs that the vendor was paid.</summary>
    [Allow(Roles.Finance)]
    [NeedsSecondFactor]
    public Task<ApproveSettlementPayload> ApproveSettlement(ApproveSettlementInput input) =>
        run.RunAsync<ApproveSettlementPayload>(input, input.SettlementId, async (context, id) =>
            await access.SettlementAsync(id) is not { } hold ? await Refuse.NotFound("settlementId")
            : input.Amount.Mismatch(hold.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
            : await commands.ApproveSettlementAsync(context, id, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    /// <summary>Gives the set-aside units back: a request refused or withdrawn.</summary>
    [Allow(Roles.Vendor | Roles.Finance | Roles.Administrator)]
    public Task<ReleaseSettlementPayload> ReleaseSettlement(ReleaseSettlementInput input) =>
        run.RunAsync<ReleaseSettlementPayload>(input, input.SettlementId, async (context, id) =>
            await access.SettlementAsync(id) is null ? await Refuse.NotFound("settlementId") : await commands.ReleaseHoldAsync(context, id));
}
