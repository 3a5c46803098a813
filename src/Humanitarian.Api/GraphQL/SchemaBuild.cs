using GraphQL.Types;
using Microsoft.Extensions.Hosting;

namespace Humanitarian.Api.GraphQL;

/// <summary>Builds the schema while the ledger starts, so that the first caller does not wait for it. A schema with a fault ends the process.</summary>
/// <param name="schema">Ready when it is <see cref="ISchema.Initialized"/>.</param>
internal sealed class SchemaBuild(ISchema schema) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(schema.Initialize, stoppingToken);
}
