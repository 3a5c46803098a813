using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Grains.Tests.Support;

/// <summary>The main job on a silo, step by step, as a client with the members' keys would do it.</summary>
public sealed class VoucherStory(LedgerSilo silo)
{
    private int keys;

    public Id Ngo { get; } = Founding.IdOf("ngo");
    public Id Donor { get; } = Founding.IdOf("donor");
    public Id Shop { get; } = Founding.IdOf("shop");
    public Id NgoAdministrator { get; } = Founding.IdOf("ngo administrator");
    public Id Registrar { get; } = Founding.IdOf("registrar");
    public Id Approver { get; } = Founding.IdOf("approver");
    public Id Releaser { get; } = Founding.IdOf("releaser");
    public Id Finance { get; } = Founding.IdOf("finance");
    public Id Agent { get; } = Founding.IdOf("agent");
    public Id Till { get; } = Founding.IdOf("till");
    public Id Vendor { get; } = Founding.IdOf("vendor account");
    public Id Program { get; } = Founding.IdOf("program");
    public Id Pool { get; } = Founding.IdOf("pool");
    public Id Queue { get; } = Founding.IdOf("queue");
    public Id Grant { get; } = Founding.IdOf("grant 1");
    public Id SecondGrant { get; } = Founding.IdOf("grant 2");
    public Id Device { get; } = Founding.IdOf("device");
    public Id List { get; } = Founding.IdOf("list");
    public const long LineMinor = 2_500;

    public CommandContext Context(Id principal, string? key = null, Signature? signature = null) =>
        new(principal, key ?? $"key {keys++}", Founding.IdOf("content") is var id ? Hash32.FromSpan([.. id.ToBytes(), .. id.ToBytes()]) : default, signature);

    public static Id Beneficiary(int number) => Founding.IdOf($"beneficiary {number}");

