using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Tests;

/// <summary>Every bad input on a real silo: its stable code, and no trace on the ledger.</summary>
public sealed class BadInputTests(ITestOutputHelper output)
{
    // What a device signed and comes too late is kept for a person.
    private static readonly string[] Late = ["paid in bulk this period", "deadline passed"];
    private static readonly Id Double = Founding.IdOf("registrar and agent");
    private static readonly Id DoubleDevice = Founding.IdOf("device of both");
    private static readonly Id Stranger = Founding.IdOf("unaccredited vendor");
    private static readonly Id OtherList = Founding.IdOf("other list");

    [Fact]
    public async Task Every_bad_input_has_its_code_and_leaves_no_trace()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        await story.EnrolAsync(20);
        await AddOthersAsync(silo, story);
        var bulk = await story.ReleaseAsync(0, 10, inPerson: false);
        await story.UntilAsync(bulk, DisbursementState.Completed);
        var inPerson = await story.ReleaseAsync(8, 12, inPerson: true);
        var enrolledByAgent = await story.ReleaseAsync(0, 1, inPerson: true, list: OtherList);
        LedgerSilo.Done(await story.DeliverAsync(inPerson, 10, 10));
        LedgerSilo.Done(await story.RedeemAsync(0, 100, "used"));
        LedgerSilo.Done(await silo.Commands.SetAccountStatusAsync(story.Context(story.Registrar), VoucherStory.Beneficiary(3), AccountStatus.Frozen));
        LedgerSilo.Done(await silo.Commands.SetAccountStatusAsync(story.Context(story.Registrar), VoucherStory.Beneficiary(19), AccountStatus.Closed));

        var wrong = new List<string>();
        foreach (var (name, code, command) in Redemptions(silo, story).Concat(Records(silo, story)).Concat(Deliveries(silo, story, inPerson, enrolledByAgent)).Concat(Authority(silo, story)))
        {
            var before = (await silo.Reader.HeadAsync())!.Height;
            var result = await command();
            if (result.Refusal?.Code != code || ((await silo.Reader.HeadAsync())!.Height != before) != Late.Contains(name))
            {
                wrong.Add($"{name}: {result.Refusal?.Code} instead of {code}");
            }
        }

        var device = (await silo.Reader.FindAsync<DeviceRecord>(RecordKind.Device, story.Device)).Record!;
        LedgerSilo.Done(await story.RegisterAsync(story.NgoAdministrator, device with { Active = false }));
        LedgerSilo.Refused(RefusalCode.DeviceRevoked, await story.DeliverAsync(inPerson, 12, 12));
        output.WriteLine(string.Join('\n', wrong));
        Assert.Empty(wrong);
        var report = await silo.VerifyAsync();
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    private static async Task AddOthersAsync(LedgerSilo silo, VoucherStory story)
    {
        LedgerSilo.Done(await story.RegisterAsync(story.NgoAdministrator, story.Member(Double, story.Ngo, Roles.Registrar | Roles.FieldAgent)));
        LedgerSilo.Done(await story.RegisterAsync(
            story.NgoAdministrator, new DeviceRecord(DoubleDevice, story.Ngo, Double, story.Program, "", silo.Founding.AddressOf(DoubleDevice), 1_000_000, 100_000, true)));
        LedgerSilo.Done(await story.RegisterAsync(story.Till, AccountRecord.Open(Stranger, story.Shop, AccountKind.Vendor)));
        await silo.Files.Side.AddRowsAsync(
            OtherList, [new ListRowEntry(0, VoucherStory.Beneficiary(900), Founding.IdOf("household 900"), VoucherStory.LineMinor, 2, "", true)]);
        LedgerSilo.Done(await silo.Commands.EnrolAsync(story.Context(Double), story.Program, OtherList));
    }

