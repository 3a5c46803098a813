using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Accounts;

public sealed class AccountBookTests
{
    private static readonly Id Account = World.IdOf("a");
    private static readonly Id Lot = World.IdOf("lot");

    private readonly AccountBook book = new();

    [Fact]
    public void A_reservation_takes_at_once_and_gives_only_when_applied()
    {
        book.Apply(Change(100, 0));
        book.Reserve(Change(-30, 30));
        Assert.Equal((70, 0, 100), (book.Available("EUR"), book.Held("EUR"), book.Highest("EUR")));
        book.Reserve(Change(50, 0));
        Assert.Equal((70, 150), (book.AvailableOf("EUR", Lot), book.Highest("EUR")));
        book.Release(Change(-30, 30));
        book.Release(Change(50, 0));
        Assert.Equal((100, 100), (book.Available("EUR"), book.Highest("EUR")));
    }

    [Fact]
    public void Nothing_stays_of_a_balance_that_is_gone()
    {
        book.Apply(Change(5, 0));
        book.Apply(Change(-5, 0));
        Assert.True(book.IsEmpty);
        Assert.Empty(book.Units);
        Assert.Empty(book.Balances(Account));
    }

    [Fact]
    public void Units_and_lots_are_kept_apart()
    {
        book.Apply(Change(5, 1));
        book.Apply(new BalanceChange(Account, "USD", Lot, 7, 0));
        book.Apply(new BalanceChange(Account, "EUR", Id.None, 9, 0));
        Assert.Equal((14, 1, 7), (book.Available("EUR"), book.Held("EUR"), book.Available("USD")));
        Assert.Equal((5, 9, 0), (book.AvailableOf("EUR", Lot), book.AvailableOf("EUR", Id.None), book.AvailableOf("USD", Id.None)));
        Assert.Equal([new LotPart(Lot, 5), new LotPart(Id.None, 9)], book.Lots("EUR"));
    }

    [Fact]
    public void What_does_not_fit_is_thrown_and_changes_nothing()
    {
        book.Apply(Change(long.MaxValue, 0));
        Assert.Throws<OverflowException>(() => book.Apply(Change(1, 0)));
        Assert.Equal(long.MaxValue, book.Available("EUR"));
    }

    [Fact]
    public void A_move_reads_back_as_it_was_written()
    {
        var move = new PairedMove(Side.Available(Account, true), Side.Held(World.IdOf("b")), "EUR", [new LotPart(Lot, 5), new LotPart(Id.None, 6)]);
        var read = PairedMove.Of(move.Postings())!;
        Assert.Equal((move.From, move.To, move.Unit, 11), (read.From, read.To, read.Unit, read.TotalMinor));
        Assert.Equal(move.Parts, read.Parts);
    }

    [Fact]
    public void What_is_no_move_is_not_read_as_one()
    {
        var good = new PairedMove(Side.Available(Account), Side.Available(World.IdOf("b")), "EUR", [new LotPart(Lot, 5)]).Postings();
        Posting[][] bad =
        [
            [], [good[0]], [good[1], good[0]], [.. good, .. good], [.. good, good[0]],
            [good[0] with { Unit = "USD" }, good[1]], [good[0], good[1] with { AmountMinor = 6 }], [good[0], good[1] with { Lot = Id.None }],
            [good[0] with { AmountMinor = long.MinValue }, good[1]], [good[0] with { AmountMinor = 0 }, good[1] with { AmountMinor = 0 }],
        ];
        Assert.All(bad, postings => Assert.Null(PairedMove.Of(postings)));
    }

    private static BalanceChange Change(long available, long held) => new(Account, "EUR", Lot, available, held);
}
