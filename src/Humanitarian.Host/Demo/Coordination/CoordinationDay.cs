using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Host.Setup;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>What happened on the day, before the chain is verified. Amounts in minor units.</summary>
/// <param name="Overlaps">Households on two lists, and what became of the suspicions.</param>
/// <param name="Refused">The code of each kind of refusal that was met.</param>
/// <param name="NotDelivered">Why agents did not deliver, by code, and how often.</param>
/// <param name="Events">How many events the live connection brought.</param>
/// <param name="Donors">What became of each donor's money, as the NGOs see it.</param>
/// <param name="Told">The same as each donor is told.</param>
/// <param name="Iati">The activity of the first NGO's program, as XML.</param>
internal sealed record DayOutcome(
    int Organisations, int Vendors, int Agents, int Households, Adjudicated Overlaps, long PaidInBulk, IReadOnlyList<string> NotPaidInBulk, long Delivered, IReadOnlyDictionary<string, int> NotDelivered,
    IReadOnlyDictionary<string, string> Refused, int Events, long ReversedMinor, long SettledMinor, IReadOnlyList<Trace> Donors, IReadOnlyList<Trace> Told, byte[] Iati);

/// <summary>
/// A day on which three organisations coordinate aid in one district, through the API as their people would: over HTTP and WebSocket,
/// each with a key of their own. Read it from top to bottom.
/// </summary>
internal sealed class CoordinationDay(
    GraphQlClient client, Actor ledgerOperator, DayLists lists, IAnsiConsole console, TimeProvider time, IRandomSource random)
{
    private const int Agents = 10;
    private const int ExpiringRows = 10;
    private static readonly TimeSpan DecideAtLeast = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DecideEach = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromSeconds(10);
    private static readonly string[] NgoNames = ["Neighbours in Need", "Water for All", "Rapid Aid Collective"];
    private static readonly string[] VendorNames = ["Mama Njeri General Store", "Lakeside Grocers", "Corner Shop", "Market Hall"];

    private readonly Refusals refusals = new(client, console, time);
    private Ngo[] ngos = [];
    private Vendor provider = null!;
    private FieldTeam team = null!;

    private Ngo Vouchers => ngos[0];

    private Ngo InPerson => ngos[1];

    private Ngo Cash => ngos[2];

    public async Task<DayOutcome> RunAsync(CancellationToken cancellationToken)
    {
        Hour("06:00", "The operator registers everyone");
        await RegisterAsync(cancellationToken);
        Hour("07:00", "Each organisation brings its list, and two donors fund all three");
        ngos = await Task.WhenAll(ngos.Select(ngo => FundAsync(ngo, cancellationToken)));
        Hour("07:30", "They look for households that two of them assist, and decide together");
        var decideUntil = time.GetUtcNow() + DecideAtLeast + (DecideEach * lists.Overlaps);
        var adjudication = new Adjudication(client, ngos, console, time);
        Say($"{await adjudication.MatchAsync(decideUntil, cancellationToken):N0} suspicions stand on the ledger. Both sides see theirs, and nobody's name.");
        await adjudication.DecideAsync(cancellationToken);
        Hour("08:00", $"{Vouchers.Name} pays vouchers in bulk; the registrar watches it live");
        var (bulk, events) = await PayInBulkAsync(cancellationToken);
        var adjudicated = await adjudication.EndedAsync(decideUntil, cancellationToken);
        Say($"The time to decide is over: {adjudicated.Same:N0} are the same, {adjudicated.Different:N0} different; of {adjudicated.NotAgreed:N0} they did not agree, and those are paid.");
        Hour("09:00", $"{InPerson.Name} sends {Agents} field agents, who deliver in person");
        var (visits, notDelivered) = await DeliverAsync(cancellationToken);
        Hour("11:00", "Households shop");
        var received = await Shops.OpenAsync(client, Vouchers, Vouchers.List.Rows.Count - ExpiringRows, console, cancellationToken);
        Hour("12:00", "Not everything that is asked for is done");
        await RefuseAsync(visits, cancellationToken);
        Hour("14:00", $"{Cash.Name} pays cash through {provider.Name}, and a payment is reversed");
        var reversed = await PayCashAsync(cancellationToken);
        Hour("16:00", $"{VendorNames[0]} is settled");
        await Shops.SettleAsync(client, Vouchers, Vouchers.Cast.Vendors[0], received[0], time.GetUtcNow().AddDays(7), cancellationToken);
        Say($"{Money(received[0])} leave the ledger: the bank has paid them out.");
        Hour("17:00", "The programs are published and the donors ask where their money is");
        var iati = await PublishAsync(cancellationToken);
        var (donors, told) = (await TraceAsync(exactly: true, cancellationToken), await TraceAsync(exactly: false, cancellationToken));
        return new DayOutcome(
            ngos.Length, VendorNames.Length, Agents, lists.Households, adjudicated, bulk.PaidLines, bulk.Unpaid, InPerson.List.Rows.Count - notDelivered.Values.Sum(), notDelivered,
            refusals.Codes, events, reversed, received[0], donors, told, iati);
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        await client.MutateAsync(
            ledgerOperator, "defineUnit", new JsonObject { ["code"] = DayLists.Currency, ["exponent"] = DayLists.Exponent }, "transaction { hash }", cancellationToken);
        var casting = new Casting(client, ledgerOperator, random);
        var (donors, vendors) = (await casting.DonorsAsync(Casting.DonorNames, cancellationToken), await casting.VendorsAsync(VendorNames, cancellationToken));
        provider = await casting.ProviderAsync("Swift Wallets", cancellationToken);
        (string Program, string Preset, int Agents)[] plans = [("Food vouchers", "voucher", 0), ("Food in person", "voucher", Agents), ("Cash for food", "cash", 0)];
        var (made, shared) = (lists.Make(), lists.Shared);
        ngos = await Task.WhenAll(plans.Select(async (plan, index) =>
        {
            var cast = await casting.NgoAsync(NgoNames[index], plan.Agents, donors, vendors, cancellationToken);
            var program = await Ngo.OpenProgramAsync(client, cast, plan.Program, plan.Preset, cancellationToken);
            return new Ngo(NgoNames[index], cast, program, await ListUpload.SendAsync(client, cast.Registrar, program, made[index], cancellationToken), shared[index], []);
        }));
        Say($"{ngos.Length} NGOs, {donors.Count} donors, {vendors.Count} vendors, a provider of cash. Everyone holds their own signing key.");
        Say($"The lists have {string.Join(", ", ngos.Select(ngo => $"{ngo.List.Rows.Count:N0}"))} rows: {lists.Households:N0} households, {lists.Overlaps:N0} of them on two lists.");
    }

    private async Task<Ngo> FundAsync(Ngo ngo, CancellationToken cancellationToken)
    {
        var first = Slices.FirstShare(ngo.TotalMinor);
        var list = new DemoList(ngo.Name, DayLists.Currency, DayLists.Exponent, null, 1, false, _ => Task.FromResult(Stream.Null));
        var grants = await new Funding(client, ledgerOperator, ngo.Cast, ngo.ProgramId, list, time, oneCurrency: true)
            .FundAsync([first, ngo.TotalMinor - first], cancellationToken);
        await client.MutateAsync(
            ngo.Cast.Registrar, "enrolBeneficiaries", new JsonObject { ["programId"] = ngo.ProgramId, ["listId"] = ngo.List.ListId }, "transaction { hash }", cancellationToken);
        Say($"{ngo.Name}: two grants for {Money(ngo.TotalMinor)}, costs and a reserve; everyone on the list is enrolled.");
        return ngo with { Grants = grants };
    }

    private async Task<(DisbursementProgress Paid, int Events)> PayInBulkAsync(CancellationToken cancellationToken)
    {
        var (disbursing, rows) = (Vouchers.Disbursing(client, time), Vouchers.List.Rows.Count - ExpiringRows);
        var amount = Vouchers.SumMinor(0, rows);
        var last = default(DisbursementProgress);
        var events = await console.Progress().StartAsync(async progress =>
        {
            var (bar, watching) = (progress.AddTask("Crediting vouchers, as the socket tells it", maxValue: rows), Task.FromResult(0));
            await disbursing.ReleaseAsync(0, rows, amount, false, Vouchers.Shares(amount), null, cancellationToken, drafted: id =>
                watching = LiveProgress.WatchAsync(client.Address, Vouchers.Cast.Registrar, id, now => bar.Value = (last = now).PaidLines, cancellationToken));
            return await watching;
        });
        Say($"One drafted, a second approved, a third released: {last!.PaidLines:N0} vouchers, {Money(last.PaidMinor)}; {events} events came over the socket.");
        ShowUnpaid(last.Unpaid);
        return (last, events);
    }

    private async Task<(string Disbursement, IReadOnlyDictionary<string, int> NotDelivered)> DeliverAsync(CancellationToken cancellationToken)
    {
        team = new FieldTeam(client, InPerson, time);
        await team.EquipAsync(cancellationToken);
        var visits = await InPerson.Disbursing(client, time).ReleaseAsync(
            0, InPerson.List.Rows.Count, InPerson.TotalMinor, true, InPerson.Shares(InPerson.TotalMinor), null, cancellationToken);
        var refused = await team.DeliverAsync(visits, console, cancellationToken);
        Say($"{InPerson.List.Rows.Count - refused.Values.Sum():N0} households are visited and credited, each by a request that a device signed.");
        ShowUnpaid(refused.Select(reason => $"{reason.Key}: {reason.Value} lines"));
        return (visits, refused);
    }

    private async Task RefuseAsync(string visits, CancellationToken cancellationToken)
    {
        // Vouchers of the last rows are short-lived, so that one can be too late.
        var (disbursing, first) = (Vouchers.Disbursing(client, time), Vouchers.List.Rows.Count - ExpiringRows);
        var amount = Vouchers.SumMinor(first, ExpiringRows);
        var expires = time.GetUtcNow() + ExpiresAfter;
        var shortLived = await disbursing.ReleaseAsync(first, ExpiringRows, amount, false, Vouchers.Shares(amount), expires, cancellationToken);
        await disbursing.PaidAsync(shortLived, _ => { }, cancellationToken);
        await refusals.OfMoneyAsync(Vouchers, InPerson, cancellationToken);
        await refusals.OfDeliveriesAsync(team, visits, InPerson.List.Rows.Count - 1, InPerson.List.Rows.Count - 2, PrivateKeys.New(random), cancellationToken);
        if (expires - time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        await refusals.OfExpiredAsync(Vouchers, Vouchers.List.Rows[first], cancellationToken);
        await InPerson.Disbursing(client, time).CompleteAsync(visits, cancellationToken);
    }

    /// <summary>Every line is reported as paid; then the provider finds that one was not, and finance accepts that: the payment is reversed.</summary>
    private async Task<long> PayCashAsync(CancellationToken cancellationToken)
    {
        var (disbursing, provided) = (Cash.Disbursing(client, time), new MockProvider());
        var desk = new CashDesk(client, Cash.Cast, provided, DayLists.Exponent);
        var id = await disbursing.ReleaseAsync(
            0, Cash.List.Rows.Count, Cash.TotalMinor, false, Cash.Shares(Cash.TotalMinor), null, cancellationToken, new JsonObject { ["floatAccountId"] = provider.AccountId });
        ShowUnpaid((await disbursing.PaidAsync(id, _ => { }, cancellationToken)).Unpaid);
        var (lines, hash) = await desk.PayAsync(id, paysAll: true, cancellationToken);
        Say($"An instruction file of {lines} lines leaves; its SHA-256 {hash[..18]}… was put on the ledger first.");
        var reported = await desk.ReportAsync(id, provided.Report(provided.Lines), cancellationToken);
        Say($"The provider reports {Money(reported.DeliveredMinor)} as paid out.");
        await desk.ReportAsync(id, provided.TakeBack(), cancellationToken);
        await desk.DecideAsync(id, accept: true, "BANK_STATEMENT", 0, cancellationToken);
        await disbursing.CompleteAsync(id, cancellationToken);
        var reversed = reported.DeliveredMinor - provided.PaidMinor(DayLists.Exponent);
        Say($"A later report says that one wallet was closed. Finance has the bank's statement and accepts it: {Money(reversed)} go back to the grants.");
        return reversed;
    }

    private async Task<byte[]> PublishAsync(CancellationToken cancellationToken)
    {
        var iati = await client.DownloadAsync(
            Vouchers.Cast.Finance, $"exports/iati?program={Vouchers.ProgramId}&reporter=KE-NCB-12345&reporterType=22&country=KE&sector=72010", cancellationToken);
        Say($"{Vouchers.Name} publishes its program as an IATI activity of {iati.Length:N0} bytes.");
        return iati;
    }

    /// <summary>What became of each donor's money in all three programs.</summary>
    private async Task<IReadOnlyList<Trace>> TraceAsync(bool exactly, CancellationToken cancellationToken)
    {
        var traces = await Task.WhenAll(ngos.Select(ngo => exactly
            ? Donations.TracesAsync(client, ngo.Cast.Finance, ngo.Grants, cancellationToken)
            : Donations.ToldAsync(client, ngo.Grants, cancellationToken)));
        return
        [
            .. traces.SelectMany((found, ngo) => found.Select(trace => (Donor: trace.Label, Trace: trace with { Label = ngos[ngo].Name })))
                .GroupBy(found => found.Donor).Select(donor => Trace.Sum(donor.Key, [.. donor.Select(found => found.Trace)])),
        ];
    }

    private void ShowUnpaid(IEnumerable<string> reasons)
    {
        foreach (var reason in reasons)
        {
            console.MarkupLineInterpolated($"  [yellow]not paid[/] {reason}");
        }
    }

    private void Hour(string hour, string what) => console.MarkupLineInterpolated($"\n[bold]{hour}[/] {what}.");

    private void Say(string text) => console.MarkupLineInterpolated($"  {text}");

    private static string Money(long amountMinor) => Currencies.Text(amountMinor, DayLists.Currency, DayLists.Exponent);
}