    private static IEnumerable<(string, string, Func<Task<CommandResult>>)> Redemptions(LedgerSilo silo, VoucherStory story)
    {
        var good = new RedemptionRequest(story.Program, VoucherStory.Beneficiary(1), story.Vendor, 100, ["food"], Hash32.FromSpan(Founding.KeyOf("receipt")));
        Func<Task<CommandResult>> Redeem(RedemptionRequest request, Id? principal = null, string? key = null) =>
            () => silo.Commands.RedeemAsync(story.Context(principal ?? story.Till, key), request);
        yield return ("zero", RefusalCode.AmountNotPositive, Redeem(good with { AmountMinor = 0 }));
        yield return ("negative", RefusalCode.AmountNotPositive, Redeem(good with { AmountMinor = -5 }));
        yield return ("smallest", RefusalCode.AmountNotPositive, Redeem(good with { AmountMinor = long.MinValue }));
        yield return ("largest", RefusalCode.InsufficientFunds, Redeem(good with { AmountMinor = long.MaxValue }));
        yield return ("too much", RefusalCode.InsufficientFunds, Redeem(good with { AmountMinor = VoucherStory.LineMinor + 1 }));
        yield return ("unknown payer", RefusalCode.AccountUnknown, Redeem(good with { Beneficiary = Founding.IdOf("nobody") }));
        yield return ("unknown vendor", RefusalCode.AccountUnknown, Redeem(good with { Vendor = Founding.IdOf("nobody") }));
        yield return ("unknown program", RefusalCode.NotFound, Redeem(good with { Program = Founding.IdOf("nothing") }));
        yield return ("self-payment", RefusalCode.SelfPayment, Redeem(good with { Vendor = good.Beneficiary }));
        yield return ("frozen", RefusalCode.AccountFrozen, Redeem(good with { Beneficiary = VoucherStory.Beneficiary(3) }));
        yield return ("closed", RefusalCode.AccountClosed, Redeem(good with { Beneficiary = VoucherStory.Beneficiary(19) }));
        yield return ("unaccredited", RefusalCode.VendorNotAccredited, Redeem(good with { Vendor = Stranger }));
        yield return ("category", RefusalCode.CategoryNotAllowed, Redeem(good with { Categories = ["alcohol"] }));
        yield return ("no category", RefusalCode.CategoryNotAllowed, Redeem(good with { Categories = [] }));
        yield return ("no receipt", RefusalCode.ReceiptRequired, Redeem(good with { ReceiptHash = default }));
        yield return ("not the till's", RefusalCode.Forbidden, Redeem(good, story.Registrar));
        yield return ("empty key", RefusalCode.IdempotencyKeyInvalid, Redeem(good, key: ""));
        yield return ("long key", RefusalCode.IdempotencyKeyInvalid, Redeem(good, key: new string('k', 256)));
        yield return ("used key", RefusalCode.IdempotencyConflict, () => silo.Commands.RedeemAsync(
            new CommandContext(story.Till, "used", Hash32.FromSpan(Founding.KeyOf("other content")), null), good with { Beneficiary = VoucherStory.Beneficiary(0) }));
        yield return ("transfer", RefusalCode.TransferForbidden, () => silo.Commands.TransferAsync(
            story.Context(story.Registrar), story.Program, VoucherStory.Beneficiary(1), VoucherStory.Beneficiary(2), 10));
        yield return ("settlement beyond balance", RefusalCode.InsufficientFunds, () => silo.Commands.RequestSettlementAsync(
            story.Context(story.Till), story.Program, story.Vendor, 1_000_000, long.MaxValue));
        yield return ("settlement of nothing", RefusalCode.AmountNotPositive, () => silo.Commands.RequestSettlementAsync(
            story.Context(story.Till), story.Program, story.Vendor, 0, long.MaxValue));
        yield return ("settlement in the past", RefusalCode.DeadlinePassed, () => silo.Commands.RequestSettlementAsync(
            story.Context(story.Till), story.Program, story.Vendor, 10, 1));
    }

