using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Holds;

namespace Humanitarian.Api.Transfers;

/// <summary>A payment that waits for the payee: set aside on the payer's account until it is accepted, released or expired.</summary>
/// <param name="Waiting">What is still set aside.</param>
[Name("Payment")]
public sealed record PaymentView(Id Id, Id ProgramId, Id PayerAccountId, Id PayeeAccountId, Money Waiting, DateTimeOffset Until, HoldState State)
{
    internal static PaymentView Of(HoldRecord hold) => new(
        hold.Id, hold.Program, hold.Account, hold.Subject, new Money(hold.RemainingMinor, hold.Unit), DateTimeOffset.FromUnixTimeMilliseconds(hold.Until), hold.State);
}

/// <summary>Pending payments from or to accounts of your organisation.</summary>
public sealed class PaymentQueries(Access access) : IQueries
{
    [Allow(Access.Readers)]
    public async Task<PaymentView?> Payment(Id id) => await access.PaymentAsync(id) is { } hold ? PaymentView.Of(hold) : null;
}
