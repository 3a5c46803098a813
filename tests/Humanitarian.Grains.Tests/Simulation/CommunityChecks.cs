using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>What holds after every transaction of a history: mutual credit sums to zero, the reserve covers what circulates.</summary>
internal static class CommunityChecks
{
    public static void Hold(IEnumerable<FollowedBlock> chain)
    {
        var books = new Dictionary<Id, AccountBook>();
        foreach (var transaction in chain.SelectMany(block => block.Transactions))
        {
            foreach (var change in Effects.Balances(transaction).Where(change => !WorldAccount.IsReserved(change.Account)))
            {
                (books.TryGetValue(change.Account, out var known) ? known : books[change.Account] = new AccountBook()).Apply(change);
            }

            Assert.Equal(0, Total(SimStory.Grains));
            var reserve = books.TryGetValue(SimStory.PoolOf(SimStory.Community), out var pool) ? pool.Available(SimStory.Euros) : 0;
            Assert.True(reserve >= Total(SimStory.Chirps), $"{transaction.Kind} leaves {reserve} of money for {Total(SimStory.Chirps)} units");
            Assert.All(
                Enumerable.Range(0, SimStory.Locals).Where(number => books.ContainsKey(SimStory.Local(number))),
                number => Assert.InRange(books[SimStory.Local(number)].Available(SimStory.Chirps), 0, SimStory.HoldingMinor));
        }

        long Total(string unit) => books.Values.Sum(book => book.Available(unit) + book.Held(unit));
    }
}
