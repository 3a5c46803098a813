using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>What happens to a chain that somebody without the sealer's key changes, cuts or swaps.</summary>
public sealed class TamperTests
{
    private static readonly Lazy<ChainBuilder> Whole = new(() => Story.Whole().Chain);

    [Fact]
    public void Any_flipped_byte_of_any_block_is_named_at_its_height()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        var encoded = Whole.Value.Encoded;
        for (var height = 0; height < encoded.Count; height++)
        {
            var before = encoded.Take(height).ToArray();
            var places = height == 0 ? Enumerable.Range(0, encoded[0].Length) : Enumerable.Range(0, 40).Select(_ => random.Next(encoded[height].Length));
            foreach (var place in places)
            {
                var block = encoded[height].ToArray();
                block[place] ^= (byte)(1 << random.Next(8));
                var report = Replay([.. before, block]);
                Assert.True(report.Failure?.Height == (ulong)height, $"seed {seed}: byte {place} of block {height}: {report.Failure}");
                Assert.NotEmpty(report.Failure.Message);
            }
        }
    }

    [Fact]
    public async Task A_chain_cut_short_is_truncated_only_for_who_remembers_its_head()
    {
        var chain = Whole.Value;
        var cut = chain.Encoded.SkipLast(1);
        var head = new SignedHead(chain.Ledger, chain.Blocks[^1].Header, chain.Blocks[^1].Signature);
        var remembered = await Verifier.VerifyAsync(Verifying.Stream(cut), new VerificationOptions { Head = SignedHead.FromJson(head.ToJson()) });
        Assert.Equal(Invariants.Durability, remembered.Failure?.Invariant);
        var forgotten = await Verifier.VerifyAsync(Verifying.Stream(cut), new VerificationOptions());
        Assert.True(forgotten.Ok);
        Assert.Contains(forgotten.NotShown, sentence => sentence.Contains("wholly rewritten", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chain_that_goes_on_from_the_remembered_head_is_good()
    {
        var chain = Whole.Value;
        var head = new SignedHead(chain.Ledger, chain.Blocks[5].Header, chain.Blocks[5].Signature);
        Assert.True((await chain.Verify(new VerificationOptions { Head = head })).Ok);
    }

    [Fact]
    public async Task A_rewritten_chain_is_good_in_itself_and_broken_against_a_memory()
    {
        var original = new Story();
        original.Found();
        var rewritten = new Story { Chain = { Now = original.Chain.Now + 1 } };
        rewritten.Found();
        Assert.True((await rewritten.Chain.Verify()).Ok);
        var first = original.Chain.Blocks[0];
        var head = new SignedHead(original.Chain.Ledger, original.Chain.Blocks[^1].Header, original.Chain.Blocks[^1].Signature);
        Assert.Equal(Invariants.Seals, (await rewritten.Chain.Verify(new VerificationOptions { Head = head })).Failure?.Invariant);
        Assert.Equal(
            Invariants.Seals,
            (await rewritten.Chain.Verify(new VerificationOptions { GenesisHash = first.Header.Hash(original.Chain.Domain) })).Failure?.Invariant);
    }

    [Fact]
    public void A_changed_head_file_is_no_head()
    {
        var chain = Whole.Value;
        var json = new SignedHead(chain.Ledger, chain.Blocks[5].Header, chain.Blocks[5].Signature).ToJson();
        Assert.NotNull(SignedHead.FromJson(json));
        Assert.Null(SignedHead.FromJson(json.Replace("\"height\": \"5\"", "\"height\": \"6\"", StringComparison.Ordinal)));
        Assert.Null(SignedHead.FromJson(json.Replace("\"height\": 5", "\"height\": 6", StringComparison.Ordinal)));
        Assert.Null(SignedHead.FromJson("{}"));
        Assert.Null(SignedHead.FromJson("nothing"));
    }

    [Fact]
    public async Task The_wrong_claim_key_is_noticed_at_genesis()
    {
        var report = await Whole.Value.Verify(new VerificationOptions { ClaimKey = new ClaimKey(new byte[32]) });
        Assert.Equal((Invariants.Structure, 0UL), (report.Failure!.Invariant, report.Failure.Height));
    }

    [Fact]
    public async Task Swapped_and_missing_blocks_are_gaps()
    {
        var encoded = Whole.Value.Encoded;
        var swapped = encoded.ToArray();
        (swapped[4], swapped[5]) = (swapped[5], swapped[4]);
        var missing = encoded.Where((_, height) => height != 4);
        foreach (var blocks in new[] { swapped, missing })
        {
            var report = await Verifier.VerifyAsync(Verifying.Stream(blocks), new VerificationOptions());
            Assert.Equal((Invariants.Numbers, 4UL), (report.Failure!.Invariant, report.Failure.Height));
        }
    }

    [Fact]
    public async Task No_blocks_are_no_ledger() =>
        Assert.False((await Verifier.VerifyAsync(Verifying.Stream([]), new VerificationOptions())).Ok);

    [Fact]
    public async Task A_closed_part_deleted_without_a_record_fails()
    {
        var report = await Verifier.VerifyAsync(Verifying.Stream(Redacted(Story.Whole().Chain, 8)), new VerificationOptions());
        Assert.Equal(Invariants.Replay, report.Failure?.Invariant);
        Assert.Contains("without a redaction record", report.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_part_deleted_under_a_record_verifies_and_says_what_is_not_shown()
    {
        var story = Story.Whole();
        story.Redact(12);
        var report = await Verifier.VerifyAsync(Verifying.Stream(Redacted(story.Chain, 12)), new VerificationOptions { ClaimKey = story.Chain.ClaimKey });
        Assert.Null(report.Failure);
        var whole = await story.Chain.Verify();
        Assert.Equal((whole.Transactions, whole.Transfers, whole.HeadHash), (report.Transactions, report.Transfers, report.HeadHash));
        Assert.Equal(whole.Units[Story.Unit], report.Units[Story.Unit]);
        Assert.Contains(report.NotShown, sentence => sentence.Contains("are deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_does_not_cover_what_lies_above_it()
    {
        var story = Story.Whole();
        story.Redact(5);
        var report = await Verifier.VerifyAsync(Verifying.Stream(Redacted(story.Chain, 12)), new VerificationOptions());
        Assert.Contains("without a redaction record", report.Failure?.Message, StringComparison.Ordinal);
    }

    internal static IEnumerable<byte[]> Redacted(ChainBuilder chain, ulong upToHeight) => chain.Blocks.Select(block => BlockCodec.Encode(
        block.Header.Height > upToHeight
            ? block
            : block with
            {
                Transactions =
                [
                    .. block.Transactions.Select(ordered => ordered.Transaction.Closed is { IsEmpty: false }
                        ? ordered with { Transaction = ordered.Transaction with { Closed = null } }
                        : ordered),
                ],
            }));

    private static VerificationReport Replay(IEnumerable<byte[]> blocks)
    {
        var replay = new ChainReplay(new VerificationOptions(), openOnly: false);
        _ = blocks.All(block => replay.Append(PreparedBlock.Of(block)));
        return replay.Finish();
    }
}
