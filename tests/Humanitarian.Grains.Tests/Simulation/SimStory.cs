using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>How a client's command ended for it, and the account whose balance it read afterwards.</summary>
/// <param name="Unanswered">True when an earlier asking had no answer: it may be carried out after a later one was refused.</param>
internal sealed record Ended(string What, Id Principal, string Key, CommandResult Result, bool Unanswered);

/// <summary>What a read after an acknowledgement saw.</summary>
internal sealed record Seen(Id Account, Hash32 Transaction, ulong Entries, IReadOnlyDictionary<string, long> Available);

/// <summary>What clients do: they ask again with the same key until they have an answer, and read after it.</summary>
internal sealed partial class SimStory(SimCluster cluster, int firstKey = 0)
{
    public const int Beneficiaries = 10;
    public const long LineMinor = 1_000;

    /// <summary>The units that reads look at.</summary>
    public static readonly string[] Units = ["KES", Grains, Chirps];
    private readonly SimWorld world = cluster.World;
    private int keys = firstKey;

    public List<Ended> Ended { get; } = [];

    /// <summary>What has no answer yet.</summary>
    public HashSet<string> Asking { get; } = [];

    public List<Seen> Seen { get; } = [];

    public static Id Ngo { get; } = Founding.IdOf("ngo");
    public static Id Donor { get; } = Founding.IdOf("donor");
    public static Id Shop { get; } = Founding.IdOf("shop");
    public static Id Admin { get; } = Founding.IdOf("ngo administrator");
    public static Id Registrar { get; } = Founding.IdOf("registrar");
    public static Id Approver { get; } = Founding.IdOf("approver");
    public static Id Releaser { get; } = Founding.IdOf("releaser");
    public static Id Finance { get; } = Founding.IdOf("finance");
    public static Id Agent { get; } = Founding.IdOf("agent");
    public static Id Till { get; } = Founding.IdOf("till");
    public static Id Vendor { get; } = Founding.IdOf("vendor");
    public static Id SmallVendor { get; } = Founding.IdOf("small vendor");
    public static Id Program { get; } = Founding.IdOf("program");
    public static Id Pool { get; } = Founding.IdOf("pool");
    public static Id Grant { get; } = Founding.IdOf("grant");
    public static Id Device { get; } = Founding.IdOf("device");
    public static Id List { get; } = Founding.IdOf("list");

    public static Id Beneficiary(int number) => Founding.IdOf($"beneficiary {number}");

    /// <summary>Gives every member and device its key.</summary>
    public void GiveKeys()
    {
        foreach (var member in (Id[])[cluster.Founding.Administrator, Admin, Registrar, Approver, Releaser, Finance, Agent, Till, Teller, Device])
        {
            cluster.Founding.AddressOf(member);
        }
    }

    public async Task FillListAsync()
    {
        await cluster.Side.AddRowsAsync(
            List, [.. Enumerable.Range(0, Beneficiaries).Select(n => new ListRowEntry(n, Beneficiary(n), Founding.IdOf($"household {n}"), LineMinor, 3, "", true))]);
        await FillTopUpsAsync();
        await FillCashAsync();
    }

