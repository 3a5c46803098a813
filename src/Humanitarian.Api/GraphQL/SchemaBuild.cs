using GraphQL.Types;
using Microsoft.Extensions.Hosting;

namespace Humanitarian.Api.GraphQL;

/// <summary>Builds the schema while the ledger starts, so that the first caller does not wait for it. A schema with a fault ends the process.</summary>
/// <param name="schema">Ready when it is <see cref="ISchema.Initialized"/>.</param>
internal sealed class SchemaBuild(ISchema schema) : BackgroundService
{
    // On a thread of its own: it takes a second or two, which the ledger's own start needs the pool's few threads for.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(schema.Initialize, stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
