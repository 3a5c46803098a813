using System.Diagnostics;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Grains.Commands;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>What the scenarios on a voucher program share: ledger, program, clients, redemptions, and the count of the money.</summary>
internal sealed class VoucherRun
{
    /// <summary>What one redemption spends, in minor units.</summary>
    public const long AmountMinor = 10;

    public static readonly string Redeem = GraphQlClient.Mutation("redeemVoucher", "RedeemVoucherInput");
    private const int AccountsInRead = 10_000;
    private static readonly string[] Food = ["food"];
    private static readonly string Receipt = Names.Hash(7).ToString();
    private readonly StoreUnderTest store;
    private readonly WebLedger web;
    private readonly GraphQlClient? till;
    private readonly Feed beneficiaries;
    private long redeemed;
    private long unknown;

    private VoucherRun(StoreUnderTest store, WebLedger web, VoucherProgram program, RunSettings settings, GraphQlClient till, GraphQlClient office)
    {
        (this.store, this.web, Program) = (store, web, program);
        this.till = settings.Target == "http" ? till : null;
        Office = office;
        beneficiaries = Feeds.Uniform(Math.Max(1, settings.Accounts), (ulong)settings.Seed + 20);
    }

    public RunningLedger Ledger => web.Ledger;

    public VoucherProgram Program { get; }

    /// <summary>The organisation's own client.</summary>
    public GraphQlClient Office { get; }

    public HttpClient Http => web.Client;

    public StoreUnderTest Store => store;

    /// <summary>A scenario's init on a ledger with its program on Kestrel; cleaned up when the init breaks off.</summary>
    public static async Task<Prepared> PrepareAsync(
        RunSettings settings, Action<string> status, Func<VoucherRun, Task<Prepared>> prepare, CancellationToken cancellationToken)
    {
        var run = await StartAsync(settings, status, cancellationToken);
        try
        {
            return await prepare(run);
        }
        catch
        {
            await run.CleanAsync();
            throw;
        }
    }

