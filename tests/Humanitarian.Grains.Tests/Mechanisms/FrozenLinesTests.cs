using System.Reflection;
using Humanitarian.Domain;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>A frozen list is read once, however many deliveries look into it at the same time.</summary>
public sealed class FrozenLinesTests
{
    private const int Rows = FrozenList.ChunkLines * 2 + 1;
    private static readonly Id List = new(1, 1);
    private readonly SlowSide side = SlowSide.Of();

    [Fact]
    public async Task Deliveries_that_come_together_read_every_chunk_once()
    {
        var lines = Lines();
        var asked = Enumerable.Range(0, 200).Select(number => lines.PlaceOfAsync(Account(number * 5))).ToArray();
        side.Open.SetResult();
        var places = await Task.WhenAll(asked);

        Assert.Equal(3, side.Reads);
        Assert.Equal((1, 45), places[109]);
        Assert.Null(await lines.PlaceOfAsync(Account(Rows)));
    }

    [Fact]
    public async Task After_a_failed_read_the_list_is_read_again()
    {
        var lines = Lines();
        var asked = lines.PlaceOfAsync(Account(1));
        side.Open.SetException(new IOException("The disk is away."));
        await Assert.ThrowsAsync<IOException>(() => asked);

        side.Open = new TaskCompletionSource();
        side.Open.SetResult();
        Assert.Equal((0, 1), await lines.PlaceOfAsync(Account(1)));
    }

    private static Id Account(long number) => new(7, (ulong)number);

    private FrozenLines Lines() => new(new FrozenList((ISideStore)(object)side, new ClaimKey(new byte[32]), new Id(2, 2), List, 0, Rows));

    /// <summary>A store whose rows come when it is opened, and that counts how often it is asked.</summary>
    public class SlowSide : DispatchProxy
    {
        public TaskCompletionSource Open { get; set; } = new();

        public int Reads { get; private set; }

        public static SlowSide Of() => (SlowSide)(object)Create<ISideStore, SlowSide>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ISideStore.RowsAsync) ? RowsAsync((long)args![1]!, (int)args[2]!) : throw new NotSupportedException();

        private async Task<IReadOnlyList<ListRowEntry>> RowsAsync(long from, int count)
        {
            Reads++;
            await Open.Task;
            return [.. Enumerable.Range((int)from, count).Select(row => new ListRowEntry(row, Account(row), Account(row), 100, 1, "", true))];
        }
    }
}