    /// <summary>Organisations, program, grant, vendors (one with a holding limit), a device with a small day and enrolments.</summary>
    public async Task<bool> SetUpAsync()
    {
        var f = cluster.Founding;
        await RegisterAsync(
            f.Administrator, new OrganisationRecord(Ngo, "Relief", OrganisationKind.Ngo, true, true), Member(Admin, Ngo, Roles.Administrator),
            new OrganisationRecord(Donor, "Donor", OrganisationKind.Donor, true, true), new OrganisationRecord(Shop, "Shop", OrganisationKind.Vendor, true, true),
            Member(Till, Shop, Roles.Vendor | Roles.Administrator));
        await RegisterAsync(f.Administrator, new UnitRecord("KES", 2, null));
        await RegisterAsync(
            Admin, Member(Registrar, Ngo, Roles.Registrar), Member(Approver, Ngo, Roles.Approver), Member(Releaser, Ngo, Roles.Releaser),
            Member(Finance, Ngo, Roles.Finance), Member(Agent, Ngo, Roles.FieldAgent));
        var terms = TermsJson.Read($$"""{"preset":"voucher","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"entitlementPerPeriod","maximumMinor":{{EntitlementMinor}}},{"rule":"oneAssistancePerHousehold"},{"rule":"accreditedVendors"},{"rule":"expiresAfter","seconds":120}]}""").Value!;
        await RegisterAsync(
            Admin, new ProgramRecord(Program, Ngo, "Vouchers", "KES", TermsJson.Write(terms), 1, Pool, Founding.IdOf("queue"), true),
            AccountRecord.Open(Pool, Ngo, AccountKind.ProgramPool, Program), AccountRecord.Open(Founding.IdOf("queue"), Ngo, AccountKind.ReturnQueue, Program));
        await RegisterAsync(Admin, new GrantRecord(Grant, Donor, Program, "KES", 100_000, 0, 0, long.MaxValue, "", [], true));
        await RegisterAsync(
            Till, AccountRecord.Open(Vendor, Shop, AccountKind.Vendor), AccountRecord.Open(SmallVendor, Shop, AccountKind.Vendor) with { CeilingMinor = 700 });
        await RegisterAsync(
            Admin, new AccreditationRecord(AccreditationRecord.IdOf(Program, Vendor), Program, Vendor, [], true),
            new AccreditationRecord(AccreditationRecord.IdOf(Program, SmallVendor), Program, SmallVendor, [], true),
            new DeviceRecord(Device, Ngo, Agent, Program, "", f.AddressOf(Device), 3 * LineMinor, LineMinor, true));
        await CommandAsync("receipt", Finance, context => cluster.AnyNode().RunAsync(new Command(
            context, (scope, view, _) => Receipts.Decide(Grant, ClaimKey.IdFrom(scope.Command!.Value.Key), 100_000, default, scope, view))));
        await CommandAsync("enrol", Registrar, context => cluster.AnyNode().RunAsync(new Command(
            context,
            (scope, view, _) => Enrolments.Decide(
                Program, List, 0, [.. Enumerable.Range(0, Beneficiaries).Select(n => new EnrolmentLine(Beneficiary(n), Founding.IdOf($"household {n}"), 3, ""))], scope, view))));
        await SetUpDollarsAsync();
        await SetUpExchangeAsync();
        await SetUpLocalCurrencyAsync();
        await SetUpCashAsync();
        return Ended.TrueForAll(ended => ended.Result.Refusal is null);
    }

    /// <summary>Everything at once: two disbursements over overlapping people, tills, transfers, settlements, freezes and a closing.</summary>
    public async Task<bool> LiveAsync()
    {
        await Task.WhenAll(
        [
            BulkAsync(), InPersonAsync(), LiveInUnitsAsync(), SettleAsync(), StatusAsync(), LiveInHouseholdsAsync(), LiveInExchangeAsync(), LiveInLocalCurrencyAsync(), LiveInCashAsync(),
            .. Enumerable.Range(0, Beneficiaries).Select(RedeemAsync),
        ]);
        return true;
    }

    /// <summary>Waits until what is due by the clock is done: vouchers expired and swept, holds ended.</summary>
    public async Task<bool> SettleDownAsync()
    {
        while (cluster.Projections.Tables is var tables
            && (tables.Height != cluster.Blocks.Blocks[^1].Height || Enumerable.Range(0, Beneficiaries).Any(n => tables.Account(Beneficiary(n)).Balances.Count > 0)))
        {
            await cluster.Clients.Delay(1_000);
            await ReadAsync(Vendor, null);
        }

        return true;
    }

    private async Task BulkAsync()
    {
        await ReleaseAsync(0, 7, inPerson: false);
    }

