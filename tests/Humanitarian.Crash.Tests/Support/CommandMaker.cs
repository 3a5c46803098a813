using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Transactions;
using Humanitarian.Host.Demo;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>The commands that clients of the world send. Each gets a key of its own.</summary>
internal sealed class CommandMaker(VoucherWorld world, string run)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private int keys;

    public Command Redeem(int shopper, int vendor, long amountMinor, bool wrongGoods = false) => Make(
        "redeemVoucher",
        world.Cast.Vendors[vendor].Till,
        new JsonObject
        {
            ["programId"] = world.ProgramId,
            ["beneficiaryAccountId"] = world.Shoppers[shopper].AccountId,
            ["vendorAccountId"] = world.Cast.Vendors[vendor].AccountId,
            ["amount"] = Json.Money(amountMinor, VoucherWorld.Currency),
            ["categories"] = Casting.Texts([wrongGoods ? "fireworks" : Casting.Categories[vendor]]),
            ["receiptHash"] = Json.Evidence($"receipt of {run}"),
        },
        TransactionKind.Redemption,
        amountMinor,
        refusable: wrongGoods || amountMinor > world.Shoppers[shopper].AmountMinor);

    /// <summary>A field agent's delivery of one line; the device's counter follows the line, so that each counts once.</summary>
    public Command Deliver(int line)
    {
        var (agent, device) = (world.Cast.Agents[line % world.Cast.Agents.Count], world.Devices[line % world.Devices.Count]);
        var row = world.Awaiting[line];
        var delivery = new DeliveryToSign(
            Id.Parse(device), Id.Parse(world.InPerson), Id.Parse(row.AccountId), VoucherWorld.Currency, row.AmountMinor, FieldDeliveries.Purpose,
            Now.ToUnixTimeMilliseconds(), Now.AddHours(20).ToUnixTimeMilliseconds(), (ulong)line + 1);
        return Make(
            "creditBeneficiary",
            agent.Actor,
            new JsonObject
            {
                ["deviceId"] = device,
                ["disbursementId"] = world.InPerson,
                ["accountId"] = row.AccountId,
                ["amount"] = Json.Money(row.AmountMinor, VoucherWorld.Currency),
                ["occurredAt"] = delivery.OccurredAt.ToString(CultureInfo.InvariantCulture),
                ["deadline"] = delivery.Deadline.ToString(CultureInfo.InvariantCulture),
                ["counter"] = delivery.Counter.ToString(CultureInfo.InvariantCulture),
                ["signature"] = Secp256k1.Sign(agent.DeviceKey, SignedObjects.Digest(world.Domain, delivery)).ToString(),
            },
            TransactionKind.Delivery,
            row.AmountMinor);
    }

    public Command Settle(int vendor, long amountMinor) => Make(
        "settleVendor",
        world.Cast.Vendors[vendor].Till,
        new JsonObject
        {
            ["programId"] = world.ProgramId,
            ["vendorAccountId"] = world.Cast.Vendors[vendor].AccountId,
            ["amount"] = Json.Money(amountMinor, VoucherWorld.Currency),
            ["until"] = Json.Time(Now.AddDays(7)),
        },
        TransactionKind.SettlementRequest,
        amountMinor,
        fields: "settlement { id }");

    public Command Approve(Command settle) => Make(
        "approveSettlement",
        world.Cast.Finance,
        new JsonObject
        {
            ["settlementId"] = (string)settle.Known.Payload!["settlement"]!["id"]!,
            ["amount"] = Json.Money(settle.AmountMinor, VoucherWorld.Currency),
            ["evidence"] = Json.Evidence("bank transfer"),
        },
        TransactionKind.Settlement,
        settle.AmountMinor);

    public Command Draft(BulkSlice slice) => Make(
        "createDisbursement",
        world.Cast.Registrar,
        new JsonObject
        {
            ["programId"] = world.ProgramId,
            ["listId"] = world.ListId,
            ["firstRow"] = slice.FirstRow.ToString(CultureInfo.InvariantCulture),
            ["rows"] = slice.Rows.ToString(CultureInfo.InvariantCulture),
            ["inPerson"] = false,
            ["grants"] = new JsonArray([.. WorldSetup.Shares(world.Grants, slice.TotalMinor).Select(share =>
                new JsonObject { ["grantId"] = share.Grant, ["amount"] = Json.Money(share.AmountMinor, VoucherWorld.Currency) })]),
            ["period"] = Now.ToString("yyyy-MM", CultureInfo.InvariantCulture),
            ["assistanceKind"] = "food",
        },
        null,
        slice.TotalMinor,
        fields: "disbursement { id }");

    public Command Validate(string disbursement) => OnDisbursement("validateDisbursement", world.Cast.Registrar, disbursement, null, 0);

    public Command Approve(string disbursement, BulkSlice slice) =>
        OnDisbursement("approveDisbursement", world.Cast.Approver, disbursement, TransactionKind.DisbursementApproval, slice.TotalMinor);

    public Command Release(string disbursement, BulkSlice slice) =>
        OnDisbursement("releaseDisbursement", world.Cast.Releaser, disbursement, TransactionKind.DisbursementRelease, slice.TotalMinor);

    private Command OnDisbursement(string name, Actor actor, string disbursement, TransactionKind? kind, long totalMinor) =>
        Make(name, actor, new JsonObject { ["disbursementId"] = disbursement }, kind, totalMinor, fields: "disbursement { id }");

    private Command Make(
        string name, Actor actor, JsonObject input, TransactionKind? kind, long amountMinor, bool refusable = false, string fields = "") =>
        new(name, actor, string.Create(CultureInfo.InvariantCulture, $"{run}-{Interlocked.Increment(ref keys)}"), input, kind, amountMinor, refusable, fields);
}
