using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Cash;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Exports;

/// <summary>Statements, disbursements and reconciliations as files, over HTTP.</summary>
public sealed class ExportTests(ApiServer api)
{
    [Fact]
    public async Task A_statement_is_the_same_as_CSV_as_XLSX_and_in_parts()
    {
        var aid = await new Aid(api, "statement export").SetUpAsync();
        var list = await EnrolledAsync(aid, 12);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 12, inPerson: false), "COMPLETED");
        var accounts = await aid.AccountsAsync(list);
        for (var shop = 0; shop < 5; shop++)
        {
            await RedeemAsync(aid, accounts[shop], 1_000 + shop);
        }

        var settlement = await aid.Cast.DoneAsync(
            aid.Till, "settleVendor",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(3_000)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }");
        await aid.Cast.DoneAsync(aid.Till, "releaseSettlement", aid.Cast.Input(("settlementId", settlement.GetProperty("settlement").GetProperty("id").GetString())));
        var path = $"/exports/statements/{aid.VendorAccount}";

        var whole = await CsvAsync(aid.Till, path);
        Assert.Equal(["number", "at", "kind", "unit", "available", "held", "available_after", "held_after", "height", "position"], whole[0]);
        Assert.Equal(["7", "6", "5", "4", "3", "2", "1"], whole.Skip(1).Select(row => row[0]));
        Assert.Equal(["HOLD_RELEASE", "SETTLEMENT_REQUEST", "REDEMPTION"], whole.Skip(1).Select(row => row[2]).Distinct());
        Assert.Equal(("KES", "30.00", "-30.00", "50.10", "0.00"), (whole[1][3], whole[1][4], whole[1][5], whole[1][6], whole[1][7]));
        CheckBalances(whole);

        var xlsx = Sheets.Xlsx(await BytesAsync(aid.Till, $"{path}?format=xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        Assert.Equal(whole.Count, xlsx.Count);
        Assert.All(whole.Zip(xlsx).Skip(1), rows => Assert.All(rows.First.Zip(rows.Second), cells => Assert.True(Same(cells.First, cells.Second), $"{cells}")));
        Assert.Equal(whole.Skip(1), await InPartsAsync(aid.Till, path, 3));
        Assert.Equal(whole.Skip(4), (await CsvAsync(aid.Till, $"{path}?after={whole[3][0]}")).Skip(1));
    }

    [Fact]
    public async Task A_statement_is_cut_by_days_and_known_by_its_tag()
    {
        var aid = await new Aid(api, "statement days").SetUpAsync();
        var list = await EnrolledAsync(aid, 1);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 1, inPerson: false), "COMPLETED");
        var account = (await aid.AccountsAsync(list))[0];
        var path = $"/exports/statements/{account}";
        var row = Assert.Single((await CsvAsync(aid.Registrar, path)).Skip(1));
        var day = DateOnly.ParseExact(row[1][..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        string Day(int offset) => day.AddDays(offset).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(2, (await CsvAsync(aid.Registrar, $"{path}?from={Day(0)}&to={Day(0)}")).Count);
        Assert.Single(await CsvAsync(aid.Registrar, $"{path}?to={Day(-1)}"));
        Assert.Single(await CsvAsync(aid.Registrar, $"{path}?from={Day(1)}"));

        using var first = await api.SendAsync(aid.Registrar.Key, HttpMethod.Get, path);
        var tag = first.Headers.ETag!;
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.Authorization = new("Bearer", aid.Registrar.Key);
        again.Headers.IfNoneMatch.Add(tag);
        using var unchanged = await api.Http.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await RedeemAsync(aid, account, 500);
        using var changed = await api.SendAsync(aid.Registrar.Key, HttpMethod.Get, path);
        Assert.NotEqual(tag, changed.Headers.ETag);
    }

    [Fact]
    public async Task A_disbursements_lines_and_totals_are_those_of_the_ledger()
    {
        var aid = await new Aid(api, "disbursement export").SetUpAsync();
        var list = await EnrolledAsync(aid, 7);
        var accounts = await aid.AccountsAsync(list);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 2, inPerson: false), "COMPLETED");

        // The first two have had it: they are refused, the five others are paid.
        var disbursement = await aid.ReleaseAsync(list, 0, 7, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        var path = $"/exports/disbursements/{disbursement}";
        var rows = await CsvAsync(aid.Finance, path);
        var (lines, totals) = (rows.Where(row => row[0] == "line").ToArray(), rows.Where(row => row[0] == "total").ToArray());
        Assert.Equal(accounts, lines.Select(row => row[2]));
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], lines.Select(row => row[1]));
        Assert.All(lines, row => Assert.Equal("25.00", row[4]));
        Assert.Equal(["0.00", "0.00", "25.00", "25.00", "25.00", "25.00", "25.00"], lines.Select(row => row[5]));
        Assert.Equal(("UNPAID", RefusalCode.AlreadyAssisted), (lines[0][7], lines[0][8]));
        Assert.Equal(("CREDITED", ""), (lines[6][7], lines[6][8]));
        Assert.All(lines, row => Assert.Equal(("2026-11", "food"), (row[9], row[10])));
        Assert.Equal([("5", "125.00", "125.00", "CREDITED"), ("2", "50.00", "0.00", "UNPAID"), ("7", "175.00", "125.00", "ALL")], totals.Select(row => (row[1], row[4], row[5], row[7])));
        var found = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { disbursement(id: $id) { listRoot } }", new { id = disbursement })).GetProperty("disbursement");
        Assert.All(totals, row => Assert.Equal(found.GetProperty("listRoot").GetString(), row[11]));
        var proof = await api.QueryAsync(aid.Finance.Key, "query($hash: Hash!) { transactionProof(hash: $hash) { height } }", new { hash = lines[0][12] });
        Assert.Equal(lines[0][13], proof.GetProperty("transactionProof").GetProperty("height").GetString());

        Assert.Equal(rows.Skip(1), await InPartsAsync(aid.Finance, path, 3));
        var xlsx = Sheets.Xlsx(await BytesAsync(aid.Finance, $"{path}?format=xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        Assert.All(rows.Zip(xlsx), pair => Assert.All(pair.First.Zip(pair.Second), cells => Assert.True(Same(cells.First, cells.Second), $"{cells}")));
    }

    [Fact]
    public async Task Deliveries_in_person_are_told_line_by_line_and_hostile_words_are_not_run()
    {
        var aid = await new Aid(api, "in person export").SetUpAsync();
        var list = await EnrolledAsync(aid, 3);
        var disbursement = await DraftedAsync(aid, list, "=1+1", "@SUM(A1)");
        await aid.Cast.DoneAsync(aid.Registrar, "completeDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        var rows = await CsvAsync(aid.Finance, $"/exports/disbursements/{disbursement}");
        Assert.All(rows.Skip(1), row => Assert.Equal(("'=1+1", "'@SUM(A1)"), (row[9], row[10])));
        Assert.Equal([("3", "UNDELIVERED"), ("3", "ALL")], rows.Where(row => row[0] == "total").Select(row => (row[1], row[7])));
        var sheet = Sheets.SheetXml(await BytesAsync(aid.Finance, $"/exports/disbursements/{disbursement}?format=xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        Assert.DoesNotContain(sheet.Descendants(), element => element.Name.LocalName == "f");
        Assert.Contains(sheet.Descendants(), element => element.Name.LocalName == "c" && element.Value == "=1+1");
    }

    [Fact]
    public async Task A_reconciliation_tells_what_the_provider_reported()
    {
        var job = await new CashJob(api, "reconciliation export").StartAsync(rows: 4, recallAfterSeconds: 2_592_000);
        var references = await job.ReferencesAsync();
        var sent = await job.SendAsync($"reference,status,amount,reason\n{references[0]},DELIVERED,25.00,\n{references[1]},PARTLY_DELIVERED,10.00,UNCLAIMED\n{references[2]},FAILED,,Wallet closed\n");
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, sent.GetProperty("reportId").GetString()!));
        ApiServer.Done(await job.ReconcileAsync(
            job.Aid.Finance, (await job.SendAsync($"reference,status\n{references[2]},DELIVERED\n")).GetProperty("reportId").GetString()!));

        var path = $"/exports/reconciliations/{job.Disbursement}";
        var rows = await CsvAsync(job.Aid.Finance, path);
        var byReference = rows.Where(row => row[0] == "line").ToDictionary(row => row[2]);
        Assert.Equal(references.Order(), byReference.Keys.Order());
        Assert.Equal(("25.00", "25.00", "0.00", "DELIVERED", ""), Told(byReference[references[0]]));
        Assert.Equal(("25.00", "10.00", "15.00", "PARTLY_DELIVERED", "UNCLAIMED"), Told(byReference[references[1]]));
        Assert.Equal(("25.00", "0.00", "25.00", "FAILED", "WALLET_CLOSED"), Told(byReference[references[2]]));
        Assert.Equal(("25.00", "0.00", "0.00", "INSTRUCTED", ""), Told(byReference[references[3]]));
        Assert.Equal(["NO", "NO", "YES", "NO"], references.Select(reference => byReference[reference][11]));
        Assert.Equal(byReference[references[0]][10], byReference[references[2]][10]);
        Assert.Equal("", byReference[references[3]][10]);
        Assert.Equal(("4", "100.00", "35.00", "40.00", "ALL"), (rows[^1][1], rows[^1][4], rows[^1][5], rows[^1][6], rows[^1][8]));
        Assert.Equal(rows.Skip(1), await InPartsAsync(job.Aid.Finance, path, 2));

        static (string, string, string, string, string) Told(string[] row) => (row[4], row[5], row[6], row[8], row[9]);
    }

    [Fact]
    public async Task Only_who_may_read_it_gets_a_file()
    {
        var aid = await new Aid(api, "export rights").SetUpAsync();
        var list = await EnrolledAsync(aid, 1);
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        (string Path, Actor[] Readers)[] files =
        [
            ($"/exports/statements/{aid.VendorAccount}", [aid.Till]),
            ($"/exports/statements/{(await aid.AccountsAsync(list))[0]}", [aid.Finance, aid.Registrar]),
            ($"/exports/disbursements/{disbursement}", [aid.Finance, aid.Registrar]),
            ($"/exports/reconciliations/{disbursement}", []),
            ($"/exports/statements/{Id.None}", []),
            ("/exports/disbursements/x", []),
        ];
        foreach (var (path, readers) in files)
        {
            foreach (var actor in new[] { aid.Till, aid.Finance, aid.Registrar, aid.Agent, aid.Donor, aid.Cast.Operator })
            {
                using var response = await api.SendAsync(actor.Key, HttpMethod.Get, path);
                Assert.True(response.StatusCode == (readers.Contains(actor) ? HttpStatusCode.OK : HttpStatusCode.NotFound), $"{path} {actor.Member} {response.StatusCode}");
            }

            using var stranger = await api.SendAsync(null, HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        }

        foreach (var wrong in new[] { "format=pdf", "from=yesterday", "to=2026-13-01", "after=0", "after=-1", "rows=0", "rows=1000001", "to=9999-12-31" })
        {
            using var response = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"{files[2].Path}?{wrong}");
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, wrong);
        }
    }

    private static async Task<string> EnrolledAsync(Aid aid, int rows)
    {
        var list = await aid.ListAsync(rows);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        return list;
    }

    /// <summary>A released delivery in person of a whole list of three.</summary>
    private static async Task<string> DraftedAsync(Aid aid, string list, string period, string assistance)
    {
        var drafted = await aid.Cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", true), ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(7_500) } }),
                ("period", period), ("assistanceKind", assistance)), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));
        await aid.Cast.SignedAsync(aid.Approver, "approveDisbursement", aid.Cast.Input(("disbursementId", id)));
        await aid.Cast.SignedAsync(aid.Releaser, "releaseDisbursement", aid.Cast.Input(("disbursementId", id)));
        return id;
    }

    private static Task<JsonElement> RedeemAsync(Aid aid, string beneficiary, long amountMinor) => aid.Cast.DoneAsync(
        aid.Till, "redeemVoucher",
        aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)),
            ("amount", Cast.Money(amountMinor)), ("categories", new[] { "food" }), ("receiptHash", "0x" + new string('1', 64))));

    private async Task<byte[]> BytesAsync(Actor actor, string path, string type = "text/csv")
    {
        using var response = await api.SendAsync(actor.Key, HttpMethod.Get, path);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        return bytes;
    }

    private async Task<List<string[]>> CsvAsync(Actor actor, string path) => Sheets.Csv(await BytesAsync(actor, path));

    /// <summary>The rows of a file that is fetched in parts of so many numbers, as long as another one is named.</summary>
    private async Task<List<string[]>> InPartsAsync(Actor actor, string path, int rows)
    {
        var all = new List<string[]>();
        for (var (next, parts) = ("", 0); ; parts++)
        {
            using var response = await api.SendAsync(actor.Key, HttpMethod.Get, $"{path}?rows={rows}{next}");
            all.AddRange(Sheets.Csv(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Skip(1));
            if (!response.Headers.TryGetValues("Export-Next", out var named))
            {
                Assert.InRange(parts, 1, 10);
                return all;
            }

            next = $"&after={Assert.Single(named)}";
        }
    }

    private static void CheckBalances(List<string[]> rows)
    {
        for (var row = 1; row < rows.Count; row++)
        {
            foreach (var (change, after) in new[] { (4, 6), (5, 7) })
            {
                decimal Of(int at, int column) => at < rows.Count ? decimal.Parse(rows[at][column], CultureInfo.InvariantCulture) : 0;
                Assert.Equal(Of(row, after), Of(row, change) + Of(row + 1, after));
            }
        }
    }

    /// <summary>A cell of both files: text is text, a number the same number.</summary>
    private static bool Same(string csv, object? cell) =>
        cell is double number ? decimal.Parse(csv, CultureInfo.InvariantCulture) == (decimal)number : Sheets.Text(cell) == csv;
}
