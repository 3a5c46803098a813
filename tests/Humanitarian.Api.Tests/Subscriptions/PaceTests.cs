using System.Threading.Channels;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Subscriptions;

/// <summary>A slow client: nothing is read ahead for it.</summary>
public sealed class PaceTests(ApiServer api)
{
    [Fact]
    public async Task Event_is_read_only_when_the_one_before_was_sent()
    {
        const int Blocks = 4;
        var cast = new Cast(api, "pace");
        for (var block = 0; block < Blocks; block++)
        {
            await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        }

        await using var scope = api.Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<LedgerReader>().FindAsync<MemberRecord>(RecordKind.Member, api.Founding.Administrator);
        scope.ServiceProvider.GetRequiredService<CallerScope>().Caller = new Caller(member.Record!, member.Version, TimeProvider.System);
        var result = await scope.ServiceProvider.GetRequiredService<IDocumentExecuter<ApiSchema>>().ExecuteAsync(
            new ExecutionOptions { Query = "subscription { blocks(after: \"0\") { height } }", RequestServices = scope.ServiceProvider });
        var client = new Client();
        using var subscription = Assert.Single(result.Streams!.Values).Subscribe(client);
        for (var taken = 1; taken < Blocks; taken++)
        {
            await client.Events.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

            // Time enough for a source that does not wait.
            await api.QueryAsync(api.OperatorKey, "{ ledger { height } }");
            Assert.Equal(taken, client.Count);
            scope.ServiceProvider.GetRequiredService<Pace>().Sent();
        }
    }

    private sealed class Client : IObserver<ExecutionResult>
    {
        public Channel<ExecutionResult> Events { get; } = Channel.CreateUnbounded<ExecutionResult>();

        public int Count { get; private set; }

        public void OnNext(ExecutionResult value)
        {
            Count++;
            Events.Writer.TryWrite(value);
        }

        public void OnError(Exception error) => Events.Writer.TryComplete(error);

        public void OnCompleted() => Events.Writer.TryComplete();
    }
}
