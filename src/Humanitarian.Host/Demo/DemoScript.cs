using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Programs;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>What the script did, before the chain is verified.</summary>
/// <param name="ListedMinor">Sum of the good rows, less those that the ledger refused to pay.</param>
/// <param name="Told">What the donors are told: figures that cover many households each.</param>
internal sealed record DemoOutcome(long Rows, long RowsRefused, long ListedMinor, Trace Trace, Trace Told);

/// <summary>The main job, through the API, as a client does it: from donation to shop counter.</summary>
internal sealed class DemoScript(GraphQlClient client, Actor ledgerOperator, DemoList list, IAnsiConsole console, TimeProvider time, IRandomSource random)
{
    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private Cast cast = null!;
    private string programId = "";

    public async Task<DemoOutcome> RunAsync(CancellationToken cancellationToken)
    {
        await SetUpAsync(cancellationToken);
        var imported = await ListUpload.SendAsync(client, cast.Registrar, programId, list, cancellationToken);
        ShowRefused(imported);
        var total = imported.Rows.Sum(row => row.AmountMinor);
        Say($"[green]{imported.Rows.Count:N0}[/] good rows, together {Money(total)}; [yellow]{imported.RowsRefused:N0}[/] refused.");

        var slices = Slices.Of(imported.Rows.Count);
        long Total(int first, int rows) => imported.Rows.Skip(first).Take(rows).Sum(row => row.AmountMinor);
        var (bulk, expiring, inPerson) = (Total(0, slices.Bulk), Total(slices.Bulk, slices.Expiring), Total(slices.Bulk + slices.Expiring, slices.InPerson));
        var first = Slices.FirstShare(bulk) + Slices.FirstShare(expiring) + Slices.FirstShare(inPerson);
        var grants = await new Funding(client, ledgerOperator, cast, programId, list, time).FundAsync([first, total - first], cancellationToken);
        Say($"Two donors fund the program with {Money(total + grants.Sum(grant => grant.CostMinor + grant.ReserveMinor))}{(grants[1].Currency == list.Currency ? "" : $", the second in {grants[1].Currency}, which a bank converts")}.");

        await client.MutateAsync(cast.Registrar, "enrolBeneficiaries", new JsonObject { ["programId"] = programId, ["listId"] = imported.ListId }, "transaction { hash }", cancellationToken);
        Say($"Everyone on the list is enrolled.");

        var disbursing = new Disbursing(client, cast, programId, imported.ListId, list.Currency, time);
        (string, long)[] Shares(long amount) => [(grants[0].Id, Slices.FirstShare(amount)), (grants[1].Id, amount - Slices.FirstShare(amount))];
        var disbursements = new List<string> { await disbursing.ReleaseAsync(0, slices.Bulk, bulk, false, Shares(bulk), null, cancellationToken) };
        var unpaid = bulk - await PayAsync(disbursing, disbursements[0], slices.Bulk, cancellationToken);
        if (slices.Expiring > 0)
        {
            disbursements.Add(await disbursing.ReleaseAsync(
                slices.Bulk, slices.Expiring, expiring, false, Shares(expiring), time.GetUtcNow() + ExpiresAfter, cancellationToken));
            unpaid += expiring - await PayAsync(disbursing, disbursements[^1], slices.Expiring, cancellationToken);
            disbursements.Add(await disbursing.ReleaseAsync(slices.Bulk + slices.Expiring, slices.InPerson, inPerson, true, Shares(inPerson), null, cancellationToken));
            await DeliverAsync(disbursements[^1], [.. imported.Rows.Skip(slices.Bulk + slices.Expiring)], inPerson, cancellationToken);
        }

        var received = await RedeemAsync([.. imported.Rows.Take(slices.Bulk), .. imported.Rows.Skip(slices.Bulk + slices.Expiring)], cancellationToken);
        await SettleAsync(cast.Vendors[0], received[0], cancellationToken);
        await client.MutateAsync(cast.Finance, "recordCost", Outflow(grants[0].Id, grants[0].CostMinor, "transport", ("budgetLine", Funding.BudgetLine)), "transaction { hash }", cancellationToken);
        await SweptAsync(grants, expiring, cancellationToken);
        await client.MutateAsync(cast.Finance, "returnGrant", Outflow(grants[1].Id, grants[1].ReserveMinor / 2, "return to the donor"), "transaction { hash }", cancellationToken);
        foreach (var disbursement in disbursements)
        {
            await disbursing.CompleteAsync(disbursement, cancellationToken);
        }

        return new DemoOutcome(
            imported.Rows.Count, imported.RowsRefused, total - unpaid, Trace.Sum("both donations", await Donations.TracesAsync(client, cast.Finance, grants, cancellationToken)),
            Trace.Sum("both, as their donors are told", await Donations.ToldAsync(client, grants, cancellationToken)));
    }

