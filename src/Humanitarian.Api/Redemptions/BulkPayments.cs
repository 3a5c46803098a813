using Humanitarian.Api.Deliveries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Redemptions;

/// <summary>Payments between accounts, many at once.</summary>
/// <param name="Mode">What becomes of the others when one is refused.</param>
/// <param name="Items">1 to 100, each with its own idempotency key.</param>
public sealed record TransferManyInput(BulkMode Mode, IReadOnlyList<TransferInput> Items);

/// <summary>Vouchers that a till collected, many at once.</summary>
/// <param name="Mode">What becomes of the others when one is refused.</param>
/// <param name="Items">1 to 100, each with its own idempotency key.</param>
public sealed record RedeemManyVouchersInput(BulkMode Mode, IReadOnlyList<RedeemVoucherInput> Items);

/// <summary>Deliveries of a device, many at once.</summary>
/// <param name="Mode">What becomes of the others when one is refused.</param>
/// <param name="Items">1 to 100, each with its own idempotency key, counter and signature.</param>
public sealed record CreditManyBeneficiariesInput(BulkMode Mode, IReadOnlyList<CreditBeneficiaryInput> Items);

public sealed record TransferManyPayload : BulkPayload<TransferPayload>;

public sealed record RedeemManyVouchersPayload : BulkPayload<RedeemVoucherPayload>;

public sealed record CreditManyBeneficiariesPayload : BulkPayload<CreditBeneficiaryPayload>;

/// <summary>Many payments in one request. Each is what the mutation of one does, under the same key and the same rules.</summary>
public sealed class BulkPayments(LedgerCommands commands, RedemptionMutations payments, DeliveryMutations deliveries) : IMutations
{
    /// <summary>Moves units between many accounts.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Finance)]
    [Cost(OperationCost.Root * Many.Most)]
    public Task<TransferManyPayload> TransferMany(TransferManyInput input) =>
        Many.RunAsync<TransferManyPayload, TransferInput, TransferPayload>(commands, input.Mode, input.Items, payments.Transfer);

    /// <summary>Many beneficiaries pay your till: what it collected while it had no connection.</summary>
    [Allow(Roles.Vendor)]
    [Cost(OperationCost.Root * Many.Most)]
    public Task<RedeemManyVouchersPayload> RedeemManyVouchers(RedeemManyVouchersInput input) =>
        Many.RunAsync<RedeemManyVouchersPayload, RedeemVoucherInput, RedeemVoucherPayload>(commands, input.Mode, input.Items, payments.RedeemVoucher);

    /// <summary>Delivers many lines: what a device signed while it had no connection.</summary>
    [Allow(Roles.FieldAgent)]
    [Cost(OperationCost.Root * Many.Most)]
    public Task<CreditManyBeneficiariesPayload> CreditManyBeneficiaries(CreditManyBeneficiariesInput input) =>
        Many.RunAsync<CreditManyBeneficiariesPayload, CreditBeneficiaryInput, CreditBeneficiaryPayload>(commands, input.Mode, input.Items, deliveries.CreditBeneficiary);
}
