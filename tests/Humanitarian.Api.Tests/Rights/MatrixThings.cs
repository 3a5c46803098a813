using System.Text.Json;
using Humanitarian.Api.Alerts;
using Humanitarian.Api.Organisations;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Cash;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>One thing of each kind that belongs to an organisation, and members with one role each of it and of another.</summary>
internal sealed record MatrixThings(IReadOnlyList<Actor> Own, IReadOnlyList<Actor> Others, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>Ids of the things, by the names of the input fields that take them.</summary>
    public required IReadOnlyDictionary<string, object> Ids { get; init; }

    /// <summary>The beneficiary whose things they are, signed in.</summary>
    public required Actor Person { get; init; }

    /// <summary>Endpoints beside GraphQL, and a request to each.</summary>
    public required IReadOnlyDictionary<string, (HttpMethod Method, string Path)> Endpoints { get; init; }

    public static readonly string[] Roles = ["ADMINISTRATOR", "REGISTRAR", "APPROVER", "RELEASER", "FINANCE", "FIELD_AGENT", "VENDOR", "READER", "OPERATOR", "PROGRAM_MANAGER", "AUDITOR", "HELP_LINE", "PROTECTION"];

    public static async Task<MatrixThings> MakeAsync(ApiServer api, string name = "rights matrix")
    {
        Assert.Equal(Enum.GetValues<Role>().Length, Roles.Length);
        var job = await new CashJob(api, name).StartAsync(2, 1_000_000);
        var (aid, cast) = (job.Aid, job.Aid.Cast);
        var list = await VouchersAsync(aid, name);
        var rows = (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { listRows(listId: $id, first: 2) { nodes { accountId householdId } } }", new { id = list }))
            .GetProperty("listRows").GetProperty("nodes");
        var (account, household) = (Text(rows[0], "accountId"), Text(rows[0], "householdId"));
        var (payment, transaction) = await PaymentAsync(aid);
        var (late, sampled) = (await LateAsync(api, aid, name), await SampleAsync(aid, list));
        var (settlement, redemption) = await SettlementAsync(aid, account);
        var succession = await cast.DoneAsync(aid.Registrar, "recordDeath", cast.Input(("householdId", Text(rows[1], "householdId")), ("accountId", Text(rows[1], "accountId"))), "succession { id }");
        await cast.DoneAsync(aid.Registrar, "setPin", cast.Input(("accountId", account), ("pin", "730164")));
        var till = await cast.DoneAsync(aid.Administrator, "openAccount", cast.Input(("kind", "VENDOR"), ("tags", Array.Empty<string>())), "account { id }");
        var (file, reconciliation, contradiction) = await ReportsAsync(job);
        var ids = await IdsAsync(api, aid);
        await cast.DoneAsync(aid.Administrator, "proposePayoutDetails", cast.Input(
            ("vendorAccountId", Text(till.GetProperty("account"), "id")), ("details", new { method = "bank", institution = "bank", number = "1", holder = "shop", contact = "shop" })));
        var cost = Text((await cast.DoneAsync(aid.Finance, "recordCost", cast.Input(
            ("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(100))), "cost { id }")).GetProperty("cost"), "id");
        var opened = await cast.DoneAsync(
            aid.Administrator, "openCase", cast.Input(("accountId", account), ("kind", "QUESTION"), ("text", "When is the next distribution?")), "case { id }");
        var webhook = await WebhookAsync(aid);
        var (invitation, emergency) = (await InvitationAsync(aid), await EmergencyAsync(aid, settlement));
        var suspicion = await OverlapAsync(api, aid);
        await ToldOfAsync(aid, account, settlement);
        var arguments = new Dictionary<string, string>
        {
            ["node"] = Id(ids.Node), ["nodes"] = $"(ids: [\"{ids.Node}\"])", ["member"] = Id(Aid.Text(aid.Finance.Member)), ["accounts"] = "(first: 1)",
            ["organisations"] = "(first: 1)", ["directory"] = "(first: 1)", ["grants"] = "(first: 1)", ["households"] = "(first: 1)", ["vendor"] = Id(ids.Vendor), ["device"] = Id(Aid.Text(aid.Device)), ["devices"] = "(first: 1)", ["enrolment"] = Id(ids.Enrolment),
            ["vendors"] = $"(programId: \"{aid.Program}\", first: 1)", ["enrolments"] = $"(programId: \"{aid.Program}\", first: 1)",
            ["settlements"] = $"(vendorAccountId: \"{account}\", first: 1)", ["cashLine"] = Id((await job.ReferencesAsync())[0]), ["instructionFile"] = Id(file),
            ["reconciliation"] = Id(reconciliation), ["contradiction"] = Id(contradiction),
            ["payoutDetails"] = $"(vendorAccountId: \"{Text(till.GetProperty("account"), "id")}\")", ["notices"] = "(first: 1)",
            ["deliveryExceptions"] = $"(programId: \"{aid.Program}\", first: 1)", ["deliveryException"] = Id(late), ["sample"] = Id(sampled.Sample),
            ["redemption"] = Id(redemption),
            ["beneficiary"] = Id(account, "accountId"), ["accessLog"] = $"(accountId: \"{account}\", first: 1)", ["case"] = Id(Text(opened.GetProperty("case"), "id")),
            ["credential"] = Id(account, "accountId"),
            ["cardChallenge"] = $"(programId: \"{Aid.Text(aid.Program)}\", beneficiaryAccountId: \"{account}\", vendorAccountId: \"{Text(till.GetProperty("account"), "id")}\", amountMinor: \"1\")",
            ["me"] = "", ["dueForgettings"] = "(first: 1)", ["bulkOperations"] = "(first: 1)", ["operation"] = "(idempotencyKey: \"never sent\")", ["ledger"] = "", ["block"] = "(height: \"0\")", ["programs"] = "(first: 1)",
            ["invitations"] = "(first: 1)", ["emergencies"] = "(first: 1)", ["screenings"] = "(first: 1)", ["guidance"] = $"(groupId: \"{Aid.Text(aid.Administrator.Organisation)}\", first: 1)",
            ["issuers"] = "", ["passkeys"] = "(first: 1)", ["organisation"] = Id(Aid.Text(aid.Administrator.Organisation)), ["program"] = Id(Aid.Text(aid.Program)), ["grant"] = Id(Aid.Text(aid.Grant)),
            ["cost"] = Id(cost), ["costs"] = $"(grantId: \"{aid.Grant}\", first: 1)", ["donationTrace"] = Id(Aid.Text(aid.Grant), "grantId"), ["grantBudget"] = Id(Aid.Text(aid.Grant), "grantId"), ["programBudget"] = Id(Aid.Text(aid.Program), "programId"), ["donationFlows"] = Id(Aid.Text(aid.Grant), "grantId"), ["donationSpending"] = Id(Aid.Text(aid.Grant), "grantId"), ["donationReach"] = Id(Aid.Text(aid.Grant), "grantId"), ["list"] = Id(list), ["listRows"] = $"(listId: \"{list}\", first: 1)",
            ["account"] = Id(account), ["statement"] = $"(accountId: \"{account}\", first: 1)", ["household"] = Id(household),
            ["succession"] = Id(Text(succession.GetProperty("succession"), "id")), ["payment"] = Id(payment), ["settlement"] = Id(settlement),
            ["transactionProof"] = Id(transaction, "hash"), ["localCurrency"] = Id(await LocalCurrencyAsync(aid), "programId"),
            ["disbursement"] = Id(sampled.Disbursement), ["disbursements"] = $"(programId: \"{Aid.Text(aid.Program)}\", first: 1, period: \"2027-01\")",
            ["cashLines"] = $"(disbursementId: \"{job.Disbursement}\", first: 1)", ["cashLineCounts"] = Id(job.Disbursement, "disbursementId"),
            ["instructionFiles"] = Id(job.Disbursement, "disbursementId"), ["reconciliations"] = Id(job.Disbursement, "disbursementId"),
            ["contradictions"] = Id(job.Disbursement, "disbursementId"), ["programStillOpen"] = Id(Aid.Text(aid.Program), "programId"), ["programTotals"] = Id(Aid.Text(aid.Program), "programId"),
            ["alerts"] = "(first: 1)", ["auditTrail"] = "(first: 1)", ["webhooks"] = "(first: 1)", ["webhook"] = Id(webhook), ["webhookDeliveries"] = $"(webhookId: \"{webhook}\", first: 1)", ["live alerts"] = "(after: \"0\")",
            ["overlap"] = Id(suspicion.Overlap), ["overlaps"] = "(first: 1)", ["matchingRuns"] = "(first: 1)", ["matchingRun"] = Id(suspicion.Run),
            ["invitation"] = Id(invitation), ["emergency"] = Id(emergency),
            ["live accountEntries"] = $"(accountId: \"{account}\", after: \"0\")", ["live blocks"] = "(after: \"0\")",
            ["live disbursementProgress"] = Id(sampled.Disbursement, "disbursementId"), ["live programTotals"] = Id(Aid.Text(aid.Program), "programId"),
        };
        var other = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        foreach (var organisation in new[] { aid.Administrator.Organisation, other.Organisation })
        {
            await api.Services.GetRequiredService<AlertLog>().RaiseAsync(organisation, AlertKind.LimitNear, Domain.Id.None, "matrix", "matrix");
            await api.Services.GetRequiredService<AlertLog>().RaiseAsync(organisation, AlertKind.ForgettingDue, Domain.Id.None, "matrix", "matrix");
        }

        var path = await job.PathAsync("OWN");
        var (program, disbursement) = (Aid.Text(aid.Program), job.Disbursement);
        var own = await MembersAsync(cast, aid.Administrator);
        var operation = await BulkOperationAsync(api, own[0]);
        (arguments["bulkOperation"], arguments["live bulkProgress"]) = (Id(operation), Id(operation, "operationId"));
        return new MatrixThings(own, await MembersAsync(cast, other), arguments)
        {
            Person = await PersonAsync(api, aid, account),
            Ids = new Dictionary<string, object>
            {
                ["programId"] = program, ["grantId"] = Aid.Text(aid.Grant), ["costId"] = cost, ["listId"] = list, ["disbursementId"] = disbursement, ["floatAccountId"] = Aid.Text(job.Provider),
                ["accountId"] = account, ["payerAccountId"] = account, ["payeeAccountId"] = Text(rows[1], "accountId"), ["beneficiaryAccountId"] = account,
                ["vendorAccountId"] = Aid.Text(aid.VendorAccount), ["collectorId"] = account, ["alternateIds"] = Array.Empty<string>(), ["accountIds"] = new[] { account },
                ["householdId"] = household, ["householdIds"] = new[] { household, Text(rows[1], "householdId") }, ["successionId"] = Text(succession.GetProperty("succession"), "id"),
                ["paymentId"] = payment, ["settlementId"] = settlement, ["memberId"] = Aid.Text(aid.Finance.Member), ["organisationId"] = Aid.Text(aid.Administrator.Organisation),
                ["donorId"] = Aid.Text(aid.Donor.Organisation), ["deviceId"] = Aid.Text(aid.Device), ["webhookId"] = webhook, ["subjectId"] = account,
                ["overlapId"] = suspicion.Overlap, ["operationId"] = operation, ["exceptionId"] = late, ["caseId"] = Text(opened.GetProperty("case"), "id"), ["redemptionId"] = redemption, ["payoutId"] = settlement,
                ["invitationId"] = invitation, ["emergencyId"] = emergency, ["forMemberId"] = Aid.Text(aid.Approver.Member), ["challenge"] = "",
                ["successorId"] = Text(rows[1], "accountId"), ["newCollectorId"] = account, ["grantIds"] = new[] { Aid.Text(aid.Grant) }, ["memberIds"] = new[] { Aid.Text(aid.Approver.Member) }, ["programIds"] = new[] { program },
                ["pin"] = "730164", ["address"] = "", ["preset"] = "voucher", ["reportId"] = await ReportAsync(job), ["contradictionId"] = new string('0', 31) + "1",
                ["keyId"] = Text(await cast.DoneAsync(aid.Administrator, "createApiKey", cast.Input(("memberId", Aid.Text(aid.Finance.Member))), "keyId"), "keyId"),
            },
            Endpoints = new Dictionary<string, (HttpMethod, string)>
            {
                ["GET /exports/statements/{id}"] = (HttpMethod.Get, $"/exports/statements/{account}"), ["GET /exports/disbursements/{id}"] = (HttpMethod.Get, $"/exports/disbursements/{disbursement}"),
                ["GET /exports/samples/{id}"] = (HttpMethod.Get, $"/exports/samples/{sampled.Disbursement}"), ["GET /exports/reconciliations/{id}"] = (HttpMethod.Get, $"/exports/reconciliations/{disbursement}"), ["GET /exports/5w/{id}"] = (HttpMethod.Get, $"/exports/5w/{program}"),
                ["GET /exports/budgets/{id}"] = (HttpMethod.Get, $"/exports/budgets/{program}"),
                ["GET /exports/iati"] = (HttpMethod.Get, $"/exports/iati?program={program}&reporter=KE-NCB-1"), ["GET /lists/{id}/errors"] = (HttpMethod.Get, $"/lists/{list}/errors"),
                ["GET /instructions/{id}"] = (HttpMethod.Get, path), ["POST /lists"] = (HttpMethod.Post, $"/lists?program={program}"),
                ["POST /disbursements/{id}/reports"] = (HttpMethod.Post, $"/disbursements/{disbursement}/reports"),
                ["POST /bulk/{mutation}"] = (HttpMethod.Post, "/bulk/transfer"), ["GET /bulk/operations/{id}/results"] = (HttpMethod.Get, $"/bulk/operations/{operation}/results"),
            },
        };
    }

    private static async Task<IReadOnlyList<Actor>> MembersAsync(Cast cast, Actor organisation)
    {
        var members = new List<Actor>();
        foreach (var role in Roles)
        {
            members.Add(await cast.MemberAsync(cast.Operator, organisation, role));
        }

        return members;
    }

    private static async Task<Actor> PersonAsync(ApiServer api, Aid aid, string account)
    {
        var visitor = new Visitor(api, account);
        var (token, _, _) = await visitor.EnterAsync(new { accountId = account, code = await visitor.CodeAsync(aid.Cast, aid.Registrar) });
        return new Actor(Domain.Id.Parse(account), aid.Registrar.Organisation, token!, default);
    }

    /// <summary>A file of commands; it is its caller's alone.</summary>
    private static async Task<string> BulkOperationAsync(ApiServer api, Actor caller)
    {
        using var file = new StringContent("{}");
        var request = new HttpRequestMessage(HttpMethod.Post, "/bulk/transfer") { Content = file, Headers = { { "Prefer", "respond-async" }, { "Idempotency-Key", "matrix" } } };
        request.Headers.Authorization = new("Bearer", caller.Key);
        using var response = await api.Http.SendAsync(request);
        return Text(JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()), "operationId");
    }

    /// <summary>People with vouchers.</summary>
    private static async Task<string> VouchersAsync(Aid aid, string name)
    {
        var (_, answer) = await aid.UploadAsync(aid.Registrar, Aid.Rows($"{name} vouchers", 2, 5_000));
        var list = Text(answer, "listId");
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 2, inPerson: false), "COMPLETED");
        return list;
    }

    /// <summary>A delivery that came too late.</summary>
    private static async Task<string> LateAsync(ApiServer api, Aid aid, string name)
    {
        var (_, answer) = await aid.UploadAsync(aid.Registrar, Aid.Rows($"{name} late", 1, 6_000));
        var (list, cast) = (Text(answer, "listId"), aid.Cast);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: true);
        await cast.DoneAsync(aid.Registrar, "completeDisbursement", cast.Input(("disbursementId", disbursement)));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return Text(await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", cast.Input(
            ("deviceId", Aid.Text(aid.Device)), ("disbursementId", disbursement), ("accountId", (await aid.AccountsAsync(list))[0]), ("amount", Cast.Money(2_500)),
            ("occurredAt", Cast.Text(now)), ("deadline", Cast.Text(now + 600_000)), ("counter", "1")), "exceptionId"), "exceptionId");
    }

    /// <summary>An auditor's sample, and its disbursement.</summary>
    private static async Task<(string Sample, string Disbursement)> SampleAsync(Aid aid, string list)
    {
        var drafted = await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2027-01"), ("assistanceKind", "food"),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(5_000) } })), "disbursement { id }");
        var (auditor, disbursement) = (await aid.Cast.MemberAsync(aid.Administrator, "AUDITOR"), Text(drafted.GetProperty("disbursement"), "id"));
        var secret = Hash32.Parse($"0x{new string('1', 64)}");
        var committed = await aid.Cast.SignedAsync(auditor, "commitSample", aid.Cast.Input(
            ("disbursementId", disbursement), ("commitment", SampleRecord.CommitmentTo(secret).ToString()), ("lines", 1)), "sample { id }");
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        await aid.Cast.SignedAsync(aid.Approver, "approveDisbursement", aid.Cast.Input(("disbursementId", disbursement)));
        await aid.Cast.SignedAsync(auditor, "revealSample", aid.Cast.Input(("disbursementId", disbursement), ("secret", secret.ToString())));
        return (Text(committed.GetProperty("sample"), "id"), disbursement);
    }

    /// <summary>An instruction file, the import of a report, and what contradicts it.</summary>
    private static async Task<(string File, string Reconciliation, string Contradiction)> ReportsAsync(CashJob job)
    {
        await job.PathAsync("OWN");
        var line = (await job.ReferencesAsync())[0];
        foreach (var status in new[] { "FAILED", "DELIVERED" })
        {
            var report = await job.SendAsync($"reference,status\n{line},{status}\n");
            ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, Text(report, "reportId")));
        }

        async Task<string> FirstAsync(string field) => Text((await job.AskAsync($"{field}(disbursementId: $id) {{ id }}"))[0], "id");
        return (await FirstAsync("instructionFiles"), await FirstAsync("reconciliations"), await FirstAsync("contradictions"));
    }

    /// <summary>The global id of the program, and ids of a vendor and an enrolment in it.</summary>
    private static async Task<(string Node, string Vendor, string Enrolment)> IdsAsync(ApiServer api, Aid aid)
    {
        var seen = await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { program(id: $id) { nodeId } vendors(programId: $id, first: 1) { nodes { id } } enrolments(programId: $id, first: 1) { nodes { id } } }",
            new { id = Aid.Text(aid.Program) });
        string FirstOf(string field) => Text(seen.GetProperty(field).GetProperty("nodes")[0], "id");
        return (Text(seen.GetProperty("program"), "nodeId"), FirstOf("vendors"), FirstOf("enrolments"));
    }

    /// <summary>A settlement request, and a redemption of terms that look back at them.</summary>
    private static async Task<(string Settlement, string Redemption)> SettlementAsync(Aid aid, string beneficiary)
    {
        var terms = TermsJson.Preset("voucher")!.Replace("{ \"rule\": \"itemReceipt\" }", "{ \"rule\": \"itemReceipt\" }, { \"rule\": \"refunds\", \"days\": 7 }, { \"rule\": \"breakGlass\", \"maximumMinor\": 5000, \"seconds\": 86400 }", StringComparison.Ordinal);
        await aid.AmendAsync(terms);
        var redeemed = await aid.Cast.DoneAsync(aid.Till, "redeemVoucher", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(1_000)),
            ("categories", new[] { "food" }), ("receiptHash", $"0x{new string('1', 64)}")), "redemptionId");
        var asked = await aid.Cast.DoneAsync(aid.Till, "settleVendor", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(1_000)),
            ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }");
        return (Text(asked.GetProperty("settlement"), "id"), Text(redeemed, "redemptionId"));
    }

    /// <summary>A payment that waits, and the hash of a transaction of the organisation.</summary>
    private static async Task<(string Payment, string Transaction)> PaymentAsync(Aid aid)
    {
        var cast = aid.Cast;
        await cast.UnitAsync("MTRX");
        var program = Text((await cast.SignedAsync(
            aid.Administrator, "createProgram", cast.Input(("name", "exchange"), ("unit", "MTRX"), ("preset", "mutual-credit")), "program { id }")).GetProperty("program"), "id");
        await cast.DoneAsync(aid.Administrator, "openCommonsFund", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, "MTRX"))));
        async Task<JsonElement> OpenAsync() =>
            await cast.DoneAsync(aid.Registrar, "openMemberAccount", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, "MTRX"))), "account { id }");
        var (payer, payee) = (await OpenAsync(), await OpenAsync());
        var offered = await cast.DoneAsync(aid.Registrar, "offerPayment", cast.Input(
            ("programId", program), ("payerAccountId", Text(payer.GetProperty("account"), "id")), ("payeeAccountId", Text(payee.GetProperty("account"), "id")),
            ("amount", Cast.Money(9_000, "MTRX")), ("until", TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"))), "payment { id }");
        return (Text(offered.GetProperty("payment"), "id"), Text(payer.GetProperty("transaction"), "hash"));
    }

    /// <summary>A provider's report that waits for a signature.</summary>
    private static async Task<string> ReportAsync(CashJob job) =>
        Text(await job.SendAsync($"reference,status\n{(await job.ReferencesAsync())[0]},FAILED\n"), "reportId");

    /// <summary>A webhook that sends nothing.</summary>
    private static async Task<string> WebhookAsync(Aid aid) => Text((await aid.Cast.DoneAsync(aid.Administrator, "createWebhook", aid.Cast.Input(
        ("url", "https://hooks.example.org/"), ("topics", new[] { new { @event = "ALERTS" } }), ("enabled", false)), "webhook { id }")).GetProperty("webhook"), "id");

    private static async Task<string> LocalCurrencyAsync(Aid aid)
    {
        await aid.Cast.UnitAsync("EUR");
        await aid.Cast.UnitAsync("MELT");
        var made = await aid.Cast.SignedAsync(
            aid.Administrator, "createProgram", aid.Cast.Input(("name", "local currency"), ("unit", "MELT"), ("preset", "local-currency")), "program { id }");
        return Text(made.GetProperty("program"), "id");
    }

    /// <summary>What is told with other things: a waiver, what was screened and paid, and what a person was told and took back.</summary>
    private static async Task ToldOfAsync(Aid aid, string account, string settlement)
    {
        var (cast, now) = (aid.Cast, TimeProvider.System.GetUtcNow());
        await cast.SignedAsync(aid.Administrator, "proposeSeparationWaiver", cast.Input(
            ("programId", Aid.Text(aid.Program)), ("reason", "Few are there."), ("from", now.AddDays(1).ToString("O")), ("until", now.AddDays(2).ToString("O")),
            ("memberIds", new[] { Aid.Text(aid.Administrator.Member), Aid.Text(aid.Approver.Member) }), ("threshold", 2)));
        await cast.DoneAsync(aid.Finance, "recordScreening", cast.Input(
            ("subjectId", Aid.Text(aid.Till.Organisation)), ("list", "UN"), ("on", now.ToString("yyyy-MM-dd")), ("outcome", "CLEAR"), ("validUntil", now.AddDays(9).ToString("yyyy-MM-dd"))));
        await cast.SignedAsync(aid.Finance, "approveSettlement", cast.Input(("settlementId", settlement), ("amount", Cast.Money(400))));
        await cast.DoneAsync(aid.Till, "proposePayoutDetails", cast.Input(
            ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("details", new { method = "bank", institution = "bank", number = "2", holder = "till", contact = "till" })));
        await cast.DoneAsync(aid.Registrar, "recordPrivacyNotice", cast.Input(("accountId", account), ("basis", "CONSENT"), ("version", "1"), ("retainUntil", "2100-01-01T00:00:00Z")));
        await cast.DoneAsync(aid.Registrar, "withdrawConsent", cast.Input(("accountId", account)));
    }

    private static async Task<string> EmergencyAsync(Aid aid, string settlement) => Text((await aid.Cast.SignedAsync(
        await aid.Cast.MemberAsync(aid.Administrator, "AUDITOR"), "breakGlass", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("subjectId", settlement), ("role", "FINANCE"), ("until", TimeProvider.System.GetUtcNow().AddHours(1).ToString("O")),
            ("reason", "Nobody else is there.")), "emergency { id }")).GetProperty("emergency"), "id");

    private static async Task<string> InvitationAsync(Aid aid) => Text((await aid.Cast.SignedAsync(aid.Administrator, "createInvitation", aid.Cast.Input(
        ("roles", new[] { "READER" }), ("expiresAt", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "invitation { id }")).GetProperty("invitation"), "id");

    /// <summary>A suspicion that a household is another organisation's too.</summary>
    private static async Task<(string Overlap, string Run)> OverlapAsync(ApiServer api, Aid aid)
    {
        var other = await new Aid(api, $"{aid.Cast.Key()} other").SetUpAsync();
        foreach (var (of, register) in new[] { (other, "other"), (aid, "own") })
        {
            var (_, answer) = await of.UploadAsync(of.Registrar, $"household_id,size,amount,phone\nmatrix-{register},4,25.00,+254998877661\n");
            var list = Text(answer, "listId");
            await of.Cast.DoneAsync(of.Registrar, "enrolBeneficiaries", of.Cast.Input(("programId", Aid.Text(of.Program)), ("listId", list)));
            await of.Cast.DoneAsync(of.Registrar, "matchList", of.Cast.Input(
                ("programId", Aid.Text(of.Program)), ("listId", list), ("countOnly", false), ("decideUntil", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))));
        }

        var found = await api.QueryAsync(aid.Approver.Key, "{ overlaps(first: 1) { nodes { id } } matchingRuns(first: 1) { nodes { id } } }");
        string FirstOf(string field) => Text(found.GetProperty(field).GetProperty("nodes")[0], "id");
        return (FirstOf("overlaps"), FirstOf("matchingRuns"));
    }

    private static string Id(string id, string name = "id") => $"({name}: \"{id}\")";

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
