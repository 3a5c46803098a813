using System.Collections.Concurrent;
using System.Diagnostics;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>
/// Clients of one ledger across the deaths of its server: tills, field agents, a vendor's office, finance and those who disburse. They
/// remember every command that they sent and what they were answered.
/// </summary>
/// <param name="reserved">So many of the last shoppers buy nothing by themselves.</param>
internal sealed class Load(VoucherWorld world, int seed, string run, int reserved = 0)
{
    private const int Clients = 12;
    private const long RedemptionMax = 500;
    private const long SettlementMax = 50;

    private readonly CommandMaker make = new(world, run);
    private readonly int shopping = world.Shoppers.Count - reserved;
    private readonly ConcurrentQueue<Command> issued = [];
    private readonly ConcurrentQueue<Command> approvable = [];
    private readonly ConcurrentQueue<string> faults = [];
    private readonly long[] received = new long[world.Cast.Vendors.Count];
    private readonly List<BulkRun> bulk = [];
    private readonly ConcurrentQueue<long> doneAt = [];
    private int delivered;
    private int rounds;
    private int answers;
    private long slowest;
    private volatile bool ending;

    /// <summary>Everything that was sent, in the order of its first sending.</summary>
    public IReadOnlyCollection<Command> Issued => issued;

    /// <summary>How many commands have ended, one way or another.</summary>
    public int Answers => Volatile.Read(ref answers);

    /// <summary>Errors that are neither an answer nor the server's death.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>Why commands of this round had to be asked again, and how often.</summary>
    public IReadOnlyDictionary<string, int> AskedAgain { get; private set; } = new Dictionary<string, int>();

    public IReadOnlyList<BulkRun> Bulk => bulk;

    /// <summary>The highest block that an acknowledgement rests on.</summary>
    public ulong AcknowledgedHeight => issued.Max(command => command.Known.Height);

    /// <summary>The longest time in which nothing was acknowledged, since a moment of <see cref="Stopwatch"/>; from that moment on.</summary>
    public TimeSpan LongestGapSince(long began)
    {
        var moments = doneAt.Where(moment => moment > began).Prepend(began).Append(Stopwatch.GetTimestamp()).Order().ToArray();
        return moments.Zip(moments.Skip(1), Stopwatch.GetElapsedTime).Max();
    }

    /// <summary>The longest that a client waited for the end of one command, however often it had to ask.</summary>
    public TimeSpan Slowest => TimeSpan.FromTicks(Volatile.Read(ref slowest));

    /// <summary>When something was acknowledged that was sent after a moment of <see cref="Stopwatch"/>; null when nothing was yet.</summary>
    public long? FirstDoneAfter(long moment) => doneAt.Where(done => done > moment).Select(done => (long?)done).Min();

    /// <summary>Sums of what is done, by kind.</summary>
    public long DoneMinor(TransactionKind kind) => issued.Where(command => command.Kind == kind && command.Known.Fate == Fate.Done).Sum(command => command.AmountMinor);

    /// <summary>Sends commands until it is told that the end is near and the servers are gone.</summary>
    public async Task RunAsync(params IReadOnlyList<Uri> servers)
    {
        ending = false;
        rounds++;
        if (rounds % 2 == 1 && bulk.TrueForAll(run => run.IsReleased) && bulk.Count < world.Bulk.Count)
        {
            bulk.Add(new BulkRun(make, world.Bulk[bulk.Count]));
        }

        using var client = new CommandClient(servers, world.Domain);
        AskedAgain = client.AskedAgain;
        var clients = Enumerable.Range(0, Clients).Select(number => ClientAsync(client, new Random(HashCode(seed, rounds, number))));
        await Task.WhenAll(clients.Append(BulkAsync(client)).Select(GuardAsync));
    }

