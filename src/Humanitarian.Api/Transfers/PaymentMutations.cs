using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Transfers;

/// <param name="ProgramId">The program.</param>
/// <param name="PayerAccountId">The account that pays.</param>
/// <param name="PayeeAccountId">The account that is paid.</param>
/// <param name="Amount">In the program's unit.</param>
/// <param name="Until">When it goes back to the payer unless it is accepted.</param>
[MovesMoney]
public sealed record OfferPaymentInput(string IdempotencyKey, Id ProgramId, Id PayerAccountId, Id PayeeAccountId, MoneyInput Amount, DateTimeOffset Until)
    : MutationInput(IdempotencyKey);

/// <param name="PaymentId">The pending payment.</param>
[MovesMoney]
public sealed record AcceptPaymentInput(string IdempotencyKey, Id PaymentId) : MutationInput(IdempotencyKey);

/// <param name="PaymentId">The pending payment.</param>
[MovesMoney]
public sealed record ReleasePaymentInput(string IdempotencyKey, Id PaymentId) : MutationInput(IdempotencyKey);

public abstract record PaymentPayload : Payload
{
    /// <summary>The payment as it is now; null when refused.</summary>
    [AsParent]
    public async Task<PaymentView?> Payment([FromServices] Access access) =>
        await access.PaymentAsync(Subject) is { } hold ? PaymentView.Of(hold) : null;
}

public sealed record OfferPaymentPayload : PaymentPayload;

public sealed record AcceptPaymentPayload : PaymentPayload;

public sealed record ReleasePaymentPayload : PaymentPayload;

/// <summary>Payments that wait for the payee to accept.</summary>
public sealed class PaymentMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Sets a payment aside until the payee accepts, where the program's terms know that.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Finance)]
    public Task<OfferPaymentPayload> OfferPayment(OfferPaymentInput input) => run.RunAsync<OfferPaymentPayload>(input, null, async (context, _) =>
        await access.AccountAsync(input.PayerAccountId) is null ? await Refuse.NotFound("payerAccountId")
        : await access.FindAsync<ProgramRecord>(RecordKind.Program, input.ProgramId) is not { } program ? await Refuse.NotFound("programId")
        : input.Amount.Mismatch(program.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.PromiseAsync(
            context, program.Id, input.PayerAccountId, input.PayeeAccountId, input.Amount.AmountMinor, input.Until.ToUnixTimeMilliseconds()));

    /// <summary>The payee accepts.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Finance)]
    public Task<AcceptPaymentPayload> AcceptPayment(AcceptPaymentInput input) => run.RunAsync<AcceptPaymentPayload>(input, input.PaymentId, async (context, id) =>
        await access.PaymentAsync(id) is null ? await Refuse.NotFound("paymentId") : await commands.AcceptPaymentAsync(context, id), Urgency.Till);

    /// <summary>The payer withdraws, or the payee declines: it goes back to the payer.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Finance)]
    public Task<ReleasePaymentPayload> ReleasePayment(ReleasePaymentInput input) => run.RunAsync<ReleasePaymentPayload>(input, input.PaymentId, async (context, id) =>
        await access.PaymentAsync(id) is null ? await Refuse.NotFound("paymentId") : await commands.ReleaseHoldAsync(context, id));
}
