using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Host.Serving;

/// <summary>Whether the process lives, and whether the ledger can decide and commit.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        routes.MapGet("/health/ready", ReadyAsync);
        routes.MapGet("/health", ReadyAsync);
    }

    /// <summary>200 once the sequencer has committed a block of its own and answers with the durable head; 503 otherwise.</summary>
    private static async Task<IResult> ReadyAsync(LedgerLifetime lifetime, LedgerReader reader, ILogger<LedgerServer> logger, CancellationToken cancellationToken)
    {
        if (!lifetime.IsReady)
        {
            return NotReady();
        }

        try
        {
            var head = await reader.HeadAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            return Results.Json(new { status = "ready", height = head?.Height });
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            logger.LogWarning(fault, "Not ready");
            return NotReady();
        }
    }

    private static IResult NotReady() => Results.Json(new { status = "not ready" }, statusCode: StatusCodes.Status503ServiceUnavailable);
}