    /// <summary>Runs a command that needs a signature: asks once without, signs what it says, asks again.</summary>
    public async Task<CommandResult> SignedAsync(Id principal, Func<CommandContext, Task<CommandResult>> command, string? key = null)
    {
        var context = Context(principal, key);
        var first = await command(context);
        if (first.ToSign is not { } words || first.Refusal?.Code != RefusalCode.SignatureRequired)
        {
            return first;
        }

        var decision = new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion);
        return await command(context with { Signature = silo.Founding.Sign(principal, decision) });
    }

    public Task<CommandResult> RegisterAsync(Id principal, params Record[] records) =>
        SignedAsync(principal, context => silo.Commands.ChangeRecordsAsync(context, records));

    /// <summary>Organisations, members, unit, program, grants with receipts, a vendor and a device.</summary>
    public async Task SetUpAsync(long receiptMinor = 10_000_000, long expireAfterSeconds = 3600, long perDayMinor = 1_000_000)
    {
        var admin = silo.Founding.Administrator;
        LedgerSilo.Done(await RegisterAsync(
            admin, new OrganisationRecord(Ngo, "Relief", OrganisationKind.Ngo, true, true), Member(NgoAdministrator, Ngo, Roles.Administrator),
            new OrganisationRecord(Donor, "Donor", OrganisationKind.Donor, true, true), new OrganisationRecord(Shop, "Shop", OrganisationKind.Vendor, true, true),
            Member(Till, Shop, Roles.Vendor | Roles.Administrator)));
        LedgerSilo.Done(await RegisterAsync(admin, new UnitRecord("KES", 2, null)));
        LedgerSilo.Done(await RegisterAsync(
            NgoAdministrator, Member(Registrar, Ngo, Roles.Registrar), Member(Approver, Ngo, Roles.Approver), Member(Releaser, Ngo, Roles.Releaser),
            Member(Finance, Ngo, Roles.Finance), Member(Agent, Ngo, Roles.FieldAgent)));
        var terms = TermsJson.Read(TermsJson.Preset("voucher")!.Replace("7776000", expireAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)).Value!;
        LedgerSilo.Done(await RegisterAsync(
            NgoAdministrator,
            new ProgramRecord(Program, Ngo, "Food vouchers", "KES", TermsJson.Write(terms), 1, Pool, Queue, true),
            AccountRecord.Open(Pool, Ngo, AccountKind.ProgramPool, Program), AccountRecord.Open(Queue, Ngo, AccountKind.ReturnQueue, Program)));
        foreach (var grant in new[] { Grant, SecondGrant })
        {
            LedgerSilo.Done(await RegisterAsync(
                NgoAdministrator,
                new GrantRecord(grant, Donor, Program, "KES", receiptMinor, 0, 0, long.MaxValue, "", [new BudgetLine("logistics", 50_000, 0)], true)));
            LedgerSilo.Done(await silo.Commands.RecordReceiptAsync(Context(Finance), grant, receiptMinor, default));
        }

        LedgerSilo.Done(await RegisterAsync(Till, AccountRecord.Open(Vendor, Shop, AccountKind.Vendor)));
        LedgerSilo.Done(await RegisterAsync(
            NgoAdministrator, new AccreditationRecord(AccreditationRecord.IdOf(Program, Vendor), Program, Vendor, ["food"], true)));
        LedgerSilo.Done(await RegisterAsync(
            NgoAdministrator, new DeviceRecord(Device, Ngo, Agent, Program, "", silo.Founding.AddressOf(Device), perDayMinor, 100_000, true)));
    }

    /// <summary>Imports rows for so many beneficiaries and enrols them.</summary>
    public async Task EnrolAsync(int beneficiaries)
    {
        await silo.Files.Side.AddRowsAsync(List, [.. Enumerable.Range(0, beneficiaries).Select(Row)]);
        LedgerSilo.Done(await silo.Commands.EnrolAsync(Context(Registrar), Program, List));
    }

    /// <summary>Drafts, validates, approves and releases a part of the list.</summary>
    public async Task<Id> ReleaseAsync(long firstRow, long rows, bool inPerson, long expiresAt = long.MaxValue, string period = "2026-11", Id? list = null)
    {
        var total = rows * LineMinor;
        var draft = new DisbursementDraft(
            Program, list ?? List, firstRow, rows, inPerson, [new GrantShare(Grant, total - (total / 3)), new GrantShare(SecondGrant, total / 3)], period, "food", expiresAt);
        var context = Context(Registrar);
        var drafted = await silo.Commands.DraftDisbursementAsync(context, draft);
        Assert.Null(drafted.Refusal);
        var id = drafted.Value!.Id;
        Assert.Null((await silo.Commands.ValidateDisbursementAsync(Context(Registrar), id)).Refusal);
        LedgerSilo.Done(await SignedAsync(Approver, signed => silo.Commands.ApproveDisbursementAsync(signed, id)));
        LedgerSilo.Done(await SignedAsync(Releaser, signed => silo.Commands.ReleaseDisbursementAsync(signed, id)));
        return id;
    }

    /// <summary>Waits until the disbursement is in a state, by asking for it; fails after a minute.</summary>
    public async Task<DisbursementStatus> UntilAsync(Id disbursement, DisbursementState state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            if (await silo.Commands.DisbursementAsync(disbursement) is { } status && status.State == (int)state)
            {
                return status;
            }
        }

        throw new InvalidOperationException();
    }

    public DeliveryRequest Delivery(Id disbursement, int beneficiary, ulong counter, long? amountMinor = null, long? deadline = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var words = new DeliveryToSign(
            Device, disbursement, Beneficiary(beneficiary), "KES", amountMinor ?? LineMinor, FieldDeliveries.Purpose, now, deadline ?? now + 60_000, counter);
        return new DeliveryRequest(
            Device, disbursement, words.Account, words.AmountMinor, words.OccurredAt, words.Deadline, counter,
            silo.Founding.Sign(Device, SignedObjects.Digest(silo.Founding.Identity.Domain, words)));
    }

    public Task<CommandResult> DeliverAsync(Id disbursement, int beneficiary, ulong counter) =>
        silo.Commands.DeliverAsync(Context(Agent), Delivery(disbursement, beneficiary, counter));

    public Task<CommandResult> RedeemAsync(int beneficiary, long amountMinor, string? key = null) => silo.Commands.RedeemAsync(
        Context(Till, key), new RedemptionRequest(Program, Beneficiary(beneficiary), Vendor, amountMinor, ["food"], Hash32.FromSpan(Founding.KeyOf($"receipt {beneficiary}"))));

    public MemberRecord Member(Id id, Id organisation, Roles roles) => new(id, organisation, silo.Founding.AddressOf(id), roles, true);

    private static ListRowEntry Row(int number) => new(number, Beneficiary(number), Founding.IdOf($"household {number}"), LineMinor, 4, "", true);
}
