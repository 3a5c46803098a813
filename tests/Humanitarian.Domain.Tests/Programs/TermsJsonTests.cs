using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Programs;

public sealed class TermsJsonTests
{
    private readonly World world = new();

    [Fact]
    public void The_voucher_preset_reads_and_its_canonical_text_reads_back_the_same()
    {
        var text = TermsJson.Write(TermsJson.Read(TermsJson.Preset("voucher")!).Value!);
        Assert.Equal(text, TermsJson.Write(TermsJson.Read(text).Value!));
        Assert.DoesNotContain(" ", text, StringComparison.Ordinal);
        Assert.StartsWith("""{"preset":"voucher","rules":[{"rule":"backedByGrants"}""", text, StringComparison.Ordinal);
        Assert.Null(TermsJson.Preset("unheard of"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"preset":"x","rules":null}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"unheardOf"}]}""")]
    [InlineData("""{"preset":"x","rules":[{}]}""")]
    [InlineData("""{"preset":"x","rules":[],"more":1}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"noTransfers","more":1}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"entitlementPerPeriod"}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"entitlementPerPeriod","maximumMinor":0}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"entitlementPerPeriod","maximumMinor":1.5}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"entitlementPerPeriod","maximumMinor":9223372036854775808}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"expiresAfter","seconds":0}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"expiresAfter","seconds":9223372036854775807}]}""")]
    [InlineData("""{"preset":"x","rules":[{"rule":"allowedCategories","categories":[]}]}""")]
    public void What_is_no_terms_is_refused(string json) => Assert.Equal(RefusalCode.InvalidInput, TermsJson.Read(json).Refusal?.Code);

    [Fact]
    public void Terms_that_are_not_canonical_are_not_recorded()
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        Assert.Equal(RefusalCode.InvalidInput, world.TryPropose(program with { Terms = program.Terms + " " }).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, program with { TermsVersion = 2 }).Refusal?.Code);
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, RefusalCode.EntitlementExceeded)]
    public void An_entitlement_is_what_one_receives_at_most(long amountMinor, string? code) =>
        Assert.Equal(code, new EntitlementPerPeriod(100).Check(Movement(MovementKind.Credit) with { AmountMinor = amountMinor }, world.State)?.Code);

    [Theory]
    [InlineData(1, null)]
    [InlineData(0, RefusalCode.InvalidInput)]
    [InlineData(10_000, null)]
    [InlineData(10_001, RefusalCode.InvalidInput)]
    public void An_expiry_lies_after_the_release_and_within_the_terms(long after, string? code) =>
        Assert.Equal(code, new ExpiresAfter(10).Check(Movement(MovementKind.Issue) with { ExpiresAt = World.Start + after }, world.State)?.Code);

    [Fact]
    public void Rules_judge_their_own_movements_only()
    {
        Rule[] rules = [new EntitlementPerPeriod(1), new AccreditedVendors(), new AllowedCategories(["x"]), new ItemReceipt(), new NoTransfers(), new ExpiresAfter(1), new EnrolmentRequired()];
        var refusals = from rule in rules from kind in Enum.GetValues<MovementKind>() where rule.Check(Movement(kind) with { ExpiresAt = 0 }, world.State) is not null select (rule.GetType().Name, kind);
        Assert.Equal(
            [
                ("EntitlementPerPeriod", MovementKind.Credit), ("AccreditedVendors", MovementKind.Redeem), ("AllowedCategories", MovementKind.Redeem),
                ("ItemReceipt", MovementKind.Redeem), ("NoTransfers", MovementKind.Transfer), ("ExpiresAfter", MovementKind.Issue), ("EnrolmentRequired", MovementKind.Credit),
            ],
            refusals);
    }

    [Theory]
    [InlineData(MovementKind.Transfer)]
    [InlineData(MovementKind.Redeem)]
    [InlineData(MovementKind.Settle)]
    public void Nothing_moves_in_a_backed_program_that_no_grant_backs(MovementKind kind) => Assert.Equal(
        RefusalCode.InsufficientFunds, new BackedByGrants().Check(Movement(kind) with { Lots = [new LotPart(Id.None, 5)] }, world.State)?.Code);

    private Movement Movement(MovementKind kind) => new()
    {
        Kind = kind,
        Program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!,
        AmountMinor = 50,
        At = World.Start,
        Payee = AccountRecord.Open(World.Person(0), World.Ngo, AccountKind.Beneficiary),
    };
}
