using System.Text.Json;
using CsCheck;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Canonical;

public sealed class TransactionCodecTests
{
    [Fact]
    public void List_that_claims_more_items_than_its_bytes_hold_is_given_no_room_for_them()
    {
        const int Claimed = 1_000_000;
        using var writer = new CanonicalWriter();
        writer.Number(Claimed);
        byte[] bytes = [.. writer.Written, .. new byte[Claimed]];
        Assert.Equal(Claimed, new CanonicalReader(bytes).List(static (ref CanonicalReader r) => r.Byte()).Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<EncodingException>(() => new CanonicalReader(bytes).List(static (ref CanonicalReader r) => r.Id()));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Claimed * Humanitarian.Domain.Id.Size / 4);
    }

    [Fact]
    public void A_transaction_decodes_to_itself() => Gen.Int.Sample(
        seed =>
        {
            var transaction = Arbitrary.Of(seed);
            var encoded = TransactionCodec.Encode(transaction);
            var decoded = TransactionCodec.Decode(encoded);
            var again = TransactionCodec.Encode(decoded);
            return Text(decoded) == Text(transaction)
                && again.Open.Span.SequenceEqual(encoded.Open.Span) && again.Closed!.Value.Span.SequenceEqual(encoded.Closed!.Value.Span)
                && again.Hash() == encoded.Hash();
        },
        iter: 3_000);

    [Fact]
    public void Without_its_closed_part_a_transaction_keeps_its_hash_and_names_nobody() => Gen.Int.Sample(
        seed =>
        {
            var transaction = Arbitrary.Of(seed);
            var encoded = TransactionCodec.Encode(transaction);
            var stripped = encoded with { Closed = encoded.Closed is { IsEmpty: true } ? encoded.Closed : null };
            var open = TransactionCodec.Decode(stripped);
            return stripped.Hash() == encoded.Hash()
                && open.HasClosedPart == transaction.Salt.IsNone
                && open.Reads.All(read => !read.NamesPerson) && open.Writes.All(write => !write.Record.NamesPerson)
                && open.Postings.All(posting => !posting.OfPerson || posting.Account.IsNone);
        },
        iter: 2_000);

    [Fact]
    public void A_flipped_byte_is_no_encoding_or_another_transaction() => Gen.Select(Gen.Int, Gen.Int[0, int.MaxValue], Gen.Int[0, 7]).Sample(
        (seed, place, bit) =>
        {
            var encoded = TransactionCodec.Encode(Arbitrary.Of(seed));
            var changed = Flip(encoded, place, bit);
            try
            {
                return TransactionCodec.Encode(TransactionCodec.Decode(changed)).Hash() != encoded.Hash() && changed.Hash() != encoded.Hash();
            }
            catch (EncodingException)
            {
                return true;
            }
        },
        iter: 10_000);

    [Fact]
    public void Any_bytes_are_a_block_or_refused() => Gen.Byte.Array[0, 400].Sample(
        bytes =>
        {
            bytes = [BlockCodec.Version, .. bytes];
            try
            {
                return BlockCodec.Encode(BlockCodec.Decode(bytes)).AsSpan().SequenceEqual(bytes);
            }
            catch (EncodingException)
            {
                return true;
            }
        },
        iter: 10_000);

    [Fact]
    public void A_person_needs_a_closed_part()
    {
        var transaction = Arbitrary.Full(TransactionKind.Redemption);
        var open = TransactionCodec.Encode(transaction with
        {
            Salt = default, Chunk = null, Reads = [], Writes = [], Postings = [transaction.Postings[0] with { OfPerson = true }],
        });
        Assert.Throws<EncodingException>(() => TransactionCodec.Decode(open));
    }

    [Fact]
    public void A_block_of_the_whole_story_decodes_to_itself()
    {
        foreach (var bytes in Story.Whole().Chain.Encoded)
        {
            Assert.Equal(bytes, BlockCodec.Encode(BlockCodec.Decode(bytes)));
        }
    }

    private static EncodedTransaction Flip(EncodedTransaction encoded, int place, int bit)
    {
        byte[] both = [.. encoded.Open.Span, .. encoded.Closed!.Value.Span];
        both[place % both.Length] ^= (byte)(1 << bit);
        var closed = both.AsMemory(encoded.Open.Length);
        return new EncodedTransaction(both.AsMemory(0, encoded.Open.Length), closed, Keccak.Hash(closed.Span));
    }

    private static string Text(Transaction transaction) => JsonSerializer.Serialize(transaction with { Writes = [] })
        + string.Concat(transaction.Writes.Select(write => write.Version + JsonSerializer.Serialize<object>(write.Record)));
}
