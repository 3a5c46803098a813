using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transfers;
using Humanitarian.Domain.Units;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    public static Id Currency => ChainBuilder.IdOf("local currency");

    public static Id CurrencyMember(int number) => ChainBuilder.IdOf($"currency member {number}");

    /// <summary>A local currency: a deposit, a payment to a shop, and the shop converts a part back.</summary>
    public void Circulate()
    {
        Chain.Register(Operator, new UnitRecord("CHIRP", 2, null));
        OpenProgram(Currency, "local currency", TermsJson.Preset("local-currency")!, "CHIRP");
        Chain.Register(Administrator, AccountRecord.Open(CommonsFund.IdOf(Currency), Ngo, AccountKind.CommonsFund, Currency));
        Chain.Register(Registrar, [.. Enumerable.Range(0, 2).Select(number => AccountRecord.Open(CurrencyMember(number), Ngo, AccountKind.Member, Currency) with
        {
            CeilingMinor = 100_000, Tags = number == 1 ? ["professional"] : [],
        })]);
        Chain.Cut();

        Charge(0);
        Charge(1);
        Chain.Order(Deposits.Decide(CurrencyMember(0), 20_000, default, Chain.Scope(Finance, "deposit"), Chain.State));
        Chain.Order(MemberTransfers.Decide(new TransferCommand(Currency, CurrencyMember(0), CurrencyMember(1), 15_000), Chain.Scope(Registrar, "shop"), Chain.State));
        Chain.Order(ConversionsOut.Decide(CurrencyMember(1), 10_000, default, Chain.Scope(Finance, "convert"), Chain.State));
        Chain.Cut();
    }

    private void Charge(int member) => Chain.Order(Charges.Decide(CurrencyMember(member), Chain.Scope(Id.None), Chain.State));
}
