using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain.Programs;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>What the cash script did, before the chain is verified.</summary>
internal sealed record CashOutcome(long Rows, long ProviderPaidMinor, long FollowedUp, Trace Trace);

/// <summary>Cash through a provider, through the API, as an NGO does it: instruction, reports, a contradiction, a recall, a second round.</summary>
internal sealed class CashScript(GraphQlClient client, Actor ledgerOperator, DemoList list, IAnsiConsole console, TimeProvider time, IRandomSource random)
{
    private const int RecallAfterSeconds = 15;
    private const int RowsPerSecondMore = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private readonly MockProvider provider = new();
    private Cast cast = null!;
    private CashDesk desk = null!;
    private Vendor fsp = null!;
    private string programId = "";

    public async Task<CashOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var imported = await SetUpAsync(cancellationToken);
        var total = imported.Rows.Sum(row => row.AmountMinor);
        var share = Slices.FirstShare(total);
        var grants = await new Funding(client, ledgerOperator, cast, programId, list, time).FundAsync([share, total - share], cancellationToken);
        await client.MutateAsync(cast.Registrar, "enrolBeneficiaries", new JsonObject { ["programId"] = programId, ["listId"] = imported.ListId }, "transaction { hash }", cancellationToken);
        var converted = grants[1].Currency == list.Currency ? "" : $" (the second in {grants[1].Currency}, which a bank converts)";
        Say($"Two donors have funded the program{converted}; the [green]{imported.Rows.Count:N0}[/] good rows of the list, together {Money(total)}, are enrolled.");

