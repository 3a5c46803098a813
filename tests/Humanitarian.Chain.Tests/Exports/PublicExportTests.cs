using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Tests.Verification;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Exports;

public sealed class PublicExportTests
{
    private static readonly Lazy<Story> Whole = new(Story.Whole);

    [Fact]
    public async Task A_public_export_verifies_and_says_what_it_does_not_show()
    {
        var report = await Verify(await Export(Whole.Value.Chain.Encoded));
        Assert.Null(report.Failure);
        Assert.Equal(Whole.Value.Chain.Blocks[^1].Header.Hash(Whole.Value.Chain.Domain), report.HeadHash);
        Assert.Contains(report.NotShown, sentence => sentence.Contains("bare hashes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_holds_a_shop_receipt_finds_nobody()
    {
        var text = await Export(Whole.Value.Chain.Encoded);
        var bytes = Encoding.ASCII.GetString(text);
        var told = new List<string>();
        void Look(string what, params string[] forms)
        {
            if (forms.Any(form => bytes.Contains(form, StringComparison.OrdinalIgnoreCase)))
            {
                told.Add(what);
            }
        }

        foreach (var transaction in Whole.Value.Chain.Blocks.SelectMany(block => block.Transactions).Select(ordered => TransactionCodec.Decode(ordered.Transaction)))
        {
            if (transaction.Salt.IsNone)
            {
                continue;
            }

            Look("salt", transaction.Salt.ToString());
            foreach (var evidence in transaction.Evidence)
            {
                Look("receipt", evidence.ToString()[2..]);
            }

            foreach (var posting in Effects.AllPostings(transaction).Where(posting => posting.OfPerson))
            {
                Look("account", posting.Account.ToString(), new UInt128(posting.Account.High, posting.Account.Low).ToString(CultureInfo.InvariantCulture));
            }

            foreach (var line in transaction.Chunk?.Lines ?? [])
            {
                Look("household", line.Household.ToString());
            }

            foreach (var claim in transaction.Claims)
            {
                Look("claim", claim.ToString());
            }
        }

        // Amounts of persons' payments that no organisation's transaction shares by chance.
        foreach (var amount in new[] { Story.OddAmount, Story.OddAmount - 1 })
        {
            Look("amount", [.. Forms(amount), .. Forms(-amount)]);
        }

        Assert.Empty(told);
    }

    [Fact]
    public async Task A_persons_transaction_tells_no_time_finer_than_its_block()
    {
        var story = new Story();
        story.Found();
        story.Fund();
        story.Enrol();
        story.DisburseInBulk();
        var decided = story.Chain.Now;
        story.Chain.Order(Domain.Redemptions.VoucherRedemptions.Decide(
            new(Story.Program, Story.Account(1), Story.Shop, 5_000, ["food"], ChainBuilder.EvidenceOf("till")), story.Chain.Scope(Story.Cashier), story.Chain.State));
        story.Chain.Now += 1_777;
        story.Chain.Cut();
        var bytes = Encoding.ASCII.GetString(await Export(story.Chain.Encoded));
        Assert.Contains(Decimal(decided + 1_777), bytes, StringComparison.Ordinal);
        Assert.All(Forms(decided), form => Assert.DoesNotContain(form, bytes, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Small_sums_are_withheld_and_large_ones_told()
    {
        var lines = Encoding.ASCII.GetString(await Export(Whole.Value.Chain.Encoded)).Split('\n');
        var sums = System.Text.Json.JsonSerializer.Deserialize<PublicSums>(lines[^3], System.Text.Json.JsonSerializerOptions.Web)!;
        Assert.All(sums.Cells, cell => Assert.True(cell.Count >= PublicExport.K));
        Assert.All(sums.Other, other => Assert.True(other.Count >= PublicExport.K));
        Assert.Contains(sums.Cells, cell => cell is { Kind: nameof(TransactionKind.DisbursementChunk), Count: 14, Unit: Story.Unit });
        Assert.DoesNotContain(sums.Cells, cell => cell.Kind is nameof(TransactionKind.Redemption) or nameof(TransactionKind.Transfer));
        Assert.Equal(0, sums.UncountedTransactions);
    }

    [Fact]
    public async Task Many_payments_of_few_people_are_no_crowd()
    {
        var story = new Story();
        story.Found();
        story.Fund();
        story.Enrol();
        story.DisburseInBulk();
        for (var i = 0; i < 15; i++)
        {
            story.Chain.Order(Domain.Redemptions.VoucherRedemptions.Decide(
                new(Story.Program, Story.Account(1 + (i % 3)), Story.Shop, 100 + i, ["food"], ChainBuilder.EvidenceOf($"till {i}")),
                story.Chain.Scope(Story.Cashier), story.Chain.State));
        }

        story.Chain.Cut();
        Assert.DoesNotContain("\"Redemption\"", Encoding.ASCII.GetString(await Export(story.Chain.Encoded)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_or_missing_byte_is_named()
    {
        var bytes = await Export(Whole.Value.Chain.Encoded);
        const int seed = 11;
        var random = new Random(seed);
        foreach (var place in Enumerable.Range(0, 100).Concat(Enumerable.Range(bytes.Length - 120, 120)).Concat(Enumerable.Range(0, 100).Select(_ => random.Next(bytes.Length))))
        {
            var changed = bytes.ToArray();
            changed[place] ^= (byte)(1 << random.Next(7));
            Assert.True((await Verify(changed)).Failure is not null, $"seed {seed}, byte {place}");
            Assert.NotNull((await Verify(bytes[..place])).Failure);
        }
    }

    [Fact]
    public async Task An_unsigned_approval_is_named_in_public_too()
    {
        var story = new Story();
        story.Found();
        story.Fund();
        story.Enrol();
        var draft = Story.Draft(
            "bulk", Story.Program, Domain.Disbursements.DeliveryMode.Bulk, "2026-10", Story.Grant, story.Chain.Now + 9_000, [Story.LineOf("bulk", 0, 5_000)]);
        story.Chain.Force(story.Approval(draft).Value! with { Authorisations = [] });
        story.Chain.Cut();
        Assert.Equal(Invariants.Separation, (await Verify(await Export(story.Chain.Encoded))).Failure?.Invariant);
    }

    [Fact]
    public async Task A_redacted_chain_has_a_public_export_too()
    {
        var story = Story.Whole();
        story.Redact(12);
        var bytes = await Export(TamperTests.Redacted(story.Chain, 12));
        Assert.True((await Verify(bytes)).Ok);
        Assert.DoesNotContain("\"uncountedTransactions\":0", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    private static string Decimal(long value) => value.ToString(CultureInfo.InvariantCulture);

    // As decimal text, as the encoding's number and signed number, as eight bytes.
    private static string[] Forms(long value)
    {
        using var writer = new CanonicalWriter();
        writer.Signed(value);
        var signed = Convert.ToHexStringLower(writer.Written);
        writer.Clear();
        writer.Number(unchecked((ulong)value));
        var number = Convert.ToHexStringLower(writer.Written);
        var word = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(word, value);
        return [Decimal(value), signed, number, Convert.ToHexStringLower(word)];
    }

    private static async Task<byte[]> Export(IEnumerable<byte[]> blocks)
    {
        using var stream = new MemoryStream();
        await PublicExport.WriteAsync(stream, Verifying.Stream(blocks));
        return stream.ToArray();
    }

    private static Task<VerificationReport> Verify(byte[] export) => PublicVerifier.VerifyAsync(new MemoryStream(export), new VerificationOptions());
}
