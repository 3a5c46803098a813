using GraphQL;
using GraphQL.Transport;
using Humanitarian.Api.GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Humanitarian.Api.Transport;

/// <summary>
/// Answers one operation as server-sent events, as graphql-sse has it in its mode of distinct connections: <c>next</c> for each result,
/// <c>complete</c> at the end. A stream that ends without <c>complete</c> was cut, and the client may ask again.
/// </summary>
internal sealed class EventStream(HttpResponse response, IGraphQLSerializer serializer)
{
    public const string ContentType = "text/event-stream";

    private readonly SemaphoreSlim writing = new(1, 1);

    public static async Task AnswerAsync(HttpContext http, GraphQLRequest request)
    {
        var services = http.RequestServices;
        var session = services.GetRequiredService<CallerScope>().Session!;
        var connections = services.GetRequiredService<Connections>();
        using var place = connections.TryOpen();
        using var own = place is null ? null : connections.TryOpen(session.Caller.Principal);
        if (own is null)
        {
            http.Response.Headers.RetryAfter = "1";
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status429TooManyRequests, ApiCode.TooManyConnections, "There are too many connections open; close some, or ask again later.");
            return;
        }

        http.Response.ContentType = ContentType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            await new EventStream(http.Response, services.GetRequiredService<IGraphQLSerializer>()).RunAsync(services, session, request, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client is gone, or the server stops.
        }
    }

    private async Task RunAsync(IServiceProvider services, Session session, GraphQLRequest request, CancellationToken stop)
    {
        await WriteAsync(":\n\n"u8.ToArray(), stop);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watch = WatchAsync(services, session, over);
        try
        {
            if (await ErrorsAsync(services, session, request, stop, over.Token) is { } errors)
            {
                var last = new ExecutionResult();
                last.AddErrors([.. errors]);
                await WriteAsync(last, stop);
            }

            await WriteAsync("event: complete\ndata:\n\n"u8.ToArray(), stop);
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task<IReadOnlyList<ExecutionError>?> ErrorsAsync(
        IServiceProvider services, Session session, GraphQLRequest request, CancellationToken stop, CancellationToken over)
    {
        try
        {
            return await services.GetRequiredService<Operations>().RunAsync(session, request, result => WriteAsync(result, over), over);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Operations.SessionEnded();
        }
    }

    /// <summary>Sends signs of life, and ends the operation once its caller may not be here any more.</summary>
    private async Task WatchAsync(IServiceProvider services, Session session, CancellationTokenSource over)
    {
        try
        {
            using var tick = new PeriodicTimer(services.GetRequiredService<HumanitarianApiOptions>().Live.KeepAlive, services.GetRequiredService<TimeProvider>());
            while (await tick.WaitForNextTickAsync(over.Token) && await session.MayStayAsync(over.Token))
            {
                await WriteAsync(":\n\n"u8.ToArray(), over.Token);
            }

        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
        finally
        {
            // Also when it cannot be found out whether its caller may stay.
            await over.CancelAsync();
        }
    }

    private async Task WriteAsync(ExecutionResult result, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        text.Write("event: next\ndata: "u8);
        await serializer.WriteAsync(text, result, cancellationToken);
        text.Write("\n\n"u8);
        await WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellationToken);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await response.Body.WriteAsync(text, cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }
}