    private async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await client.MutateAsync(
            ledgerOperator, "defineUnit", new JsonObject { ["code"] = list.Currency, ["exponent"] = list.Exponent }, "transaction { hash }", cancellationToken);
        cast = await new Casting(client, ledgerOperator, random).RegisterAsync(cancellationToken);
        Say($"The operator has registered an NGO with six members, {cast.Donors.Count} donors and {cast.Vendors.Count} vendors; each holds their own signing key.");
        var created = await client.MutateAsync(
            cast.Administrator,
            "createProgram",
            new JsonObject { ["name"] = "Food vouchers", ["unit"] = list.Currency, ["terms"] = Terms() },
            "program { id }",
            cancellationToken);
        programId = (string)created["program"]!["id"]!;
        for (var i = 0; i < cast.Vendors.Count; i++)
        {
            await client.MutateAsync(
                cast.Administrator,
                "accreditVendor",
                new JsonObject { ["programId"] = programId, ["vendorAccountId"] = cast.Vendors[i].AccountId, ["categories"] = Casting.Texts([Casting.Categories[i]]) },
                "transaction { hash }",
                cancellationToken);
        }

        Say("The NGO runs a voucher program; the vendors are accredited, each for goods of a category.");
    }

    /// <summary>The preset; its cap is made for the shipped list and raised for any other.</summary>
    private string Terms()
    {
        var terms = JsonNode.Parse(TermsJson.Preset("voucher")!)!;
        foreach (var rule in ((JsonArray)terms["rules"]!).Where(rule => (string?)rule!["rule"] == "entitlementPerPeriod" && list.RaisesCap))
        {
            rule!["maximumMinor"] = DemoList.RaisedCapMinor;
        }

        return terms.ToJsonString();
    }

    private async Task<long> PayAsync(Disbursing disbursing, string disbursement, int rows, CancellationToken cancellationToken)
    {
        var paid = await console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask("Crediting vouchers", maxValue: rows);
            return await disbursing.PaidAsync(disbursement, look => bar.Value = look.PaidLines, cancellationToken);
        });
        foreach (var reason in paid.Unpaid)
        {
            Say($"[yellow]not paid[/] {Markup.Escape(reason)}");
        }

        return paid.PaidMinor;
    }

    private async Task DeliverAsync(string disbursement, Beneficiary[] rows, long totalMinor, CancellationToken cancellationToken)
    {
        var devices = new List<(FieldAgent Agent, Id Device)>();
        foreach (var agent in cast.Agents)
        {
            var registered = await client.MutateAsync(
                cast.Administrator,
                "registerDevice",
                new JsonObject
                {
                    ["memberId"] = agent.Actor.Member.ToString(),
                    ["programId"] = programId,
                    ["site"] = "",
                    ["address"] = Secp256k1.AddressOf(agent.DeviceKey).ToChecksumText(),
                    ["perDay"] = Json.Money(totalMinor, list.Currency),
                    ["perBeneficiary"] = Json.Money(rows.Max(row => row.AmountMinor), list.Currency),
                },
                "deviceId",
                cancellationToken);
            devices.Add((agent, Id.Parse((string)registered["deviceId"]!)));
        }

        await Crowd.EachAsync(console, "Field agents deliver", rows.Length, async index =>
        {
            var (agent, device) = devices[index % devices.Count];
            var now = time.GetUtcNow();
            var delivery = new DeliveryToSign(
                device, Id.Parse(disbursement), Id.Parse(rows[index].AccountId), list.Currency, rows[index].AmountMinor, FieldDeliveries.Purpose,
                now.ToUnixTimeMilliseconds(), now.AddHours(1).ToUnixTimeMilliseconds(), (ulong)index + 1);
            await client.MutateAsync(
                agent.Actor,
                "creditBeneficiary",
                new JsonObject
                {
                    ["deviceId"] = device.ToString(),
                    ["disbursementId"] = disbursement,
                    ["accountId"] = rows[index].AccountId,
                    ["amount"] = Json.Money(delivery.AmountMinor, list.Currency),
                    ["occurredAt"] = delivery.OccurredAt.ToString(CultureInfo.InvariantCulture),
                    ["deadline"] = delivery.Deadline.ToString(CultureInfo.InvariantCulture),
                    ["counter"] = delivery.Counter.ToString(CultureInfo.InvariantCulture),
                    ["signature"] = client.Sign(agent.DeviceKey, delivery),
                },
                "transaction { hash }",
                cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Three of five beneficiaries go shopping, every other of them spends only half; returns what each vendor received.</summary>
    private async Task<long[]> RedeemAsync(Beneficiary[] rows, CancellationToken cancellationToken)
    {
        var shoppers = rows.Where((_, index) => index % 5 < 3).ToArray();
        var received = new long[cast.Vendors.Count];
        await Crowd.EachAsync(console, "Beneficiaries redeem at the vendors", shoppers.Length, async index =>
        {
            var (vendor, amount) = (cast.Vendors[index % cast.Vendors.Count], index % 2 == 0 ? shoppers[index].AmountMinor : (shoppers[index].AmountMinor + 1) / 2);
            await client.MutateAsync(
                vendor.Till,
                "redeemVoucher",
                new JsonObject
                {
                    ["programId"] = programId,
                    ["beneficiaryAccountId"] = shoppers[index].AccountId,
                    ["vendorAccountId"] = vendor.AccountId,
                    ["amount"] = Json.Money(amount, list.Currency),
                    ["categories"] = Casting.Texts([Casting.Categories[index % cast.Vendors.Count]]),
                    ["receiptHash"] = Json.Evidence($"{vendor.Name}, till receipt {index + 1}"),
                },
                "transaction { hash }",
                cancellationToken);
            Interlocked.Add(ref received[index % cast.Vendors.Count], amount);
        }, cancellationToken);
        return received;
    }

    private async Task SettleAsync(Vendor vendor, long amountMinor, CancellationToken cancellationToken)
    {
        var requested = await client.MutateAsync(
            vendor.Till,
            "settleVendor",
            new JsonObject
            {
                ["programId"] = programId,
                ["vendorAccountId"] = vendor.AccountId,
                ["amount"] = Json.Money(amountMinor, list.Currency),
                ["until"] = Json.Time(time.GetUtcNow().AddDays(7)),
            },
            "settlement { id }",
            cancellationToken);
        await client.MutateAsync(
            cast.Finance,
            "approveSettlement",
            new JsonObject
            {
                ["settlementId"] = (string)requested["settlement"]!["id"]!,
                ["amount"] = Json.Money(amountMinor, list.Currency),
                ["evidence"] = Json.Evidence($"bank transfer to {vendor.Name}"),
            },
            "transaction { hash }",
            cancellationToken,
            amountMinor);
        Say($"{vendor.Name} is settled with {Money(amountMinor)}.");
    }

    /// <summary>Looks until the ledger has taken back what expired.</summary>
    private async Task SweptAsync(IReadOnlyList<FundedGrant> grants, long expiringMinor, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while ((await Donations.TracesAsync(client, cast.Finance, grants, cancellationToken)).Sum(trace => trace.Expired) < expiringMinor)
        {
            if (time.GetElapsedTime(started) > SweepPatience)
            {
                throw new RefusedException("expiry", "UNFINISHED", "Vouchers that have expired were not taken back.");
            }

            await Task.Delay(BetweenLooks, time, cancellationToken);
        }

        Say($"{Money(expiringMinor)} expired unused and went back to its grants.");
    }

    private JsonObject Outflow(string grant, long amountMinor, string evidence, params (string Name, string Value)[] more)
    {
        var input = new JsonObject { ["grantId"] = grant, ["amount"] = Json.Money(amountMinor, list.Currency), ["evidence"] = Json.Evidence(evidence) };
        foreach (var (name, value) in more)
        {
            input[name] = value;
        }

        return input;
    }

    private void ShowRefused(ImportedList imported)
    {
        if (imported.Errors.Count == 0)
        {
            return;
        }

        var table = new Table { Title = new TableTitle("Refused rows") }.AddColumns("line", "column", "value", "code", "reason");
        foreach (var error in imported.Errors.Take(ImportedList.ErrorsShown))
        {
            table.AddRow([.. error.Select(cell => new Text(cell))]);
        }

        console.Write(table);
    }

    private void Say(string markup) => console.MarkupLine(markup);

    private string Money(long amountMinor) => Currencies.Text(amountMinor, list.Currency, list.Exponent);
}
