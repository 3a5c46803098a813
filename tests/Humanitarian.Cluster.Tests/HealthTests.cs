using System.Net;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Npgsql;

namespace Humanitarian.Cluster.Tests;

/// <summary>A silo is ready only while it can decide and commit.</summary>
public sealed class HealthTests(PreparedCluster prepared)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Silo_whose_commits_hang_is_not_ready_though_the_database_answers_until_they_go_through()
    {
        await using var rig = await prepared.CopyAsync(1);
        await rig.StartAsync(Seed.Choose());
        await using (var connection = new NpgsqlConnection(prepared.Server.Connection(rig.Database) + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("LOCK TABLE blocks IN SHARE MODE", connection, transaction))
            {
                await hold.ExecuteNonQueryAsync();
            }

            await rig.UntilAsync(() => IsAsync(rig.Silos[0], HttpStatusCode.ServiceUnavailable), "a silo that says it is not ready", Within);
            await transaction.RollbackAsync();
        }

        await rig.UntilAsync(() => IsAsync(rig.Silos[0], HttpStatusCode.OK), "a silo that is ready again", Within);
        await rig.AnsweredAsync();
        await rig.EndAsync();
    }

    [Fact]
    public async Task Silo_cut_off_from_the_database_is_not_ready_while_the_one_that_orders_is()
    {
        await using var rig = await prepared.CopyAsync();
        foreach (var silo in rig.Silos)
        {
            silo.Start();
            await silo.ReadyAsync();
        }

        var (other, sequencing) = (rig.Other, rig.Sequencing);
        other.Database.Cut();
        await rig.UntilAsync(() => IsAsync(other, HttpStatusCode.ServiceUnavailable), "a silo that says it is not ready", Within);
        Assert.True(await IsAsync(sequencing, HttpStatusCode.OK));
        other.Database.Heal();
        await rig.UntilAsync(() => IsAsync(other, HttpStatusCode.OK), "a silo that is ready again", Within);
    }

    private static async Task<bool> IsAsync(SiloProcess silo, HttpStatusCode status)
    {
        using var http = new HttpClient { BaseAddress = silo.Url };
        using var answer = await http.GetAsync("health/ready");
        return answer.StatusCode == status;
    }
}
