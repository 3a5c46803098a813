using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>The ledger's invariants, each judged on the model and compared with the production state.</summary>
internal static class InvariantChecks
{
    /// <summary>The parts of every receipt, by lot and name: what a donor sees of their money.</summary>
    public static Dictionary<(Id Receipt, string Part), Int128> PartsOf(Model model)
    {
        var parts = new Dictionary<(Id, string), Int128>();
        void Add(Id receipt, string part, Int128 amount) => parts[(receipt, part)] = parts.GetValueOrDefault((receipt, part)) + amount;
        foreach (var lot in model.All<LotRecord>())
        {
            if (lot.Parts.Count == 0)
            {
                Add(lot.Id, "donated", lot.SizeMinor);
                Add(lot.Id, "cost", model.Flow(lot.Id, "cost") - model.Flow(lot.Id, "recharged"));
                Add(lot.Id, "indirect", model.Flow(lot.Id, "indirect") - model.Flow(lot.Id, "indirectrecharged"));
                Add(lot.Id, "fee", model.Flow(lot.Id, "fee"));
                Add(lot.Id, "returned", model.Flow(lot.Id, "returned"));
                Add(lot.Id, "converted", model.Flow(lot.Id, "converted"));
                Add(lot.Id, "unspent", model.Balances.Where(entry => entry.Key.Lot == lot.Id && entry.Key.Account != WorldAccount.IdOf(lot.Unit))
                    .Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held));
                continue;
            }

            var (disbursed, redeemed, settled) = (First("disbursed"), First("redeemed", "refunded"), First("settled", "payoutreturned"));
            var kept = Attribution.First(lot.Parts, (long)(model.Flow(lot.Id, "disbursed") - model.Flow(lot.Id, "expired")));
            var budget = Attribution.First(lot.Parts, (long)(lot.SizeMinor - model.Flow(lot.Id, "undelivered")));
            var paid = Attribution.First(lot.Parts, (long)model.Paid(lot.Id));
            var sent = Attribution.First(lot.Parts, (long)(model.Paid(lot.Id) + model.WithProvider(lot.Id)));
            for (var index = 0; index < lot.Parts.Count; index++)
            {
                var receipt = lot.Parts[index].Lot;
                Add(receipt, "disbursed", disbursed[index]);
                Add(receipt, "redeemed", redeemed[index]);
                Add(receipt, "settled", settled[index]);
                Add(receipt, "expired", disbursed[index] - kept[index]);
                Add(receipt, "held", kept[index] - redeemed[index]);
                Add(receipt, "unspent", budget[index] - disbursed[index] - sent[index]);
                Add(receipt, "delivered", paid[index]);
                Add(receipt, "with provider", sent[index] - paid[index]);
            }

            long[] First(string flow, string undone = "") => Attribution.First(lot.Parts, (long)(model.Flow(lot.Id, flow) - model.Flow(lot.Id, undone)));
        }

