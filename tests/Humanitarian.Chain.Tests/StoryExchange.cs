using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    public static Id Exchange => ChainBuilder.IdOf("exchange program");

    public static Id ExchangeMember(int number) => ChainBuilder.IdOf($"exchange member {number}");

    /// <summary>Mutual credit among three members: payments at once and after acceptance, one declined, one left over, one member leaves.</summary>
    public void Trade()
    {
        Chain.Register(Operator, new UnitRecord("GRAIN", 2, null));
        OpenProgram(Exchange, "exchange program", TermsJson.Preset("mutual-credit")!, "GRAIN");
        Chain.Register(Administrator, AccountRecord.Open(CommonsFund.IdOf(Exchange), Ngo, AccountKind.CommonsFund, Exchange) with { FloorMinor = -20_000 });
        Chain.Register(Registrar, [.. Enumerable.Range(0, 3).Select(number =>
            AccountRecord.Open(ExchangeMember(number), Ngo, AccountKind.Member, Exchange) with { FloorMinor = -50_000 })]);
        Chain.Cut();

        Chain.Order(MemberTransfers.Decide(PaymentOf(0, 1, 7_000), Chain.Scope(Registrar, "trade 1"), Chain.State));
        Promise("roof", 1, 2, 9_000);
        Chain.Order(PaymentAcceptances.Decide(ChainBuilder.IdOf("roof"), Chain.Scope(Registrar, "accept"), Chain.State));
        Promise("hedge", 2, 0, 3_000);
        Chain.Order(HoldEnds.Decide(ChainBuilder.IdOf("hedge"), Chain.Scope(Registrar, "decline"), Chain.State));
        Promise("cart", 2, 1, 500);
        Chain.Cut();

        Chain.Order(Departures.Decide(ExchangeMember(0), Chain.Scope(Registrar, "leave"), Chain.State));
        Chain.Cut();
    }

    private void Promise(string name, int payer, int payee, long amountMinor) => Chain.Order(PendingPayments.Decide(
        PaymentOf(payer, payee, amountMinor), ChainBuilder.IdOf(name), Chain.Now + 600_000, Chain.Scope(Registrar, name), Chain.State));

    private static TransferCommand PaymentOf(int payer, int payee, long amountMinor) =>
        new(Exchange, ExchangeMember(payer), ExchangeMember(payee), amountMinor);
}