    private async Task InPersonAsync()
    {
        if (await ReleaseAsync(5, 5, inPerson: true) is not { } id)
        {
            return;
        }

        await Task.WhenAll(Enumerable.Range(5, 5).Select(n => DeliverAsync(id, n)));
        if (world.Chance(0.5))
        {
            await CommandAsync("complete", Registrar, context => cluster.OnDisbursementAsync(id, life => life.CompleteAsync(context)));
        }
    }

    public Task<Id?> ReleaseAsync(long first, long rows, bool inPerson) => ReleaseAsync(
        new DisbursementDraft(Program, List, first, rows, inPerson, [new GrantShare(Grant, rows * LineMinor)], "2026-11", "food", long.MaxValue), $"draft {first}");

    private async Task<Id?> ReleaseAsync(DisbursementDraft draft, string key)
    {
        var id = Founding.IdOf(key);
        await AgainAsync(async () => (await cluster.OnDisbursementAsync(id, life => life.DraftAsync(Context(Registrar, key), draft))).Refusal);
        await AgainAsync(async () => (await cluster.OnDisbursementAsync(id, life => life.ValidateAsync(Context(Registrar, key), ControlTotals.None))).Refusal);
        var approved = await CommandAsync("approve", Approver, context => cluster.OnDisbursementAsync(id, life => life.ApproveAsync(context)));
        var released = await CommandAsync("release", Releaser, context => cluster.OnDisbursementAsync(id, life => life.ReleaseAsync(context)));
        return approved.Refusal is null && released.Refusal is null ? id : null;
    }

    public Task<CommandResult> DeliverAsync(Id disbursement, int beneficiary)
    {
        var now = world.Now;
        var words = new DeliveryToSign(
            Device, disbursement, Beneficiary(beneficiary), "KES", LineMinor, FieldDeliveries.Purpose, now, now + 300_000, (ulong)beneficiary);
        var delivery = new DeliveryRequest(
            Device, disbursement, words.Account, words.AmountMinor, words.OccurredAt, words.Deadline, words.Counter,
            cluster.Founding.Sign(Device, SignedObjects.Digest(cluster.Founding.Identity.Domain, words)));
        return CommandAsync("deliver", Agent, context => cluster.OnDisbursementAsync(disbursement, life => life.DeliverAsync(context, delivery)), Beneficiary(beneficiary));
    }

