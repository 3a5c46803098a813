using System.Collections.Concurrent;
using System.Numerics;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>A local currency by hand: what was paid in and out, and what melted of each account since which day.</summary>
internal sealed partial class Model
{
    private readonly Dictionary<Id, long> chargedTo = [];

    /// <summary>True for a member's account that is not charged up to that day, counted from 1970.</summary>
    public bool Melts(Id account, long day) =>
        account != Local.Fund && LocalChecks.TakesPart(this, account) && chargedTo.GetValueOrDefault(account) < day;

    public bool IsOpen(Id account, bool orFrozen) =>
        Find<AccountRecord>(RecordKind.Account, account) is { Status: var status } && (status == AccountStatus.Open || (orFrozen && status == AccountStatus.Frozen));

    // Nothing moves on a balance before what melted of it is gone.
    private void Moved(Transaction transaction)
    {
        foreach (var posting in transaction.Postings.Where(posting => posting.Unit == Local.Unit && transaction.Kind != TransactionKind.Demurrage))
        {
            Must(!Melts(posting.Account, transaction.DecidedAt / LocalChecks.Day), "a balance moved before it had melted");
        }
    }

    private void Deposited(Transaction transaction)
    {
        Sum(Issued, Local.Unit, Net(transaction, Local.Unit, account => account != WorldAccount.IdOf(Local.Unit)));
        Sum(Issued, Local.Money, Net(transaction, Local.Money, account => account == Local.Pool));
    }

    // Of a hundred, ninety-five are paid out, three stay with the fund and two are for running costs, which bear the rounding.
    private void ConvertedOut(Transaction transaction)
    {
        var whole = -Net(transaction, Local.Unit, account => account != WorldAccount.IdOf(Local.Unit) && account != Local.Fund);
        Int128[] parts = [whole * 95 / 100, whole - (whole * 95 / 100) - (whole * 3 / 100)];
        Must(
            transaction.Postings.Where(posting => posting.Account == WorldAccount.IdOf(Local.Money)).Select(posting => (Int128)posting.AmountMinor)
                .SequenceEqual(parts.Where(part => part != 0)),
            "a conversion pays out something else");
        Must(Net(transaction, Local.Unit, account => account == Local.Fund) == whole * 3 / 100, "a conversion gives the fund something else");
        Sum(Retired, Local.Unit, parts[0] + parts[1]);
        Sum(Retired, Local.Money, -Net(transaction, Local.Money, account => account == Local.Pool));
    }

    private void Melted(Transaction transaction)
    {
        var account = transaction.Postings[^1].Account;
        var (from, day) = (chargedTo.GetValueOrDefault(account), transaction.DecidedAt / LocalChecks.Day);
        var lost = -Net(transaction, Local.Unit, other => other == account);
        Must(from < day, "an account was charged twice for a day");
        Must(lost == Net(transaction, Local.Unit, other => other == Local.Fund), "what melted did not go to the fund");
        Must(lost == LocalChecks.MeltedOf(LocalChecks.Has(this, account) + lost, from == 0 ? 0 : day - from), "something else melted than the days' factors say");
        chargedTo[account] = day;
    }

    private static Int128 Net(Transaction transaction, string unit, Func<Id, bool> account) =>
        transaction.Postings.Where(posting => posting.Unit == unit && account(posting.Account)).Aggregate((Int128)0, (sum, posting) => sum + posting.AmountMinor);
}

/// <summary>What must hold of a local currency after every step.</summary>
internal static class LocalChecks
{
    /// <summary>Milliseconds of a day.</summary>
    public const long Day = 86_400_000;

    private static readonly ConcurrentDictionary<long, BigInteger> Powers = new();

    /// <summary>What melts of a balance in so many days, whole minor units up, by the exact product of the days' factors.</summary>
    public static Int128 MeltedOf(Int128 balance, long days)
    {
        var scale = BigInteger.Pow(10, 20 * (int)days);
        var power = Powers.GetOrAdd(days, count => BigInteger.Pow(BigInteger.Parse(Local.Daily[2..], System.Globalization.CultureInfo.InvariantCulture), (int)count));
        return balance - (Int128)(balance * power / scale);
    }

    public static bool TakesPart(Model model, Id account) =>
        model.Find<AccountRecord>(RecordKind.Account, account) is { AccountKind: AccountKind.Member or AccountKind.CommonsFund } record && record.Program == Local.Program;

    public static Int128 Has(Model model, Id account) => model.Balances.GetValueOrDefault((account, Local.Unit, Id.None)).Available;

    public static Int128 Reserve(Model model) => model.Balances.GetValueOrDefault((Local.Pool, Local.Money, Id.None)).Available;

    public static void Hold(Model model)
    {
        Int128 circulating = 0;
        foreach (var ((account, _, lot), (available, held)) in model.Balances.Where(entry => entry.Key.Unit == Local.Unit && entry.Key.Account != WorldAccount.IdOf(Local.Unit)))
        {
            Assert.True(TakesPart(model, account) && lot.IsNone && held == 0, "units of the local currency are where they cannot be");
            Assert.True(available >= 0, "a member of the local currency is below zero");
            Assert.True(available <= model.Find<AccountRecord>(RecordKind.Account, account)!.CeilingMinor, "a member holds more than they may");
            Assert.True(available == 0 || model.IsOpen(account, orFrozen: true), "a member left with a balance");
            circulating += available;
        }

        Assert.Equal(model.Issued.GetValueOrDefault(Local.Unit) - model.Retired.GetValueOrDefault(Local.Unit), circulating);
        Assert.True(Reserve(model) == circulating, $"a reserve of {Reserve(model)} does not cover the {circulating} that circulate to the unit");
    }
}