    /// <summary>Returns once the server has answered so many more commands, or the time is over.</summary>
    public async Task AnsweredAsync(int count, TimeSpan within)
    {
        var until = TimeProvider.System.GetUtcNow() + within;
        for (var target = Volatile.Read(ref answers) + count; Volatile.Read(ref answers) < target && TimeProvider.System.GetUtcNow() < until;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>No new commands: what is under way ends, with the server or before it.</summary>
    public void End() => ending = true;

    /// <summary>Sends one more redemption and expects it to be done.</summary>
    public async Task<Command> RedeemOnceAsync(Uri server, int shopper)
    {
        using var client = new CommandClient([server], world.Domain);
        var command = make.Redeem(shopper, shopper % received.Length, 1);
        Assert.True(await SendAsync(client, command), $"{command}: {command.Known.Code}");
        return command;
    }

    /// <summary>A client that cannot go on is a fault of the load, not silence.</summary>
    private async Task GuardAsync(Task client)
    {
        try
        {
            await client;
        }
        catch (Exception fault)
        {
            faults.Enqueue(fault.ToString());
        }
    }

    private async Task ClientAsync(CommandClient client, Random random)
    {
        while (!ending)
        {
            if (!await SendAsync(client, Next(random)) && ending)
            {
                return;
            }
        }
    }

    private async Task BulkAsync(CommandClient client)
    {
        foreach (var one in bulk)
        {
            while (!ending && one.Next() is { } command)
            {
                await SendAsync(client, command);
            }
        }
    }

    /// <summary>True when it was answered.</summary>
    private async Task<bool> SendAsync(CommandClient client, Command command)
    {
        issued.Enqueue(command);
        var sent = Stopwatch.GetTimestamp();
        command.Known = await client.SendAsync(command);
        Slow(Stopwatch.GetElapsedTime(sent).Ticks);
        Interlocked.Increment(ref answers);
        if (command.Known is { Fate: Fate.Unknown, Code: { } code })
        {
            faults.Enqueue($"{command}: {code}");
        }

        if (command.Known.Fate == Fate.Done)
        {
            doneAt.Enqueue(Stopwatch.GetTimestamp());
            Take(command);
        }
        else if (command.Known.Fate == Fate.Refused && !command.Refusable)
        {
            faults.Enqueue($"{command} was refused: {command.Known.Code}");
        }

        return command.Known.Fate != Fate.Unknown;
    }

    private void Slow(long ticks)
    {
        for (var known = Volatile.Read(ref slowest); ticks > known;)
        {
            known = Interlocked.CompareExchange(ref slowest, ticks, known);
        }
    }

    /// <summary>What a command that is done makes possible.</summary>
    private void Take(Command command)
    {
        if (command.Kind == TransactionKind.Redemption)
        {
            var vendor = world.Cast.Vendors.ToList().FindIndex(one => one.AccountId == (string)command.Input["vendorAccountId"]!);
            Interlocked.Add(ref received[vendor], command.AmountMinor);
        }
        else if (command.Kind == TransactionKind.SettlementRequest)
        {
            approvable.Enqueue(command);
        }
    }

    private Command Next(Random random)
    {
        var vendor = random.Next(received.Length);
        switch (random.Next(20))
        {
            case < 3 when Interlocked.Increment(ref delivered) is var line && line <= world.Awaiting.Count:
                return make.Deliver(line - 1);
            case < 6 when Interlocked.Read(ref received[vendor]) > 10 * Clients * SettlementMax:
                var amount = random.NextInt64(1, SettlementMax);
                Interlocked.Add(ref received[vendor], -amount);
                return make.Settle(vendor, amount);
            case < 8 when approvable.TryDequeue(out var settle):
                return make.Approve(settle);
            case 8:
                return make.Redeem(random.Next(shopping), vendor, 1, wrongGoods: true);
            case 9:
                return make.Redeem(random.Next(shopping), vendor, 1_000_000_000_000);
            default:
                return make.Redeem(random.Next(shopping), vendor, random.NextInt64(1, RedemptionMax));
        }
    }

    private static int HashCode(int seed, int round, int client) => unchecked((((seed * 31) + round) * 31) + client);
}

/// <summary>One bulk disbursement on its way; a step is taken when the one before is done.</summary>
internal sealed class BulkRun(CommandMaker make, BulkSlice slice)
{
    private readonly List<Command> steps = [];

    public BulkSlice Slice => slice;

    public bool IsReleased => steps is [_, _, _, { Known.Fate: Fate.Done }];

    public string Id => (string)steps[0].Known.Payload!["disbursement"]!["id"]!;

    /// <summary>The next step; null when there is none, or the last one's outcome is not known yet.</summary>
    public Command? Next()
    {
        if (steps.Count == 4 || (steps.Count > 0 && steps[^1].Known.Fate != Fate.Done))
        {
            return null;
        }

        steps.Add(steps.Count switch
        {
            0 => make.Draft(slice),
            1 => make.Validate(Id),
            2 => make.Approve(Id, slice),
            _ => make.Release(Id, slice),
        });
        return steps[^1];
    }
}