        var disbursing = new Disbursing(client, cast, programId, imported.ListId, list.Currency, time);
        var first = await InstructAsync(disbursing, imported.Rows.Count, total, [(grants[0].Id, share), (grants[1].Id, total - share)], null, cancellationToken);
        await PayAsync(first, paysAll: false, cancellationToken);
        await ReportAsync(first, provider.Report(provider.Lines / 2), "The provider reports on half of the lines", cancellationToken);
        await ReportAsync(first, provider.Report(provider.Lines / 2), "The same report comes again", cancellationToken);
        await ReportAsync(first, provider.Report(provider.Lines), "It reports on all, one of them unclaimed", cancellationToken);
        await ContradictAsync(first, cancellationToken);
        await client.MutateAsync(
            cast.Finance, "recordProviderFee",
            new JsonObject
            {
                ["grantId"] = grants[0].Id, ["disbursementId"] = first, ["budgetLine"] = Funding.BudgetLine, ["amount"] = Json.Money(grants[0].CostMinor, list.Currency),
                ["evidence"] = Json.Evidence("the provider's invoice"),
            },
            "transaction { hash }", cancellationToken);
        Say($"The provider's fee of {Money(grants[0].CostMinor)} is charged to its budget line.");
        await RecalledAsync(first, cancellationToken);
        await disbursing.CompleteAsync(first, cancellationToken);
        var paid = provider.PaidMinor(list.Exponent);
        var followedUp = await FollowUpAsync(first, grants, cancellationToken);
        var traces = await Donations.TracesAsync(client, cast.Finance, grants, cancellationToken);
        return new CashOutcome(imported.Rows.Count, paid + provider.PaidMinor(list.Exponent), followedUp, Trace.Sum("both donations", traces));
    }

    private async Task<ImportedList> SetUpAsync(CancellationToken cancellationToken)
    {
        await client.MutateAsync(
            ledgerOperator, "defineUnit", new JsonObject { ["code"] = list.Currency, ["exponent"] = list.Exponent }, "transaction { hash }", cancellationToken);
        var casting = new Casting(client, ledgerOperator, random);
        cast = await casting.RegisterAsync(cancellationToken);
        desk = new CashDesk(client, cast, provider, list.Exponent);
        fsp = await casting.ProviderAsync("Swift Wallets", cancellationToken);
        var created = await client.MutateAsync(
            cast.Administrator, "createProgram", new JsonObject { ["name"] = "Cash for winter", ["unit"] = list.Currency, ["terms"] = await TermsAsync(cancellationToken) },
            "program { id }", cancellationToken);
        programId = (string)created["program"]!["id"]!;
        Say($"The NGO runs a cash program; {fsp.Name} is a financial service provider with a float account.");
        return await ListUpload.SendAsync(client, cast.Registrar, programId, list, cancellationToken);
    }

    /// <summary>The preset, with a recall that comes while people watch, and with a cap for any list.</summary>
    private async Task<string> TermsAsync(CancellationToken cancellationToken)
    {
        await using var file = await list.OpenAsync(cancellationToken);
        using var text = new StreamReader(file);
        var rows = 0;
        while (await text.ReadLineAsync(cancellationToken) is not null)
        {
            rows++;
        }

        var terms = JsonNode.Parse(TermsJson.Preset("cash")!)!;
        foreach (var rule in (JsonArray)terms["rules"]!)
        {
            if ((string?)rule!["rule"] == "recallUnclaimed")
            {
                rule["seconds"] = RecallAfterSeconds + (rows / RowsPerSecondMore);
            }
            else if ((string?)rule["rule"] == "entitlementPerPeriod" && list.RaisesCap)
            {
                rule["maximumMinor"] = DemoList.RaisedCapMinor;
            }
        }

        return terms.ToJsonString();
    }

    private async Task<string> InstructAsync(
        Disbursing disbursing, int rows, long totalMinor, IReadOnlyList<(string, long)> shares, string? followsUp, CancellationToken cancellationToken)
    {
        var id = await disbursing.ReleaseAsync(
            0, rows, totalMinor, false, shares, null, cancellationToken, new JsonObject { ["floatAccountId"] = fsp.AccountId, ["followsUpId"] = followsUp });
        var progress = await disbursing.PaidAsync(id, _ => { }, cancellationToken);
        Say($"{progress.PaidLines:N0} lines are approved, released and held on the provider's float: instructed, not delivered.");
        return id;
    }

    private async Task PayAsync(string disbursement, bool paysAll, CancellationToken cancellationToken)
    {
        var (lines, hash) = await desk.PayAsync(disbursement, paysAll, cancellationToken);
        Say($"An instruction file of {lines} lines leaves; its SHA-256 {hash[..18]}… was put on the ledger first.");
    }

    private async Task<long> ReportAsync(string disbursement, byte[] report, string what, CancellationToken cancellationToken)
    {
        var reported = await desk.ReportAsync(disbursement, report, cancellationToken);
        Say(reported.IsKnown ? $"{what}: nothing changes, the ledger knows all of it."
            : reported.Contradicts ? $"{what}. That contradicts what an earlier report recorded, so no money moves until finance decides."
            : $"{what}: {Lines(reported.RecordedLines)} new, {Money(reported.DeliveredMinor)} delivered in all by this file.");
        return reported.IsKnown ? 0 : reported.DeliveredMinor;
    }

    /// <summary>Two lines that failed are said to be paid after all; finance finds that one was, and dismisses the other report.</summary>
    private async Task ContradictAsync(string disbursement, CancellationToken cancellationToken)
    {
        foreach (var (which, really) in new[] { (0, true), (1, false) })
        {
            if (provider.Lines < 20)
            {
                return;
            }

            var said = await ReportAsync(disbursement, provider.Contradict(which, really), "A later report says that a failed line was paid", cancellationToken);
            await desk.DecideAsync(disbursement, really, really ? "BANK_STATEMENT" : "NO_PROOF", said, cancellationToken);
            Say(really ? "Finance has the bank's statement and accepts the later report: the line is corrected to delivered." : "Finance finds no proof and dismisses the later report: the line stays failed and is paid in the second round.");
        }
    }

    private async Task RecalledAsync(string disbursement, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while ((await CountsAsync(disbursement, cancellationToken)).ContainsKey("INSTRUCTED"))
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new RefusedException("recall", "UNFINISHED", "A line that nobody claimed was not recalled.");
            }

            await Task.Delay(BetweenLooks, time, cancellationToken);
        }

        var counts = await CountsAsync(disbursement, cancellationToken);
        Say($"The ledger has recalled {Lines(counts.GetValueOrDefault("RECALLED").ToString(CultureInfo.InvariantCulture))} that nobody claimed in time. Every line has ended: "
            + string.Join(", ", counts.Select(state => $"{state.Value} {state.Key.ToLowerInvariant().Replace('_', ' ')}")) + ".");
    }

    /// <summary>A second round for what failed, was recalled or came in part; everybody comes.</summary>
    private async Task<long> FollowUpAsync(string first, IReadOnlyList<FundedGrant> grants, CancellationToken cancellationToken)
    {
        var made = await client.MutateAsync(
            cast.Registrar, "createFollowUpList", new JsonObject { ["disbursementId"] = first }, "listId rows totalMinor", cancellationToken);
        var (rows, total) = (int.Parse((string)made["rows"]!, CultureInfo.InvariantCulture), long.Parse((string)made["totalMinor"]!, CultureInfo.InvariantCulture));
        var left = (await Donations.TracesAsync(client, cast.Finance, grants, cancellationToken))[0].Unspent;
        var share = Math.Min(left, total);
        var disbursing = new Disbursing(client, cast, programId, (string)made["listId"]!, list.Currency, time);
        Say("What failed, came in part or was recalled goes to a follow-up list: each line's rest, once.");
        var second = await InstructAsync(disbursing, rows, total, [(grants[0].Id, share), (grants[1].Id, total - share)], first, cancellationToken);
        await PayAsync(second, paysAll: true, cancellationToken);
        await ReportAsync(second, provider.Report(provider.Lines), "The provider reports on the second round", cancellationToken);
        await disbursing.CompleteAsync(second, cancellationToken);
        return rows;
    }

    private async Task<SortedDictionary<string, long>> CountsAsync(string disbursement, CancellationToken cancellationToken) => new((await client.QueryListAsync(
            cast.Finance, "query($id: Id!) { cashLineCounts(disbursementId: $id) { state lines } }", new JsonObject { ["id"] = disbursement }, cancellationToken))
        .ToDictionary(count => (string)count!["state"]!, count => long.Parse((string)count!["lines"]!, CultureInfo.InvariantCulture)));

    private string Money(long amountMinor) => Currencies.Text(amountMinor, list.Currency, list.Exponent);

    private static string Lines(string count) => count == "1" ? "1 line" : $"{count} lines";

    private void Say(string markup) => console.MarkupLine(markup);
}
