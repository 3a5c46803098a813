using System.Diagnostics;
using System.Globalization;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;
using Humanitarian.LoadTests.Scenarios;
using Npgsql;
using NpgsqlTypes;

namespace Humanitarian.LoadTests.Baselines;

/// <summary>
/// Double entry in plain PostgreSQL with one stored function: a commit for each transfer on the best number of connections, found by a
/// short sweep, and batches in one commit on the best number again.
/// </summary>
internal static class SqlBaseline
{
    /// <summary>Transfers of one batch.</summary>
    private const int Batch = 1_000;

    private const int LongestSweepSeconds = 3;
    private static readonly int[] Unbatched = [4, 8, 16, 32, 64];
    private static readonly int[] Batched = [1, 2, 4];

    public static Scenario Scenario { get; } = new(
        "baseline-sql",
        "Double entry in plain PostgreSQL by one stored function with row locks: a commit each on the best number of connections, and in batches of 1,000.",
        "What an engineer would write by hand instead of a ledger (compare pgledger).",
        InitAsync) { Always = [("store", "postgres"), ("target", "inproc")] };

    private static async Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var (server, connection) = await StoreUnderTest.ServerAsync(settings.Connection);
        var database = string.Create(CultureInfo.InvariantCulture, $"baseline_{Environment.ProcessId}_{Environment.TickCount64}");
        async ValueTask CleanAsync()
        {
            if (server is not null)
            {
                await server.DisposeAsync();
                return;
            }

            await ExecuteAsync(connection, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)", CancellationToken.None);
        }

