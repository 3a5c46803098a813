using System.Collections.Frozen;
using GraphQL;
using GraphQL.DI;
using GraphQLParser.AST;
using Humanitarian.Domain;

namespace Humanitarian.Api.GraphQL;

/// <summary>How many mutations run at once on this server.</summary>
/// <param name="Alone">Of an organisation while no other asks for anything.</param>
/// <param name="Beside">Of an organisation while others ask too.</param>
/// <param name="Waiting">Of an organisation that wait for their turn; more are BUSY.</param>
internal sealed record TurnLimits(int Alone, int Beside, int Waiting)
{
    /// <summary>Enough to keep the processors busy, and few enough that whoever comes next hardly waits for them.</summary>
    public static TurnLimits Default { get; } = new(1_024, Math.Max(8, 4 * Environment.ProcessorCount), 5_000);
}

/// <summary>
/// Whose mutation runs next. An organisation that sends more than it may run at once waits by itself; the others are served at once, one organisation after
/// the other, so that a flood is felt where it comes from.
/// </summary>
internal sealed class Turns(TimeProvider time, TurnLimits limits)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Id, Share> shares = [];
    private readonly Queue<Id> round = [];
    private (Id Organisation, long At) newest;
    private (Id Organisation, long At) second;
    private int running;

    /// <summary>Waits for a turn, which lasts until it is disposed of; null when too many wait already.</summary>
    public async ValueTask<IDisposable?> EnterAsync(Id organisation, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (gate)
        {
            Note(organisation);
            if (!shares.TryGetValue(organisation, out var share))
            {
                shares[organisation] = share = new Share();
            }

            if (share.Waiting.Count > 0 && MayRun(organisation, share))
            {
                // It may run more than when these began to wait.
                ServeRounds();
            }

            if (share.Waiting.Count == 0 && MayRun(organisation, share))
            {
                share.Running++;
                running++;
                return new Turn(this, organisation);
            }

            if (share.Waiting.Count >= limits.Waiting)
            {
                return null;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            share.Waiting.Enqueue(turn);
            if (share.Waiting.Count == 1)
            {
                round.Enqueue(organisation);
            }
        }

        await using (cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken)))
        {
            await turn.Task;
        }

        return new Turn(this, organisation);
    }

    private bool MayRun(Id organisation, Share share) => running < limits.Alone && share.Running < (IsAlone(organisation) ? limits.Alone : limits.Beside);

    private bool IsAlone(Id organisation)
    {
        var other = newest.Organisation == organisation ? second : newest;
        return other.Organisation.IsNone || time.GetElapsedTime(other.At) > Fresh;
    }

    private void Note(Id organisation)
    {
        if (newest.Organisation != organisation)
        {
            second = newest;
        }

        newest = (organisation, time.GetTimestamp());
    }

    private void Leave(Id organisation)
    {
        lock (gate)
        {
            running--;
            var share = shares[organisation];
            share.Running--;
            ServeRounds();
            if (share is { Running: 0, Waiting.Count: 0 })
            {
                shares.Remove(organisation);
            }
        }
    }

    /// <summary>Lets those that wait run, one organisation after the other, until none of them may.</summary>
    private void ServeRounds()
    {
        for (var served = true; served;)
        {
            served = false;
            for (var left = round.Count; left > 0 && running < limits.Alone; left--)
            {
                served |= Serve(round.Dequeue());
            }
        }
    }

    /// <summary>Lets one of an organisation run, if it may; what waits still is served in the next round.</summary>
    private bool Serve(Id organisation)
    {
        var served = false;
        var share = shares[organisation];
        while (!served && share.Waiting.Count > 0 && MayRun(organisation, share))
        {
            // One that was cancelled has gone.
            if (share.Waiting.Dequeue().TrySetResult())
            {
                share.Running++;
                running++;
                served = true;
            }
        }

        if (share.Waiting.Count > 0)
        {
            round.Enqueue(organisation);
        }

        return served;
    }

    private sealed class Share
    {
        public int Running { get; set; }

        public Queue<TaskCompletionSource> Waiting { get; } = [];
    }

    private sealed class Turn(Turns turns, Id organisation) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                turns.Leave(organisation);
            }
        }
    }
}

/// <summary>What stops something: it does not wait behind what it is to stop, but in a queue of its organisation's for such alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StopsAttribute : Attribute;

/// <summary>The turns of all mutations but those that stop something, and the turns of these.</summary>
internal sealed record TurnQueues(Turns Usual, Turns Stops)
{
    public static TurnQueues Of(TimeProvider time, TurnLimits limits) =>
        new(new Turns(time, limits), new Turns(time, limits with { Alone = limits.Beside, Waiting = limits.Beside }));
}

/// <summary>Lets every mutation wait for its organisation's turn, whatever way it came. Queries do not: a slow one would keep its own organisation's tills waiting.</summary>
internal sealed class TurnExecution(TurnQueues turns) : IConfigureExecution
{
    private static readonly FrozenSet<string> Stops = ApiSchema.RootClasses(typeof(IMutations))
        .SelectMany(feature => feature.GetMethods()).Where(method => method.IsDefined(typeof(StopsAttribute), false))
        .Select(method => char.ToLowerInvariant(method.Name[0]) + method.Name[1..]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Within the guard of documents, which knows what is asked for.</summary>
    public float SortOrder => 250;

    public async Task<ExecutionResult> ExecuteAsync(ExecutionOptions options, ExecutionDelegate next)
    {
        // Those of a unit wait for one another, so that none may keep another from its turn.
        if (MutationOf(options) is not { } mutation || options.RequestServices?.GetService(typeof(CallerScope)) is not CallerScope { Caller: { } caller, Unit: null })
        {
            return await next(options);
        }

        var queue = mutation.SelectionSet.Selections.TrueForAll(field => field is GraphQLField { Name.StringValue: var name } && Stops.Contains(name)) ? turns.Stops : turns.Usual;
        using var turn = await queue.EnterAsync(caller.Organisation, options.CancellationToken);
        return turn is null
            ? new ExecutionResult(new ExecutionError("Too many mutations of your organisation wait already; ask again in a second.") { Code = RefusalCode.Busy })
            : await next(options);
    }

    /// <summary>The mutation of a document, where it is not said which the first one; null for a document that changes nothing.</summary>
    private static GraphQLOperationDefinition? MutationOf(ExecutionOptions options) => options.Document?.Definitions.OfType<GraphQLOperationDefinition>()
        .Where(operation => operation.Operation == OperationType.Mutation)
        .OrderByDescending(operation => operation.Name is { } name && name.StringValue == options.OperationName).FirstOrDefault();
}
