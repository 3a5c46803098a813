using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Domain;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>People ask for what the ledger does not do; each answer is a stable code. Nothing of it leaves a trace.</summary>
internal sealed class Refusals(GraphQlClient client, IAnsiConsole console, TimeProvider time)
{
    /// <summary>A counter that no delivery of the day has reached.</summary>
    private const ulong FreeCounter = 1_000_000;

    private readonly SortedDictionary<string, string> codes = new(StringComparer.Ordinal);

    /// <summary>The code of each kind of refusal that was met.</summary>
    public IReadOnlyDictionary<string, string> Codes => codes;

    /// <summary>A registrar takes money in; another NGO pays from a program that is not its own; a cost is above its budget line.</summary>
    public async Task OfMoneyAsync(Ngo own, Ngo other, CancellationToken cancellationToken)
    {
        JsonObject Money(long amountMinor, string evidence) => new()
        {
            ["grantId"] = own.Grants[0].Id, ["amount"] = Json.Money(amountMinor, DayLists.Currency), ["evidence"] = Json.Evidence(evidence),
        };
        await MeetAsync("role", "A registrar records a receipt", [RefusalCode.Forbidden], () =>
            client.MutateAsync(own.Cast.Registrar, "recordReceipt", Money(1, "a slip"), "transaction { hash }", cancellationToken));
        await MeetAsync("ownOrganisationOnly", $"{other.Name} pays from a program of {own.Name}", [RefusalCode.NotFound], () =>
            client.MutateAsync(
                other.Cast.Registrar, "createDisbursement",
                new JsonObject
                {
                    ["programId"] = own.ProgramId, ["listId"] = other.List.ListId, ["firstRow"] = "0", ["rows"] = "1", ["inPerson"] = false,
                    ["grants"] = new JsonArray(new JsonObject { ["grantId"] = own.Grants[0].Id, ["amount"] = Json.Money(other.List.Rows[0].AmountMinor, DayLists.Currency) }),
                    ["period"] = time.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture), ["assistanceKind"] = "food",
                },
                "disbursement { id }", cancellationToken));
        await MeetAsync("budget", "Finance books one cent more than the budget line has", [RefusalCode.BudgetExceeded], () =>
        {
            var cost = Money(own.Grants[0].CostMinor + 1, "an invoice");
            cost["budgetLine"] = Funding.BudgetLine;
            return client.MutateAsync(own.Cast.Finance, "recordCost", cost, "transaction { hash }", cancellationToken);
        });
    }

    /// <summary>An agent delivers twice, with an old signature, with more than the device may, and with a key that is not the device's.</summary>
    public async Task OfDeliveriesAsync(FieldTeam team, string disbursement, int delivered, int open, byte[] foreignKey, CancellationToken cancellationToken)
    {
        await MeetAsync("duplicate", "An agent delivers to a household again", [RefusalCode.AlreadyAssisted], () =>
            team.DeliverAsync(disbursement, delivered, FreeCounter, cancellationToken));
        await MeetAsync("stale", "An agent sends what was signed for an hour that is over", [RefusalCode.DeadlinePassed], () =>
            team.DeliverAsync(disbursement, open, FreeCounter + 1, cancellationToken, TimeSpan.FromHours(-1)));
        var small = await team.RegisterAsync(open, 1, cancellationToken);
        await MeetAsync("limit", "A device delivers more than it may to one household", [RefusalCode.AgentLimitExceeded], () =>
            team.DeliverAsync(disbursement, open, FreeCounter + 2, cancellationToken, device: small));
        await MeetAsync("wrongSignature", "Somebody signs for a device with another key", [RefusalCode.SignatureInvalid], () =>
            team.DeliverAsync(disbursement, open, FreeCounter + 3, cancellationToken, key: foreignKey));
    }

    /// <summary>A voucher is spent after its time. Once the ledger has swept it, there is nothing left to spend.</summary>
    public Task OfExpiredAsync(Ngo ngo, Beneficiary beneficiary, CancellationToken cancellationToken) =>
        MeetAsync("expired", "A voucher is spent after it has expired", [RefusalCode.VoucherExpired, RefusalCode.InsufficientFunds], () =>
            Shops.RedeemAsync(client, ngo, ngo.Cast.Vendors[0], beneficiary, "too late", cancellationToken));

    /// <summary>Tries something that must be refused with one of these codes.</summary>
    public async Task MeetAsync(string kind, string what, IReadOnlyList<string> expected, Func<Task> attempt)
    {
        try
        {
            await attempt();
        }
        catch (RefusedException no) when (expected.Contains(no.Code))
        {
            codes[kind] = no.Code;
            console.MarkupLineInterpolated($"  {what}: [yellow]{no.Code}[/].");
            return;
        }

        throw new RefusedException(kind, "NOT_REFUSED", $"{what}, and the ledger does it.");
    }
}