        try
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {database}", cancellationToken);
            return await PrepareAsync(connection, database, settings, CleanAsync, cancellationToken);
        }
        catch
        {
            await CleanAsync();
            throw;
        }
    }

    private static async Task<Prepared> PrepareAsync(string connection, string database, RunSettings settings, Func<ValueTask> cleanAsync, CancellationToken cancellationToken)
    {
        var own = new NpgsqlConnectionStringBuilder(connection) { Database = database, MaxPoolSize = 200, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 }.ConnectionString;
        await ExecuteAsync(own, await ScriptAsync(), cancellationToken);
        await ExecuteAsync(own, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO account (id) SELECT generate_series(0, {settings.Accounts - 1})"), cancellationToken);
        await ExecuteAsync(own, "VACUUM ANALYZE account", cancellationToken);
        var data = NpgsqlDataSource.Create(own);
        var run = new Run(data, settings);
        return new Prepared
        {
            Stages =
            [
                new Stage("sweep", "", run.SweepAsync),
                new Stage("unbatched", "transfers", stopping => run.UnbatchedAsync(settings.Duration, run.BestUnbatched, stopping)),
                new Stage("batched", "transfers", stopping => run.BatchedAsync(settings.Duration, run.BestBatched, stopping)),
            ],
            VerifyAsync = _ => run.VerifyAsync(),
            CleanAsync = async () =>
            {
                await data.DisposeAsync();
                await cleanAsync();
            },
        };
    }

    private static async Task<string> ScriptAsync()
    {
        using var reader = new StreamReader(typeof(SqlBaseline).Assembly.GetManifestResourceStream("double-entry.sql")!);
        return await reader.ReadToEndAsync();
    }

    private static async Task ExecuteAsync(string connection, string sql, CancellationToken cancellationToken)
    {
        await using var open = new NpgsqlConnection(connection + ";Pooling=false");
        await open.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // The text is this file's own.
        await using var command = new NpgsqlCommand(sql, open) { CommandTimeout = 600 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed class Run(NpgsqlDataSource data, RunSettings settings)
    {
        private readonly Func<long, (int Payer, int Payee)> pairs = Transfers.PairsOf(settings);
        private long next;
        private long paid;

        public int BestUnbatched { get; private set; }

        public int BestBatched { get; private set; }

        /// <summary>Finds the best number of connections for each form; it is not part of their figures.</summary>
        public async Task<long> SweepAsync(CancellationToken cancellationToken)
        {
            var before = paid;
            var each = TimeSpan.FromSeconds(Math.Min(LongestSweepSeconds, settings.Duration.TotalSeconds / 4));
            BestUnbatched = await BestAsync(Unbatched, connections => UnbatchedAsync(each, connections, cancellationToken));
            BestBatched = await BestAsync(Batched, connections => BatchedAsync(each, connections, cancellationToken));
            return paid - before;
        }

        public Task<long> UnbatchedAsync(TimeSpan during, int connections, CancellationToken cancellationToken) => OnAllAsync(during, connections, async open =>
        {
            await using var command = new NpgsqlCommand("SELECT pay($1, $2, $3, $4)", open);
            var request = Interlocked.Increment(ref next) - 1;
            var (payer, payee) = pairs(request);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Key(request) });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = payer });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = payee });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = 1 });
            await command.ExecuteScalarAsync(cancellationToken);
            return 1;
        });

        public Task<long> BatchedAsync(TimeSpan during, int connections, CancellationToken cancellationToken) => OnAllAsync(during, connections, async open =>
        {
            var first = Interlocked.Add(ref next, Batch) - Batch;
            var batch = Enumerable.Range(0, Batch).Select(index => pairs(first + index)).ToArray();
            await using var command = new NpgsqlCommand("SELECT pay_many($1, $2, $3, $4)", open);
            command.Parameters.Add(new NpgsqlParameter { Value = Enumerable.Range(0, Batch).Select(index => Key(first + index)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            command.Parameters.Add(new NpgsqlParameter { Value = batch.Select(pair => (long)pair.Payer).ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = batch.Select(pair => (long)pair.Payee).ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = Enumerable.Repeat(1L, Batch).ToArray() });
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        });

        /// <summary>The baseline must count its money too, or it would be no measure.</summary>
        public async Task<Aftermath> VerifyAsync()
        {
            var sum = await CountAsync("SELECT coalesce(sum(balance), 0)::bigint FROM account");
            var wrong = await CountAsync(
                "SELECT count(*) FROM account LEFT JOIN (SELECT account, sum(amount) AS amount, count(*) AS entries FROM entry GROUP BY account) AS total ON total.account = id "
                + "WHERE balance <> coalesce(total.amount, 0) OR account.entries <> coalesce(total.entries, 0)");
            var transfers = await CountAsync("SELECT count(*) FROM transfer");
            var bytes = await CountAsync("SELECT pg_database_size(current_database())");
            return new Aftermath(
                [
                    new Check("balances sum to zero", sum == 0, Names.Text(sum)),
                    new Check("every balance is the sum of its entries", wrong == 0, $"{wrong:N0} accounts differ"),
                    new Check("every transfer that committed is there, once", transfers == paid, $"{transfers:N0} of {paid:N0}"),
                ],
                new Dictionary<string, double>
                {
                    ["unbatched.connections"] = BestUnbatched, ["batched.connections"] = BestBatched, ["bytes_per_transfer"] = bytes / Math.Max(1d, transfers),
                });
        }

        private static Guid Key(long request) => new(Names.Account(unchecked((int)request)).ToBytes());

        private static async Task<int> BestAsync(int[] candidates, Func<int, Task<long>> run)
        {
            var (best, most) = (candidates[0], -1d);
            foreach (var connections in candidates)
            {
                var watch = Stopwatch.StartNew();
                var rate = await run(connections) / watch.Elapsed.TotalSeconds;
                (best, most) = rate > most ? (connections, rate) : (best, most);
            }

            return best;
        }

        private async Task<long> OnAllAsync(TimeSpan during, int connections, Func<NpgsqlConnection, Task<long>> once)
        {
            var watch = Stopwatch.StartNew();
            var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
            {
                await using var open = await data.OpenConnectionAsync();
                long count = 0;
                while (watch.Elapsed < during)
                {
                    count += await once(open);
                }

                return count;
            })));
            var total = counts.Sum();
            Interlocked.Add(ref paid, total);
            return total;
        }

        private async Task<long> CountAsync(string sql)
        {
#pragma warning disable CA2100 // The text is this file's own.
            await using var command = data.CreateCommand(sql);
#pragma warning restore CA2100
            command.CommandTimeout = 600;
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }
}
