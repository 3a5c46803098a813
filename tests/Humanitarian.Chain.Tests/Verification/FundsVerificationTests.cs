using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>Costs, their recharge and the terms they are borne under, as a verifier sees them.</summary>
public sealed class FundsVerificationTests
{
    private readonly Story story = new();

    public FundsVerificationTests()
    {
        story.Found();
        story.Fund();
        story.BearWages();
    }

    [Fact]
    public async Task Recharge_that_finance_signed_verifies()
    {
        story.Chain.Order(story.Recharged(Story.Finance));
        story.Chain.Cut();
        Assert.Null((await story.Chain.Verify()).Failure);
    }

    [Fact]
    public async Task Recharge_with_anothers_signature_is_found()
    {
        story.Chain.Force(story.Recharged(Story.Approver).Value!);
        story.Chain.Cut();
        Assert.Contains(RefusalCode.SignatureInvalid, (await story.Chain.Verify()).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_that_was_closed_while_people_held_its_units_is_found()
    {
        story.Enrol();
        story.DisburseInBulk();
        story.Chain.Order(Completions.Decide(ChainBuilder.IdOf("bulk"), story.Chain.Scope(Id.None), story.Chain.State));
        story.Chain.Force(story.Closure(Story.Program).Value!);
        story.Chain.Cut();
        Assert.Contains("closed program", (await story.Chain.Verify()).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closure_that_finance_signed_verifies_and_one_without_a_signature_is_found()
    {
        story.CloseProgram();
        Assert.Null((await story.Chain.Verify()).Failure);
        story.Chain.Force(story.Closure(Story.Community).Value! with { Authorisations = [] });
        story.Chain.Cut();
        Assert.Contains(RefusalCode.SignatureRequired, (await story.Chain.Verify()).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closure_of_a_program_with_a_vendor_still_stopped_verifies()
    {
        story.OpenProgram(Story.ClosedProgram, "stopped program", """{"preset":"own","rules":[{"rule":"backedByGrants"}]}""");
        story.Chain.Register(Story.Administrator, new AccreditationRecord(AccreditationRecord.IdOf(Story.ClosedProgram, Story.Shop), Story.ClosedProgram, Story.Shop, ["food"], true));
        var program = story.Chain.State.Peek<ProgramRecord>(RecordKind.Program, Story.ClosedProgram).Record!;
        story.Chain.Register(Story.Administrator, program with { Stops = [new ProgramStop("", Story.Shop, StopReason.SuspectedFraud, Story.Administrator, Limits.DayOf(story.Chain.Now), Id.None)] });
        story.Chain.Order(story.Closure(Story.ClosedProgram));
        story.Chain.Cut();
        Assert.Null((await story.Chain.Verify()).Failure);
    }

    [Fact]
    public void Grants_and_costs_read_back_as_they_were_written()
    {
        var records = story.Chain.State.Records.Select(entry => entry.Record).Where(record => record is GrantRecord or CostRecord).ToArray();
        Assert.Contains(records, record => record is GrantRecord { HasCostTerms: true });
        Assert.All(records, record => Assert.Equivalent(record, RecordCodec.Decode(RecordCodec.Encode(record)), strict: true));
        var plain = (GrantRecord)records.First(record => record is GrantRecord { HasCostTerms: false });
        Assert.Throws<EncodingException>(() => RecordCodec.Decode([81, .. RecordCodec.Encode(plain)[1..], 0, 0, 0]));
    }
}
