using System.Collections.Concurrent;
using System.Reflection;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Api.Tests.Reading;

/// <summary>What a list's entries name is read for all of them at once: counted at the store.</summary>
public sealed class BatchTests(BatchTests.CountedServer counted) : IClassFixture<BatchTests.CountedServer>
{
    private const int Rows = 60;

    [Fact]
    public async Task Entries_of_a_list_cost_no_reads_of_their_own()
    {
        var api = counted.Api;
        var aid = await new Aid(api, "batches").SetUpAsync();
        var list = await aid.ListAsync(Rows);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, Rows, inPerson: false), "COMPLETED");
        counted.Store!.Reads.Clear();
        var enrolments = (await api.QueryAsync(
            aid.Finance.Key,
            "query($id: Id!) { enrolments(programId: $id, first: 100) { nodes { household { size } account { id balances { available { amountMinor } } lots { lotId } } } } }",
            new { id = Aid.Text(aid.Program) })).GetProperty("enrolments").GetProperty("nodes").EnumerateArray().ToArray();
        Assert.Equal(Rows, enrolments.Length);
        Assert.All(enrolments, one => Assert.Equal("2500", one.GetProperty("account").GetProperty("balances")[0].GetProperty("available").GetProperty("amountMinor").GetString()));
        Assert.All(enrolments, one => Assert.Equal(4, one.GetProperty("household").GetProperty("size").GetInt32()));

        // One by one they would be sixty of each; some come from what the ledger does by itself.
        var reads = counted.Store.Reads;
        Assert.True(reads.Values.Sum() is > 0 and < Rows / 2, string.Join(", ", reads));
    }

    /// <summary>A ledger of its own whose store counts what is read from it.</summary>
    public sealed class CountedServer : IAsyncLifetime
    {
        public CountedServer() => Api = new ApiServer { Projections = inner => (IProjectionStore)(object)(Store = CountingStore.Of(inner)) };

        public ApiServer Api { get; }

        public CountingStore? Store { get; private set; }

        public ValueTask InitializeAsync() => Api.InitializeAsync();

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }

    /// <summary>Passes everything on and counts reads of accounts and records.</summary>
    public class CountingStore : DispatchProxy
    {
        private IProjectionStore? inner;

        public ConcurrentDictionary<string, int> Reads { get; } = new();

        public static CountingStore Of(IProjectionStore inner)
        {
            var store = (CountingStore)(object)Create<IProjectionStore, CountingStore>();
            store.inner = inner;
            return store;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name is nameof(IProjectionStore.AccountsAsync) or nameof(IProjectionStore.RecordsAsync) or nameof(IProjectionStore.RecordsOfAsync))
            {
                Reads.AddOrUpdate(targetMethod.Name, 1, (_, count) => count + 1);
            }

            return targetMethod.Invoke(inner, args);
        }
    }
}
