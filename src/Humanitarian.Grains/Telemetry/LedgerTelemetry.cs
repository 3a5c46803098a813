using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Humanitarian.Grains.Telemetry;

/// <summary>
/// What a ledger tells of itself to whoever measures: <c>docs/running.md</c> lists every instrument. Tags are kinds and codes only,
/// never an account, a person or an amount.
/// </summary>
public sealed class LedgerTelemetry : IDisposable
{
    /// <summary>Name of the meter and of the source of activities.</summary>
    public const string Name = "Humanitarian.Ledger";

    private readonly Meter meter;
    private readonly ActivitySource activities = new(Name);
    private readonly Histogram<int> blockTransactions;
    private readonly Histogram<int> blockBytes;
    private readonly Histogram<double> blockCommit;
    private readonly Counter<long> repeatedInserts;
    private readonly Counter<long> leases;
    private readonly Counter<long> orderRefusals;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> commands;

    /// <param name="meters">Makes the meter; without it a meter of its own is made.</param>
    public LedgerTelemetry(IMeterFactory? meters = null)
    {
        meter = meters?.Create(Name) ?? new Meter(Name);
        blockTransactions = meter.CreateHistogram<int>("humanitarian.block.transactions", "{transaction}", "Transactions of a block that became durable.");
        blockBytes = meter.CreateHistogram<int>("humanitarian.block.size", "By", "Encoded size of a block that became durable.");
        blockCommit = meter.CreateHistogram<double>("humanitarian.block.commit.duration", "s", "From a sealed block to its durable insert.");
        repeatedInserts = meter.CreateCounter<long>("humanitarian.block.repeats", "{insert}", "Inserts of a block repeated because their outcome was unknown.");
        leases = meter.CreateCounter<long>("humanitarian.leases.granted", "{lease}", "Leases handed out; each voids the account's older one.");
        orderRefusals = meter.CreateCounter<long>("humanitarian.order.refusals", "{transaction}", "Transactions the sequencer did not order, by code; most are decided again.");
        refusals = meter.CreateCounter<long>("humanitarian.refusals", "{command}", "Commands refused to a caller, by code.");
        commands = meter.CreateHistogram<double>("humanitarian.command.duration", "s", "From a command's admission to its durable answer or its refusal.");
    }

    /// <summary>A block became durable.</summary>
    public void Committed(int transactions, int bytes, TimeSpan took)
    {
        blockTransactions.Record(transactions);
        blockBytes.Record(bytes);
        blockCommit.Record(took.TotalSeconds);
    }

    /// <summary>The outcome of a block's insert is unknown.</summary>
    public void InsertRepeated() => repeatedInserts.Add(1);

    public void LeasesGranted(int count) => leases.Add(count);

    /// <summary>The sequencer refused to order a transaction.</summary>
    public void NotOrdered(string code) => orderRefusals.Add(1, Tag("code", code));

    /// <summary>A caller's command ended.</summary>
    /// <param name="operation">The mutation's name.</param>
    /// <param name="refusal">The refusal's code, or null when it was done.</param>
    public void Answered(string operation, string? refusal, TimeSpan took)
    {
        commands.Record(took.TotalSeconds, Tag("operation", operation), Tag("outcome", refusal is null ? "done" : "refused"));
        if (refusal is not null)
        {
            refusals.Add(1, Tag("operation", operation), Tag("code", refusal));
        }
    }

    /// <summary>Begins an activity if anybody listens.</summary>
    public Activity? Begin(string operation) => activities.StartActivity(operation);

    /// <summary>Observes a level, such as the depth of a queue, whenever metrics are read.</summary>
    public void Observe(string name, string unit, string description, Func<long> level) => meter.CreateObservableGauge(name, level, unit, description);

    public void Dispose()
    {
        meter.Dispose();
        activities.Dispose();
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
