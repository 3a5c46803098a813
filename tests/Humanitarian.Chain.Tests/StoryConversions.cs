using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    public static Id DollarGrant => ChainBuilder.IdOf("grant in dollars");

    /// <summary>A grant in another currency is received, and converted in part with a loss.</summary>
    public void Convert()
    {
        Chain.Register(Operator, new UnitRecord("USD", 2, null));
        Chain.Register(Administrator, new GrantRecord(
            DollarGrant, ChainBuilder.IdOf("donor"), Program, "USD", 5_000, 0, 0, long.MaxValue, "", [], true));
        Chain.Order(Receipts.Decide(DollarGrant, ChainBuilder.IdOf("dollars"), 2_000, ChainBuilder.EvidenceOf("advice 4"), Chain.Scope(Finance, "r4"), Chain.State));
        Chain.Order(Conversions.Decide(ConversionOf(1_000, 900), ChainBuilder.IdOf("converted dollars"), Chain.Scope(Finance, "c1"), Chain.State));
        Chain.Cut();
    }

    /// <summary>Two people of the bulk list are owed more, and get it.</summary>
    public void TopUp()
    {
        Line[] lines = [LineOf("top-up", 1, 250), LineOf("top-up", 2, 300)];
        var draft = Draft("top-up", Program, DeliveryMode.Bulk, "2026-10", Grant, Chain.Now + 600_000, lines) with { Purpose = DisbursementPurpose.TopUp };
        Chain.Order(Approval(draft));
        Release("top-up");
        Chain.Order(Chunks.Decide(draft.Id, 0, lines, [], Chain.Scope(Id.None), Chain.State));
        Chain.Order(Completions.Decide(draft.Id, Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    public ConvertCommand ConversionOf(long fromMinor, long toMinor) =>
        new(DollarGrant, fromMinor, toMinor, "0.92", Chain.Now / 86_400_000, ChainBuilder.EvidenceOf("bank"));
}
