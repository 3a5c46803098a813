using System.Threading.Channels;
using GraphQL;
using GraphQL.Transport;
using Humanitarian.Api.GraphQL;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Transport;

/// <summary>Runs the operations of connections that stay open, each in a scope of its own.</summary>
internal sealed class Operations(IServiceScopeFactory scopes, IDocumentExecuter<ApiSchema> executer)
{
    private const int ParallelResolversMax = 8;

    /// <summary>What an operation ends with once its caller's key has ended, or their record has changed.</summary>
    public static IReadOnlyList<ExecutionError> SessionEnded() =>
        [new ExecutionError("The key is expired or revoked, or its member has changed.") { Code = ApiCode.Unauthenticated }];

    /// <summary>
    /// Runs one to its end and hands its results over in order, the next when the one before is taken; those of a subscription only as
    /// long as its caller may be here.
    /// </summary>
    /// <returns>Why it did not start, or ended early; null when it ran to its end.</returns>
    public async Task<IReadOnlyList<ExecutionError>?> RunAsync(
        Session session, GraphQLRequest request, Func<ExecutionResult, Task> next, CancellationToken cancellationToken) =>
        await session.EnterAsync(cancellationToken)
            ? await RunAsync(session.Caller, session.IsAliveAsync, request, next, cancellationToken)
            : SessionEnded();

    /// <summary>The same for a member who is here without a key.</summary>
    /// <param name="isAlive">False once they may not be here any more.</param>
    public async Task<IReadOnlyList<ExecutionError>?> RunAsync(
        Caller caller, Func<CancellationToken, Task<bool>> isAlive, GraphQLRequest request, Func<ExecutionResult, Task> next, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerScope>().Caller = caller;
        var result = await executer.ExecuteAsync(Options(request, scope.ServiceProvider, cancellationToken));
        if (result.Streams?.Values.SingleOrDefault() is { } stream)
        {
            return await FollowAsync(isAlive, stream, scope.ServiceProvider.GetRequiredService<Pace>(), next, cancellationToken);
        }

        if (!result.Executed || result.Data is null)
        {
            return [.. result.Errors ?? []];
        }

        await next(result);
        return null;
    }

    public static ExecutionOptions Options(GraphQLRequest request, IServiceProvider services, CancellationToken cancellationToken) => new()
    {
        Query = request.Query,
        OperationName = request.OperationName,
        Variables = request.Variables,
        RequestServices = services,
        CancellationToken = cancellationToken,
        MaxParallelExecutionCount = ParallelResolversMax,
    };

    private static async Task<IReadOnlyList<ExecutionError>?> FollowAsync(
        Func<CancellationToken, Task<bool>> isAlive, IObservable<ExecutionResult> stream, Pace pace, Func<ExecutionResult, Task> next, CancellationToken cancellationToken)
    {
        var observer = new Observer();
        using var subscription = stream.Subscribe(observer);
        try
        {
            await foreach (var result in observer.Results.ReadAllAsync(cancellationToken))
            {
                if (!await isAlive(cancellationToken))
                {
                    return SessionEnded();
                }

                await next(result);
                pace.Sent();
            }
        }
        catch (ExecutionError error)
        {
            return [error];
        }

        return null;
    }

    /// <summary>Takes what a source of events pushes. The source waits for each to be sent, so there is never a second one.</summary>
    private sealed class Observer : IObserver<ExecutionResult>
    {
        private readonly Channel<ExecutionResult> results = Channel.CreateBounded<ExecutionResult>(1);

        public ChannelReader<ExecutionResult> Results => results.Reader;

        public void OnNext(ExecutionResult value)
        {
            if (!results.Writer.TryWrite(value))
            {
                results.Writer.TryComplete(new InvalidOperationException("A source of events does not keep pace."));
            }
        }

        public void OnError(Exception error) => results.Writer.TryComplete(error);

        public void OnCompleted() => results.Writer.TryComplete();
    }
}