    private async Task RedeemAsync(int beneficiary)
    {
        var account = Beneficiary(beneficiary);
        for (var turn = 0; turn < 4; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 9_000));
            var amount = world.Random.Next(50, 600);
            if (world.Chance(0.25))
            {
                var payee = Beneficiary(world.Random.Next(Beneficiaries));
                await CommandAsync("transfer", Registrar, context => cluster.OnAccountAsync(account, decisions => decisions.TransferAsync(context, Program, payee, amount)), account);
            }
            else
            {
                var vendor = world.Chance(0.4) ? SmallVendor : Vendor;
                var redemption = new RedemptionRequest(Program, account, vendor, amount, [], default);
                var key = $"redemption {keys++}";
                Task<CommandResult> Redeem() => CommandAsync("redeem", Till, context => cluster.OnAccountAsync(account, decisions => decisions.RedeemAsync(context, redemption)), account, key);
                await Task.WhenAll(world.Chance(0.1) ? [Redeem(), Redeem()] : [Redeem()]);
            }
        }
    }

    private async Task SettleAsync()
    {
        for (var turn = 0; turn < 4; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(2_000, 9_000));
            var hold = Founding.IdOf($"hold {turn}");
            var amount = world.Random.Next(50, 400);
            var until = world.Now + world.Random.Next(3_000, 60_000);
            var asked = await CommandAsync(
                "request", Till, context => cluster.OnAccountAsync(Vendor, decisions => decisions.RequestSettlementAsync(context, Program, hold, amount, until)), Vendor);
            if (asked.Refusal is null)
            {
                await Task.WhenAll(
                    CommandAsync("settle", Finance, context => cluster.OnAccountAsync(Vendor, decisions => decisions.ApproveSettlementAsync(context, hold, amount / 2, default)), Vendor),
                    CommandAsync("withdraw", Till, context => cluster.OnAccountAsync(Vendor, decisions => decisions.EndHoldAsync(context, hold)), Vendor));
            }
        }
    }

    private async Task StatusAsync()
    {
        for (var turn = 0; turn < 3; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 12_000));
            var account = Beneficiary(world.Random.Next(Beneficiaries));
            await SetAsync(account, AccountStatus.Frozen);
            await cluster.Clients.Delay(world.Random.Next(0, 3_000));
            await SetAsync(account, AccountStatus.Open);
            await SetAsync(Beneficiary(world.Random.Next(Beneficiaries)), AccountStatus.Closed);
        }

        Task<CommandResult> SetAsync(Id account, AccountStatus status) =>
            CommandAsync($"{status}", Registrar, context => cluster.OnAccountAsync(account, decisions => decisions.SetStatusAsync(context, status)), account);
    }

    public Task<CommandResult> RegisterAsync(Id principal, params Record[] records) =>
        CommandAsync("register", principal, context => cluster.AnyNode().RunAsync(new Command(
            context, (scope, view, signatures) => Registry.Decide(records, signatures, scope, view))));

    private async Task<CommandResult> CommandAsync(
        string what, Id principal, Func<CommandContext, Task<CommandResult>> send, Id? read = null, string? key = null)
    {
        var context = Context(principal, key ?? $"{what} {keys++}");
        CommandResult? result = null;
        Asking.Add(context.Key);
        var unanswered = await AgainAsync(async () =>
        {
            result = await send(context);
            if (result is { Refusal.Code: RefusalCode.SignatureRequired, ToSign: { } words })
            {
                var decision = new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion);
                context = context with { Signature = cluster.Founding.Sign(principal, decision) };
                result = await send(context);
            }

            return result.Refusal;
        });
        world.Note($"{what} {context.Key} {result!.Refusal?.Code ?? $"at {result.Height} {result.Position}"}");
        Asking.Remove(context.Key);
        Ended.Add(new Ended(what, principal, context.Key, result, unanswered));
        if (read is { } account)
        {
            await ReadAsync(account, result.Refusal is null ? result.Transaction : null);
        }

        return result;
    }

    private Task ReadAsync(Id account, Hash32? after) => AgainAsync(async () =>
    {
        var node = cluster.AnyNode();
        var book = await cluster.CallAsync(node.Process, async () => await node.Reader.BookAsync(account));
        Seen.Add(new Seen(account, after ?? default, book.Entries, Units.ToDictionary(unit => unit, book.Available)));
        return null;
    });

    /// <summary>Asks until there is an answer that is one; true when an asking had none.</summary>
    private async Task<bool> AgainAsync(Func<Task<Refusal?>> ask)
    {
        var unanswered = false;
        while (true)
        {
            try
            {
                if ((await ask())?.Code is not (RefusalCode.Retry or RefusalCode.Busy or RefusalCode.Unknown or RefusalCode.Stale or RefusalCode.LeaseVoid or RefusalCode.SignatureRequired))
                {
                    return unanswered;
                }
            }
            catch (Exception fault) when (fault is SimulatedFault or LedgerFault or InvalidOperationException or TimeoutException)
            {
                // No answer is no outcome.
                unanswered = true;
            }

            await cluster.Clients.Delay(world.Random.Next(20, 1_500));
        }
    }

    private CommandContext NextContext(Id principal, string what) => Context(principal, $"{what} {keys++}");

    private static CommandContext Context(Id principal, string key) => new(principal, key, Hash32.FromSpan(Founding.KeyOf(key)), null);

    public MemberRecord Member(Id id, Id organisation, Roles roles) => new(id, organisation, cluster.Founding.AddressOf(id), roles, true);
}