    private static async Task<VoucherRun> StartAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var store = await StoreUnderTest.CreateAsync(settings, cancellationToken);
        return await store.OrDisposeAsync(async () =>
        {
            var keys = new LedgerKeys();
            var forge = new ChainForge(keys, store.Stores, TimeProvider.System);
            await forge.FoundAsync();
            await forge.ProjectAsync();
            status("starting the silo and the web server");
            return await OnAsync(await WebLedger.StartAsync(store, keys, cancellationToken), store, settings);
        });
    }

    private static async Task<VoucherRun> OnAsync(WebLedger web, StoreUnderTest store, RunSettings settings)
    {
        try
        {
            var program = new VoucherProgram(web.Ledger, store.Stores);
            await program.CreateAsync();
            return new VoucherRun(
                store, web, program, settings, new GraphQlClient(web.Client, await web.KeyOfAsync(VoucherProgram.Till)), new GraphQlClient(web.Client, await web.KeyOfAsync(Names.Administrator)));
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a till sends for a redemption.</summary>
    public static object Redemption(string key, int beneficiary, Id vendor) => new
    {
        idempotencyKey = key, programId = Names.Program.ToString(), beneficiaryAccountId = Names.Account(beneficiary).ToString(), vendorAccountId = vendor.ToString(),
        amount = new { amountMinor = Names.Text(AmountMinor), currency = Names.Unit }, categories = Food, receiptHash = Receipt,
    };

    /// <summary>Another organisation with a till of its own in the same program.</summary>
    public async Task<Flood> FloodAsync()
    {
        await Program.AddVendorAsync(Flood.Organisation, Flood.Till, Flood.Vendor);
        return new Flood(web.NewClient(), await web.KeyOfAsync(Flood.Till, Flood.Organisation), beneficiaries);
    }

    public async Task<GraphQlClient> ClientOfAsync(Id member) => new(web.Client, await web.KeyOfAsync(member));

    /// <summary>Enrols so many beneficiaries and pays each a line.</summary>
    public async Task<Id> PayAsync(int count, Action<string> status, CancellationToken cancellationToken)
    {
        status($"enrolling {count:N0} beneficiaries");
        var list = await Program.EnrolAsync("beneficiaries", 0, count);
        status("paying their vouchers");
        var disbursement = await Program.ReleaseAsync(list, count, count * VoucherProgram.LineMinor, inPerson: false);
        await Program.PaidAsync(disbursement, cancellationToken);
        return disbursement;
    }

    /// <summary>One redemption, by a random beneficiary, at the one vendor; over HTTP or through the grains.</summary>
    public async ValueTask<Response> RedeemAsync(long request)
    {
        try
        {
            var response = till is null ? await InProcessAsync(request) : await till.MutateAsync(
                Redeem, "redeemVoucher", Redemption("redeem " + Names.Text(request), beneficiaries(request), VoucherProgram.Vendor));
            Interlocked.Add(ref response.Outcome == Outcome.Ok ? ref redeemed : ref unknown, response.Outcome == Outcome.Refused ? 0 : 1);
            return response;
        }
        catch (Exception)
        {
            Interlocked.Increment(ref unknown);
            throw;
        }
    }

    /// <summary>Redemptions as <see cref="RedeemAsync"/> sends them, by another client.</summary>
    /// <param name="requests">How many; at least one by each connection.</param>
    public async Task<OutsideResult> OutsideAsync(string script, int connections, long requests, int accounts, CancellationToken cancellationToken)
    {
        var result = await OutsideClient.RunAsync(
            script,
            new
            {
                url = new Uri(Http.BaseAddress!, "/graphql"), key = await web.KeyOfAsync(VoucherProgram.Till), query = Redeem, connections, requests = Math.Max(connections, requests),
                input = Redemption("", 0, VoucherProgram.Vendor), beneficiaries = Enumerable.Range(0, accounts).Select(number => Names.Account(number).ToString()),
            },
            cancellationToken);
        redeemed += result.Ok;
        unknown += result.Unknown;
        return result;
    }

    /// <summary>Projections caught up, chain verified, the vendor has on it what was acknowledged, nothing is lost, and the projections have every account as the chain does.</summary>
    public async Task<Aftermath> VerifyAsync(Meter meter)
    {
        var metrics = new Dictionary<string, double> { ["lag_seconds_at_end"] = Ledger.Levels.LagSeconds() };
        var watch = Stopwatch.StartNew();
        await Ledger.CatchUpAsync();
        metrics["catch_up_seconds"] = watch.Elapsed.TotalSeconds;
        watch.Restart();
        var report = await Ledger.VerifyAsync();
        metrics["verify_per_second"] = report.Transactions / watch.Elapsed.TotalSeconds;
        metrics["verify_transfers_per_second"] = report.Transfers / watch.Elapsed.TotalSeconds;
        var vendor = report.State.Book(VoucherProgram.Vendor).Available(Names.Unit);
        var sum = report.State.Books.Aggregate((Int128)0, (whole, book) => whole + Of(book.Value).Available + Of(book.Value).Held);
        var wrong = await WrongInProjectionsAsync(report.State);
        var (least, most) = (redeemed * AmountMinor, (redeemed + unknown) * AmountMinor);
        return new Aftermath(
            [
                new Check("the chain verifies from genesis", report.Ok, report.Failure?.Message ?? $"{report.Transactions:N0} transactions, {report.Transfers:N0} transfers"),
                new Check("the vendor has what was acknowledged", vendor >= least && vendor <= most, $"{vendor:N0} of {least:N0} minor units, {unknown:N0} outcomes unknown"),
                new Check("balances sum to zero", sum == 0, $"{sum}"),
                new Check("every account has in the projections what it has on the chain", wrong == 0, $"{wrong:N0} accounts differ"),
            ],
            metrics);
    }

    public async ValueTask CleanAsync()
    {
        Ledger.Levels.Dispose();
        await web.DisposeAsync();
        await store.DisposeAsync();
    }

    private static (long Available, long Held) Of(AccountBook book) =>
        book.Balances(Id.None).Where(row => row.Unit == Names.Unit).Aggregate((0L, 0L), (sum, row) => (sum.Item1 + row.AvailableMinor, sum.Item2 + row.HeldMinor));

    private async Task<long> WrongInProjectionsAsync(LedgerState chain)
    {
        long wrong = 0;
        foreach (var some in chain.Books.Chunk(AccountsInRead))
        {
            var read = (await store.Stores.Projections.AccountsAsync([.. some.Select(book => book.Key)])).Value.ToDictionary(
                one => one.Account,
                one => one.Balances.Where(row => row.Unit == Names.Unit).Aggregate((0L, 0L), (sum, row) => (sum.Item1 + row.AvailableMinor, sum.Item2 + row.HeldMinor)));
            wrong += some.LongCount(book => read.GetValueOrDefault(book.Key) != Of(book.Value));
        }

        return wrong;
    }

    private async Task<Response> InProcessAsync(long request)
    {
        var result = await Ledger.Commands.RedeemAsync(
            VoucherProgram.Context(VoucherProgram.Till, "redeem " + Names.Text(request)),
            new RedemptionRequest(Names.Program, Names.Account(beneficiaries(request)), VoucherProgram.Vendor, AmountMinor, Food, Names.Hash(7)));
        return result.Refusal is { } refusal ? Response.Refused(refusal.Code) : Response.Ok;
    }
}
