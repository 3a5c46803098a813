using System.Text.Json.Nodes;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain.Transactions;
using Humanitarian.Host.Demo;
using Humanitarian.Host.Verification;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>What must hold of a ledger whatever its server went through.</summary>
internal static class LedgerChecks
{
    /// <summary>The program's own verification from genesis, stored projections included.</summary>
    public static async Task VerifyAsync(LedgerFolders folders)
    {
        var (code, text) = await ServerProcess.RunAsync("verify", "--data", folders.Data, "--claim-key", Path.Combine(folders.Keys, "claim.key"));
        Assert.True(code == 0, text);
    }

    /// <summary>The same in this process, which is quicker.</summary>
    public static async Task VerifyHereAsync(LedgerFolders folders)
    {
        await using var files = await SqliteStorage.OpenAsync(folders.Data, readOnly: true);
        var found = await LedgerVerification.OfStoresAsync(files, new VerificationOptions(), null, default);
        Assert.True(found.Ok, $"{found.Report.Failure} {found.Projections}");
    }

    /// <summary>The height that the projections stand at.</summary>
    public static async Task<ulong> ProjectedAsync(LedgerFolders folders)
    {
        await using var files = await SqliteStorage.OpenAsync(folders.Data, readOnly: true);
        return await files.Projections.HeightAsync() ?? 0;
    }

    /// <summary>Waits until released lists are paid, then counts the donors' money, as who runs the program sees it, against what the clients know to be done.</summary>
    public static async Task CountMoneyAsync(Uri server, VoucherWorld world, Load load)
    {
        using var http = new HttpClient { BaseAddress = server };
        var client = new GraphQlClient(http, world.Domain, TimeProvider.System);
        var disbursing = new Disbursing(client, world.Cast, world.ProgramId, world.ListId, VoucherWorld.Currency, TimeProvider.System);
        var bulk = 0L;
        foreach (var run in load.Bulk.Where(run => run.IsReleased))
        {
            var paid = await disbursing.PaidAsync(run.Id, _ => { }, default);
            Assert.Equal((run.Slice.Rows, run.Slice.TotalMinor), (paid.PaidLines, paid.PaidMinor));
            bulk += run.Slice.TotalMinor;
        }

        var traces = new List<Trace>();
        foreach (var grant in world.Grants)
        {
            traces.Add(Trace.Read((await client.QueryAsync(world.Cast.Finance, Trace.Query, new JsonObject { ["grantId"] = grant.Id }, default))!));
        }

        var sum = Trace.Sum("both donations", traces);
        Assert.Empty(sum.Broken());
        Assert.Equal(sum.Donated, sum.Unspent + sum.Disbursed - sum.Expired + sum.Costs + sum.Returned);
        Assert.Equal(
            (world.ShoppersMinor + bulk + load.DoneMinor(TransactionKind.Delivery), load.DoneMinor(TransactionKind.Redemption), load.DoneMinor(TransactionKind.Settlement)),
            (sum.Disbursed, sum.Redeemed, sum.Settled));
    }
}
