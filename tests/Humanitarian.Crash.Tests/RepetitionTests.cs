using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Crash.Tests;

/// <summary>Commands that the ledger has no part in keep their first outcome too.</summary>
public sealed class RepetitionTests(PreparedLedger prepared)
{
    [Fact]
    public async Task Validation_asked_again_answers_its_first_outcome_when_the_grants_are_used_up_and_the_server_was_killed()
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var make = new CommandMaker(prepared.World, "repeat");
        var sent = new List<Command>();
        await using (var server = ServerProcess.Serve(folders))
        {
            using var client = new CommandClient([(await server.ReadyAsync()).Url], prepared.World.Domain);
            foreach (var slice in prepared.World.Bulk)
            {
                for (var run = new BulkRun(make, slice); run.Next() is { } command;)
                {
                    command.Known = await client.SendAsync(command);
                    Assert.True(command.Known.Fate == Fate.Done, $"{command}: {command.Known.Code}");
                    sent.Add(command);
                }
            }

            await server.KillAsync();
        }

        await using var again = ServerProcess.Serve(folders);
        await Reconciliation.RunAsync([(await again.ReadyAsync()).Url], prepared.World, sent);
    }
}
