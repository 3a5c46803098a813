using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Linearizability;

/// <summary>
/// Concurrent redemptions and reads of few accounts on a real silo. Every redemption of an account has an amount of its own (a power of
/// two), so a balance says exactly which redemptions it reflects, and a history is linearizable if and only if the sets that its reads
/// saw form a chain that agrees with real time.
/// </summary>
public sealed class LinearizabilityTests(ITestOutputHelper output)
{
    private const int Accounts = 3;
    private const int Operations = 11;

    [Fact]
    public async Task Concurrent_redemptions_and_reads_of_few_accounts_have_one_order()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        await story.EnrolAsync(Accounts);
        await story.UntilAsync(await story.ReleaseAsync(0, Accounts, inPerson: false), DisbursementState.Completed);
        var history = new History();
        var random = new Random(20261123);
        await Task.WhenAll(Enumerable.Range(0, Accounts).SelectMany(account => Enumerable.Range(0, Operations).SelectMany(operation => new[]
        {
            PayAsync(account, operation, random.Next(30)),
            ReadAsync(account, random.Next(60)),
            ReadAsync(account, random.Next(60)),
        })));

        foreach (var account in Enumerable.Range(0, Accounts))
        {
            var broken = history.Broken(account);
            output.WriteLine($"{account}: {broken ?? "linearizable"}");
            Assert.Null(broken);
        }

        async Task PayAsync(int account, int operation, int turns)
        {
            await TurnsAsync(turns);
            var began = history.Tick();
            var result = await story.RedeemAsync(account, 1L << operation);
            history.Paid(account, 1L << operation, result.Refusal is null, began);
            Assert.Contains(result.Refusal?.Code, (string?[])[null, RefusalCode.InsufficientFunds]);
        }

        async Task ReadAsync(int account, int turns)
        {
            await TurnsAsync(turns);
            var began = history.Tick();
            var book = await silo.Reader.BookAsync(VoucherStory.Beneficiary(account));
            history.Read(account, VoucherStory.LineMinor - book.Available("KES"), began);
        }
    }

    [Fact]
    public void The_check_finds_a_stale_read_and_a_lost_payment()
    {
        var stale = new History();
        stale.Paid(0, 1, true, stale.Tick());
        stale.Read(0, 0, stale.Tick());
        Assert.NotNull(stale.Broken(0));

        var crossed = new History();
        var (one, two) = (crossed.Tick(), crossed.Tick());
        crossed.Read(0, 1, one);
        crossed.Read(0, 2, two);
        crossed.Paid(0, 1, true, one);
        crossed.Paid(0, 2, true, two);
        Assert.NotNull(crossed.Broken(0));

        var invented = new History();
        invented.Read(0, 4, invented.Tick());
        Assert.NotNull(invented.Broken(0));

        var good = new History();
        var began = good.Tick();
        good.Read(0, 1, began);
        good.Paid(0, 1, true, began);
        good.Read(0, 1, good.Tick());
        Assert.Null(good.Broken(0));
    }

    private static async Task TurnsAsync(int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            await Task.Yield();
        }
    }

    /// <summary>What was asked and answered, in real time.</summary>
    private sealed class History
    {
        private readonly List<(int Account, long Amount, long Began, long Ended)> paid = [];
        private readonly List<(int Account, long Spent, long Began, long Ended)> reads = [];
        private long clock;

        public long Tick() => Interlocked.Increment(ref clock);

        public void Paid(int account, long amount, bool done, long began)
        {
            lock (paid)
            {
                // A refused payment has no effect; its refusal is judged by what was spent in the end.
                paid.AddRange(done ? [(account, amount, began, Tick())] : []);
            }
        }

        public void Read(int account, long spent, long began)
        {
            lock (paid)
            {
                reads.Add((account, spent, began, Tick()));
            }
        }

        /// <summary>Why no single order explains the account's history, or null.</summary>
        public string? Broken(int account)
        {
            var payments = paid.Where(payment => payment.Account == account).ToArray();
            var seen = reads.Where(read => read.Account == account).OrderBy(read => long.PopCount(read.Spent)).ThenBy(read => read.Ended).ToArray();
            var all = payments.Sum(payment => payment.Amount);
            foreach (var read in seen)
            {
                var must = payments.Where(payment => payment.Ended < read.Began).Sum(payment => payment.Amount);
                var may = payments.Where(payment => payment.Began < read.Ended).Sum(payment => payment.Amount);
                if ((read.Spent & ~all) != 0 || (must & ~read.Spent) != 0 || (read.Spent & ~may) != 0)
                {
                    return $"a read saw {read.Spent}, but {must} was done before it began and only {may} had begun when it ended";
                }

                // Whoever pays after another was answered comes after it: a set that holds the later holds the earlier.
                if (payments.Any(later => (read.Spent & later.Amount) != 0 && payments.Any(earlier => earlier.Ended < later.Began && (read.Spent & earlier.Amount) == 0)))
                {
                    return $"a read saw {read.Spent}, a later payment without an earlier one";
                }

                if (seen.FirstOrDefault(other => (other.Spent & ~read.Spent) != 0 && (read.Spent & ~other.Spent) != 0) is { Ended: > 0 } crossed)
                {
                    return $"reads saw {read.Spent} and {crossed.Spent}: neither came first";
                }

                if (seen.FirstOrDefault(other => other.Ended < read.Began && (other.Spent & ~read.Spent) != 0) is { Ended: > 0 } before)
                {
                    return $"a read saw {read.Spent} after another had seen {before.Spent}";
                }
            }

            return null;
        }
    }
}
