using GraphQL.Types;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Host.Serving;

/// <summary>Whether the process lives, and whether the ledger can decide and commit here.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Longer than the commit of a large block takes on a busy disk.
    private static readonly TimeSpan StallsAfter = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        routes.MapGet("/health/ready", ReadyAsync);
        routes.MapGet("/health", ReadyAsync);
    }

    /// <summary>
    /// 200 once the sequencer has committed a block of its own and the API's schema is built, as long as this process reaches the sequencer and the database, reads
    /// the durable head and nothing has waited for its commit too long; 503 otherwise.
    /// </summary>
    private static async Task<IResult> ReadyAsync(
        LedgerLifetime lifetime, ISchema schema, LedgerReader reader, IBlockStore blocks, IGrainFactory grains, LedgerIdentity identity, ILogger<LedgerServer> logger, CancellationToken cancellationToken)
    {
        if (!lifetime.IsReady || !schema.Initialized)
        {
            return NotReady();
        }

        try
        {
            var (head, stalled, stored) = (
                reader.HeadAsync(cancellationToken), grains.GetGrain<ISequencerGrain>(identity.Ledger.ToString()).StalledForAsync(), blocks.HeadAsync(cancellationToken));
            await Task.WhenAll(head, stalled, stored).WaitAsync(Patience, cancellationToken);
            if (await stalled > StallsAfter)
            {
                logger.LogWarning("Not ready: what was taken in has waited {Seconds} s for its commit", (int)(await stalled).TotalSeconds);
                return NotReady();
            }

            return Results.Json(new { status = "ready", height = (await head)?.Height });
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(fault, "Not ready");
            return NotReady();
        }
    }

    private static IResult NotReady() => Results.Json(new { status = "not ready" }, statusCode: StatusCodes.Status503ServiceUnavailable);
}
