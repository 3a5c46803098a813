using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>Redemptions that a beneficiary has confirmed, as a verifier sees them.</summary>
public sealed class TillVerificationTests
{
    private readonly Story story = new();

    public TillVerificationTests()
    {
        story.Found();
        story.Fund();
        story.Enrol();
        story.DisburseInBulk();
        story.Confirm();
        story.Collect();
        story.ServeThemselves();
        story.ScreenStaff();
        story.Chain.Cut();
        story.PayOut();
        story.TakeBack();
    }

    [Fact]
    public async Task Chain_with_pins_and_cards_verifies() => Assert.Null((await story.Chain.Verify()).Failure);

    [Fact]
    public async Task Chain_with_pins_and_cards_verifies_without_its_closed_parts()
    {
        var newest = (ulong)story.Chain.Blocks.Count - 1;
        story.Redact(newest);
        Assert.Null((await Verifier.VerifyAsync(Verifying.Stream(TamperTests.Redacted(story.Chain, newest)), new VerificationOptions { ClaimKey = story.Chain.ClaimKey })).Failure);
    }

    [Fact]
    public void Another_cards_answer_and_one_for_another_amount_are_refused()
    {
        Assert.Equal(RefusalCode.SignatureInvalid, Judge(50, story.Answered(50, "other card")));
        Assert.Equal(RefusalCode.SignatureInvalid, Judge(51, story.Answered(50)));
        Assert.Null(Judge(50, story.Answered(50)));
        Assert.Equal(RefusalCode.SignatureInvalid, Judge(50, story.Answered(50) with { Collector = Story.Account(2) }));
        Assert.Null(Judge(50, story.Answered(50, "collector's card") with { Collector = Story.Account(2) }));
    }

    [Fact]
    public async Task Redemption_by_an_answer_of_another_card_is_found()
    {
        story.Chain.Force(story.Confirmed("forged", 50, story.Answered(50, "other card")).Value!);
        story.Chain.Cut();
        Assert.Contains(RefusalCode.SignatureInvalid, (await story.Chain.Verify()).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_of_tills_read_back_as_they_were_written()
    {
        foreach (var record in story.Chain.State.Records.Select(entry => entry.Record).Where(record => record is CredentialRecord or ConfirmationRecord or PayoutDetailsRecord or CaseRecord or PrivacyNoticeRecord))
        {
            Assert.Equal(record, RecordCodec.Decode(RecordCodec.Encode(record)));
        }
    }

    private string? Judge(long amountMinor, Confirmation confirmation) =>
        AuthorityChecks.Check(story.Confirmed($"judged {amountMinor}", amountMinor, confirmation).Value!, story.Chain.State, story.Chain.Domain)?.Code;
}