    private static IEnumerable<(string, string, Func<Task<CommandResult>>)> Records(LedgerSilo silo, VoucherStory story)
    {
        Func<Task<CommandResult>> Status(int beneficiary, AccountStatus status) =>
            () => silo.Commands.SetAccountStatusAsync(story.Context(story.Registrar), VoucherStory.Beneficiary(beneficiary), status);
        yield return ("close what holds", RefusalCode.AccountNotEmpty, Status(1, AccountStatus.Closed));
        yield return ("open what is closed", RefusalCode.AccountClosed, Status(19, AccountStatus.Open));
        yield return ("close twice", RefusalCode.WrongState, Status(19, AccountStatus.Closed));
        yield return ("unknown account", RefusalCode.AccountUnknown, Status(12345, AccountStatus.Frozen));
        yield return ("grant in an unknown unit", RefusalCode.UnitUnknown, () => story.RegisterAsync(
            story.NgoAdministrator, new GrantRecord(Founding.IdOf("euro grant"), story.Donor, story.Program, "EUR", 100, 0, 0, long.MaxValue, "", [], true)));
        yield return ("unknown unit", RefusalCode.UnitUnknown, () => story.RegisterAsync(
            story.NgoAdministrator,
            new ProgramRecord(Founding.IdOf("p"), story.Ngo, "Euros", "EUR", TermsJson.Write(TermsJson.Read(TermsJson.Preset("voucher")!).Value!), 1, Founding.IdOf("p pool"), Founding.IdOf("p queue"), true),
            AccountRecord.Open(Founding.IdOf("p pool"), story.Ngo, AccountKind.ProgramPool, Founding.IdOf("p")),
            AccountRecord.Open(Founding.IdOf("p queue"), story.Ngo, AccountKind.ReturnQueue, Founding.IdOf("p"))));
        yield return ("receipt of nothing", RefusalCode.AmountNotPositive, () => silo.Commands.RecordReceiptAsync(story.Context(story.Finance), story.Grant, 0, default));
        yield return ("receipt beyond the commitment", RefusalCode.BudgetExceeded, () => silo.Commands.RecordReceiptAsync(story.Context(story.Finance), story.Grant, 1, default));
        yield return ("receipt of the largest amount", RefusalCode.BudgetExceeded, () => silo.Commands.RecordReceiptAsync(story.Context(story.Finance), story.Grant, long.MaxValue, default));
        yield return ("cost beyond its line", RefusalCode.BudgetExceeded, () => silo.Commands.RecordCostAsync(story.Context(story.Finance), new CostRequest(story.Grant, "logistics", 50_001, false, default)));
        yield return ("unknown list", RefusalCode.ListUnknown, () => silo.Commands.EnrolAsync(story.Context(story.Registrar), story.Program, Founding.IdOf("no list")));
        yield return ("list twice", RefusalCode.ListAlreadyUsed, () => silo.Commands.EnrolAsync(story.Context(story.Registrar), story.Program, story.List));
    }

