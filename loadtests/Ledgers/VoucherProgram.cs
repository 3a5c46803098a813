using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage;
using Humanitarian.Storage.Side;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>A funded voucher program with a vendor, its till and a field agent, made through the ledger's own commands.</summary>
internal sealed class VoucherProgram(RunningLedger ledger, ILedgerStores stores)
{
    /// <summary>What each line of a list brings, in minor units.</summary>
    public const long LineMinor = 1_000_000;

    private const long PlentyMinor = 1_000_000_000_000_000;
    private const int DevicesInChange = 100;
    private const int RowsInWrite = 10_000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static Id Vendor { get; } = Names.IdOf("vendor");

    public static Id Till { get; } = Names.IdOf("till");

    public static Id Agent { get; } = Names.IdOf("agent");

    public static Id Grant { get; } = Names.IdOf("grant");

    public static Id Device(int number) => Names.IdOf("device " + Names.Text(number));

    public static CommandContext Context(Id principal, string key, Signature? signature = null) => new(principal, key, default, signature);

    public static void Done(CommandResult result)
    {
        if (result.Refusal is { } refusal)
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
        }
    }

    public async Task CreateAsync()
    {
        await RegisterAsync(new UnitRecord(Names.Unit, 2, null));
        var terms = TermsJson.Read(TermsJson.Preset("voucher")!).Value!;
        await RegisterAsync(
            new ProgramRecord(Names.Program, Names.Operator, "Load", Names.Unit, TermsJson.Write(terms), 1, Names.IdOf("pool"), Names.IdOf("queue"), true),
            AccountRecord.Open(Names.IdOf("pool"), Names.Operator, AccountKind.ProgramPool, Names.Program),
            AccountRecord.Open(Names.IdOf("queue"), Names.Operator, AccountKind.ReturnQueue, Names.Program));
        await RegisterAsync(
            LedgerKeys.Member(Till, Names.Operator, Roles.Vendor), LedgerKeys.Member(Agent, Names.Operator, Roles.FieldAgent), AccountRecord.Open(Vendor, Names.Operator, AccountKind.Vendor));
        await RegisterAsync(new AccreditationRecord(AccreditationRecord.IdOf(Names.Program, Vendor), Names.Program, Vendor, [], true));
        await RegisterAsync(new GrantRecord(Grant, Names.Operator, Names.Program, Names.Unit, PlentyMinor, 0, 0, long.MaxValue, "", [], true));
        Done(await ledger.Commands.RecordReceiptAsync(Context(Names.Administrator, "receipt"), Grant, PlentyMinor, default));
    }

    /// <summary>Registers another organisation with a till and an account, which may be paid in the program.</summary>
    public async Task AddVendorAsync(Id organisation, Id till, Id vendor)
    {
        await RegisterAsync(
            new OrganisationRecord(organisation, organisation.ToString(), OrganisationKind.Vendor, true, true),
            LedgerKeys.Member(till, organisation, Roles.Vendor | Roles.Administrator));
        var account = AccountRecord.Open(vendor, organisation, AccountKind.Vendor);
        Done(await SignedAsync(till, "open " + vendor, context => ledger.Commands.ChangeRecordsAsync(context, [account])));
        await RegisterAsync(new AccreditationRecord(AccreditationRecord.IdOf(Names.Program, vendor), Names.Program, vendor, [], true));
    }

    /// <summary>Puts a list of so many accounts beside the ledger, as an import would, and enrols it.</summary>
    /// <param name="first">Number of its first account.</param>
    public async Task<Id> EnrolAsync(string name, int first, int rows)
    {
        var list = Names.IdOf(name);
        for (var from = 0; from < rows; from += RowsInWrite)
        {
            await stores.Side.AddRowsAsync(list, [.. Enumerable.Range(from, Math.Min(RowsInWrite, rows - from)).Select(row =>
                new ListRowEntry(row, Names.Account(first + row), Names.IdOf("household " + Names.Text(first + row)), LineMinor, 4, "", true))]);
        }

        Done(await ledger.Commands.EnrolAsync(Context(Names.Administrator, "enrol " + name), Names.Program, list));
        return list;
    }

    /// <summary>Drafts and validates a disbursement of a list, and has it approved.</summary>
    public async Task<Id> ValidateAsync(Id list, long rows, long totalMinor, bool inPerson)
    {
        var drafted = await ledger.Commands.DraftDisbursementAsync(
            Context(Names.Administrator, "draft " + list),
            new DisbursementDraft(Names.Program, list, 0, rows, inPerson, [new GrantShare(Grant, totalMinor)], "2026-11", "food", long.MaxValue));
        var id = drafted.Value?.Id ?? throw new InvalidOperationException(drafted.Refusal!.Code);
        var validated = await ledger.Commands.ValidateDisbursementAsync(Context(Names.Administrator, "validate " + list), id);
        _ = validated.Value ?? throw new InvalidOperationException(validated.Refusal!.Code);
        Done(await SignedAsync(Names.Administrator, "approve " + list, context => ledger.Commands.ApproveDisbursementAsync(context, id)));
        return id;
    }

    /// <summary>Releases an approved disbursement, which pays itself unless it is delivered in person.</summary>
    public async Task ReleaseAsync(Id list, Id disbursement) =>
        Done(await SignedAsync(Names.Administrator, "release " + list, context => ledger.Commands.ReleaseDisbursementAsync(context, disbursement)));

    /// <summary>All of it: drafts, validates, approves and releases.</summary>
    public async Task<Id> ReleaseAsync(Id list, long rows, long totalMinor, bool inPerson)
    {
        var id = await ValidateAsync(list, rows, totalMinor, inPerson);
        await ReleaseAsync(list, id);
        return id;
    }

    /// <summary>Waits until every line of a released disbursement is paid or refused.</summary>
    public async Task<DisbursementStatus> PaidAsync(Id disbursement, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Poll);
        while (true)
        {
            var status = (await ledger.Commands.DisbursementAsync(disbursement))!;
            if (status.PaidLines + status.Unpaid.Values.Sum() >= status.Lines)
            {
                return status;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Registers field agents' devices, which may deliver as much as they like.</summary>
    public async Task RegisterDevicesAsync(int count)
    {
        foreach (var some in Enumerable.Range(0, count).Chunk(DevicesInChange))
        {
            await RegisterAsync([.. some.Select(number => new DeviceRecord(
                Device(number), Names.Operator, Agent, Names.Program, "", LedgerKeys.AddressOf(Device(number)), PlentyMinor, LineMinor, true))]);
        }
    }

    private async Task RegisterAsync(params Record[] records) => Done(
        await SignedAsync(Names.Administrator, "register " + records[0].Id, context => ledger.Commands.ChangeRecordsAsync(context, records)));

    private async Task<CommandResult> SignedAsync(Id principal, string key, Func<CommandContext, Task<CommandResult>> command)
    {
        var first = await command(Context(principal, key));
        return first.ToSign is { } words ? await command(Context(principal, key, ledger.Keys.Sign(principal, words))) : first;
    }
}