        return parts;
    }

    /// <summary>Everything that must hold after every step.</summary>
    public static void Hold(World world, Model model, Dictionary<(Id Receipt, string Part), Int128> before, Dictionary<(Id Receipt, string Part), Int128> parts)
    {
        Assert.Empty(model.Faults);
        SumsAndLimits(world, model);
        Same(world, model);
        Disbursements(model);
        Donations(model, parts);
        CashChecks.Hold(model);
        RefundSteps.Hold(model);
        PurposeSteps.Hold(world, model);
        ConversionChecks.Hold(model, before, parts);
        LocalChecks.Hold(model);
        foreach (var (key, amount) in before.Where(entry => entry.Key.Part is not ("held" or "unspent" or "with provider" or "delivered" or "cost" or "indirect" or "redeemed" or "settled")))
        {
            Assert.True(parts[key] >= amount, $"{key.Part} of a receipt shrank from {amount} to {parts[key]}");
        }
    }

    // Invariants 1 and 2.
    private static void SumsAndLimits(World world, Model model)
    {
        foreach (var unit in model.Balances.GroupBy(entry => entry.Key.Unit))
        {
            Assert.Equal(0, unit.Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held));
        }

        var onLedger = model.Balances.Where(entry => entry.Key.Unit == World.Unit && entry.Key.Account != WorldAccount.IdOf(World.Unit))
            .Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held);
        Assert.Equal(model.Issued.GetValueOrDefault(World.Unit) - model.Retired.GetValueOrDefault(World.Unit), onLedger);
        foreach (var account in model.Balances.Where(entry => entry.Key.Unit == World.Unit && entry.Key.Account != WorldAccount.IdOf(World.Unit)).GroupBy(entry => entry.Key.Account))
        {
            var record = model.Find<AccountRecord>(RecordKind.Account, account.Key);
            Assert.NotNull(record);
            Assert.All(account, entry => Assert.True(entry.Value is { Available: var a, Held: var h } && a >= 0 && h >= 0, "a balance is below zero"));
            var whole = account.Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held);
            Assert.True(whole <= record.CeilingMinor, "an account is above its ceiling");
            Assert.True(record.Status != AccountStatus.Closed || whole == 0, "a closed account has a balance");
        }

        foreach (var entry in model.Balances.Where(entry => entry.Key.Unit == "~" + World.Unit && entry.Key.Account != WorldAccount.IdOf("~" + World.Unit)))
        {
            Assert.InRange((long)entry.Value.Available, -World.Device.PerDayMinor, 0);
        }

        MutualCredit(model);
        var held = model.Balances.Where(entry => entry.Value.Held != 0).ToDictionary(entry => (entry.Key.Account, entry.Key.Lot), entry => entry.Value.Held);
        foreach (var (account, lot, amount) in SetAside(model).Concat(CashChecks.SetAside(model)).GroupBy(part => (part.Account, part.Lot)).Select(g => (g.Key.Account, g.Key.Lot, g.Aggregate((Int128)0, (s, p) => s + p.Amount))))
        {
            Assert.Equal(amount, held.GetValueOrDefault((account, lot)));
            held.Remove((account, lot));
        }

        Assert.Empty(held);
    }

    /// <summary>The credit limit by the recurrence: opening limit and everything received, up to the account's cap.</summary>
    public static Int128 LimitOf(Model model, Id account) => account == Exchange.Fund
        ? -(Int128)model.Find<AccountRecord>(RecordKind.Account, account)!.FloorMinor
        : Int128.Min(-(Int128)model.Find<AccountRecord>(RecordKind.Account, account)!.FloorMinor, 100 + model.Received.GetValueOrDefault(account));

    public static Int128 AvailableIn(Model model, Id account, string unit) => model.Balances.GetValueOrDefault((account, unit, Id.None)).Available;

    private static void MutualCredit(Model model)
    {
        var accounts = model.Balances.Where(entry => entry.Key.Unit == Exchange.Unit).ToArray();
        Assert.Equal(0, accounts.Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held));
        Assert.All(accounts, entry => Assert.Equal(Exchange.Program, model.Find<AccountRecord>(RecordKind.Account, entry.Key.Account)?.Program));
        foreach (var (key, (available, _)) in accounts)
        {
            var record = model.Find<AccountRecord>(RecordKind.Account, key.Account)!;
            Assert.True(available >= -LimitOf(model, key.Account), "a member is past their credit limit");
            Assert.True(record.Status != AccountStatus.Closed || available == 0, "somebody left with a balance");
        }
    }

    // A budget's hold shrinks by what was delivered; any other by its captures, which its parts show.
    private static IEnumerable<(Id Account, Id Lot, Int128 Amount)> SetAside(Model model) =>
        from hold in model.All<HoldRecord>()
        where hold.State == HoldState.Open
        from part in hold.Parts
        select (hold.Account, part.Lot, hold.Purpose == HoldPurpose.Budget ? part.AmountMinor - model.Flow(part.Lot, "disbursed") - model.Paid(part.Lot) - model.WithProvider(part.Lot) : part.AmountMinor);

    // Invariants 3, 4 and 7: production and model agree in everything.
    public static void Same(World world, Model model)
    {
        var state = world.State;
        Assert.True(model.Claims.SetEquals(state.Claims));
        Assert.Equal(
            model.Balances.Where(entry => entry.Value != (0, 0)).Select(entry => (entry.Key, (long)entry.Value.Available, (long)entry.Value.Held)).ToHashSet(),
            state.Books.SelectMany(book => book.Value.Balances(book.Key)).Select(b => ((b.Account, b.Unit, b.Lot), b.AvailableMinor, b.HeldMinor)).ToHashSet());
        foreach (var (account, entries) in model.Entries)
        {
            Assert.Equal(entries, state.Book(account).Entries);
        }

        Assert.Equal(model.Records.Count, state.Records.Count());
        Assert.All(state.Records, entry => Assert.Same(model.Records[entry.Record.Key], entry.Record));
        foreach (var ((lot, flow), amount) in state.Flows)
        {
            Assert.Equal(model.Flow(lot, flow == LotFlow.Cost ? "cost" : flow.ToString().ToLowerInvariant()), amount);
        }
    }

    // Invariant 8.
    private static void Disbursements(Model model)
    {
        foreach (var disbursement in model.All<DisbursementRecord>().Where(d => !d.Lot.IsNone))
        {
            var (paid, back) = (model.Flow(disbursement.Lot, "disbursed") + model.Paid(disbursement.Lot), model.Flow(disbursement.Lot, "undelivered"));
            Assert.True(paid + back <= disbursement.TotalMinor, "a disbursement pays more than its list");
            Assert.True(disbursement.State != DisbursementState.Completed || paid + back == disbursement.TotalMinor, "a completed disbursement's parts are not its total");
            Assert.Equal(disbursement.TotalMinor, model.Find<LotRecord>(RecordKind.Lot, disbursement.Lot)!.Parts.Sum(part => part.AmountMinor));
            Assert.True(disbursement.CreatedBy != disbursement.ApprovedBy && disbursement.ApprovedBy != disbursement.ReleasedBy, "roles are not separate");
        }
    }

    // Invariant 9.
    private static void Donations(Model model, Dictionary<(Id Receipt, string Part), Int128> parts)
    {
        Int128 Of(Id receipt, string part) => parts.GetValueOrDefault((receipt, part));
        foreach (var receipt in parts.Keys.Select(key => key.Receipt).Distinct())
        {
            Assert.All(parts.Where(entry => entry.Key.Receipt == receipt), entry => Assert.True(entry.Value >= 0, $"{entry.Key.Part} is below zero"));
            Assert.Equal(
                Of(receipt, "donated"),
                Of(receipt, "unspent") + Of(receipt, "disbursed") - Of(receipt, "expired") + Of(receipt, "cost") + Of(receipt, "indirect") + Of(receipt, "returned")
                + Of(receipt, "fee") + Of(receipt, "converted") + Of(receipt, "delivered") + Of(receipt, "with provider"));
            Assert.Equal(Of(receipt, "disbursed"), Of(receipt, "redeemed") + Of(receipt, "expired") + Of(receipt, "held"));
            Assert.True(Of(receipt, "settled") <= Of(receipt, "redeemed"), "more was settled than redeemed");
        }

        foreach (var grant in model.All<GrantRecord>())
        {
            var received = model.All<LotRecord>().Where(lot => lot.Parts.Count == 0 && lot.Origin == grant.Id && lot.Unit == grant.Unit).Aggregate((Int128)0, (sum, lot) => sum + lot.SizeMinor);
            Assert.Equal(received, grant.ReceivedMinor);
            Assert.True(received <= grant.CommitmentMinor);
            FundSteps.Hold(model, grant);
        }
    }
}