    private static IEnumerable<(string, string, Func<Task<CommandResult>>)> Deliveries(LedgerSilo silo, VoucherStory story, Id list, Id enrolledByAgent)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        DeliveryRequest Signed(DeliveryToSign words, Id? signer = null, LedgerDomain? domain = null) => new(
            words.Device, words.Disbursement, words.Account, words.AmountMinor, words.OccurredAt, words.Deadline, words.Counter,
            silo.Founding.Sign(signer ?? words.Device, SignedObjects.Digest(domain ?? silo.Founding.Identity.Domain, words)));
        DeliveryToSign Words(int beneficiary, ulong counter) => new(
            story.Device, list, VoucherStory.Beneficiary(beneficiary), "KES", VoucherStory.LineMinor, "delivery", now, now + 600_000, counter);
        Func<Task<CommandResult>> Deliver(DeliveryRequest request, Id? principal = null) => () => silo.Commands.DeliverAsync(story.Context(principal ?? story.Agent), request);
        var good = Words(11, 11);
        yield return ("paid in bulk this period", RefusalCode.AlreadyAssisted, Deliver(Signed(Words(8, 8))));
        yield return ("delivered twice", RefusalCode.AlreadyAssisted, Deliver(Signed(Words(10, 99))));
        yield return ("counter used", RefusalCode.DeviceCounterReplayed, Deliver(Signed(Words(11, 10))));
        yield return ("not on the list", RefusalCode.EntitlementExceeded, Deliver(Signed(Words(2, 50))));
        yield return ("more than the line", RefusalCode.EntitlementExceeded, Deliver(Signed(good with { AmountMinor = VoucherStory.LineMinor + 1 })));
        yield return ("closed account", RefusalCode.AccountClosed, Deliver(Signed(Words(19, 19))));
        yield return ("wrong key", RefusalCode.SignatureInvalid, Deliver(Signed(good, DoubleDevice)));
        yield return ("other amount signed", RefusalCode.SignatureInvalid, Deliver(Signed(good) with { Counter = 12 }));
        yield return ("other ledger", RefusalCode.SignatureInvalid, Deliver(Signed(good, domain: new LedgerDomain(Founding.IdOf("other ledger")))));
        yield return ("clock ahead", RefusalCode.ClockSkew, Deliver(Signed(good with { OccurredAt = now + 550_000 })));
        yield return ("deadline passed", RefusalCode.DeadlinePassed, Deliver(Signed(good with { OccurredAt = now - 9_000, Deadline = now - 5_000 })));
        yield return ("unknown device", RefusalCode.DeviceUnknown, Deliver(Signed(good with { Device = Founding.IdOf("no device") }, story.Device)));
        yield return ("another's device", RefusalCode.Forbidden, Deliver(Signed(good), Double));
        yield return ("by the enroller", RefusalCode.EnrollerCannotDeliver, Deliver(
            Signed(good with { Device = DoubleDevice, Disbursement = enrolledByAgent, Account = VoucherStory.Beneficiary(900) }), Double));
        yield return ("unknown disbursement", RefusalCode.NotFound, Deliver(Signed(good with { Disbursement = Founding.IdOf("no list") })));
    }

    private static IEnumerable<(string, string, Func<Task<CommandResult>>)> Authority(LedgerSilo silo, VoucherStory story)
    {
        var member = story.Member(Founding.IdOf("new member"), story.Ngo, Roles.Reader);
        yield return ("unsigned", RefusalCode.SignatureRequired, () => silo.Commands.ChangeRecordsAsync(story.Context(story.NgoAdministrator), [member]));
        yield return ("signed with another's key", RefusalCode.SignatureInvalid, async () =>
        {
            var context = story.Context(story.NgoAdministrator);
            var words = (await silo.Commands.ChangeRecordsAsync(context, [member])).ToSign!;
            var decision = new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion);
            return await silo.Commands.ChangeRecordsAsync(context with { Signature = silo.Founding.Sign(story.Registrar, decision) }, [member]);
        });
        yield return ("signature of another object", RefusalCode.SignatureInvalid, async () =>
        {
            var context = story.Context(story.NgoAdministrator);
            var words = (await silo.Commands.ChangeRecordsAsync(context, [member])).ToSign!;
            var decision = new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion);
            return await silo.Commands.ChangeRecordsAsync(
                context with { Signature = silo.Founding.Sign(story.NgoAdministrator, decision) }, [member with { Roles = Roles.Administrator, Address = silo.Founding.AddressOf(member.Id) }]);
        });
        yield return ("without the role", RefusalCode.Forbidden, () => story.RegisterAsync(story.Registrar, member));
        yield return ("of another organisation", RefusalCode.Forbidden, () => story.RegisterAsync(story.Till, member));
        yield return ("a new operator", RefusalCode.Forbidden, () => story.RegisterAsync(
            story.NgoAdministrator, member with { Roles = Roles.Operator, Address = silo.Founding.AddressOf(member.Id) }));
    }
}
