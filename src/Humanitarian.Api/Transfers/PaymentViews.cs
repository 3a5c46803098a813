using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Holds;

namespace Humanitarian.Api.Transfers;

/// <summary>A payment that waits for the payee: set aside on the payer's account until it is accepted, released or expired.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="PayerAccountId">The account that pays.</param>
/// <param name="PayeeAccountId">The account that is paid.</param>
/// <param name="Waiting">What is still set aside.</param>
/// <param name="Until">When it goes back to the payer unless it is accepted.</param>
/// <param name="State">Whether it waits, or how it ended.</param>
[Name("Payment")]
public sealed record PaymentView(Id Id, Id ProgramId, Id PayerAccountId, Id PayeeAccountId, Money Waiting, DateTimeOffset Until, HoldState State) : INode
{
    internal static PaymentView Of(HoldRecord hold) => new(
        hold.Id, hold.Program, hold.Account, hold.Subject, new Money(hold.RemainingMinor, hold.Unit), DateTimeOffset.FromUnixTimeMilliseconds(hold.Until), hold.State);
}

/// <summary>Pending payments from or to accounts of your organisation.</summary>
public sealed class PaymentQueries(Access access, Looks looks) : IQueries
{
    /// <summary>A pending payment; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<PaymentView?> Payment(Id id)
    {
        if (await access.PaymentAsync(id) is not { } hold)
        {
            return null;
        }

        await looks.AtSomeAsync([hold.Account, hold.Subject], "payment");
        return PaymentView.Of(hold);
    }
}
