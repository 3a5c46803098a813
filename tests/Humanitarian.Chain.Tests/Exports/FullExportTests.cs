using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Tests.Verification;
using Humanitarian.Chain.Verification;

namespace Humanitarian.Chain.Tests.Exports;

public sealed class FullExportTests
{
    private static readonly Lazy<ChainBuilder> Whole = new(() => Story.Whole().Chain);

    [Fact]
    public async Task An_export_reads_back_as_the_chain_it_was()
    {
        var bytes = await Export();
        var blocks = new List<byte[]>();
        await foreach (var block in FullExport.ReadAsync(new MemoryStream(bytes)))
        {
            blocks.Add(block.ToArray());
        }

        Assert.Equal(Whole.Value.Encoded, blocks);
        Assert.True((await Verify(bytes)).Ok);
        Assert.True(FullExport.IsOne(bytes));
    }

    [Fact]
    public async Task An_export_cut_anywhere_is_broken()
    {
        var bytes = await Export();
        foreach (var length in Enumerable.Range(0, 50).Select(i => i * (bytes.Length - 1) / 49))
        {
            var report = await Verify(bytes[..length]);
            Assert.NotNull(report.Failure);
        }

        Assert.NotNull((await Verify([.. bytes, 0])).Failure);
    }

    [Fact]
    public async Task A_flipped_byte_anywhere_is_broken()
    {
        var bytes = await Export();
        const int seed = 7;
        var random = new Random(seed);
        var end = Enumerable.Range(bytes.Length - 44, 44);
        foreach (var place in Enumerable.Range(0, 40).Concat(end).Concat(Enumerable.Range(0, 60).Select(_ => random.Next(bytes.Length))))
        {
            var changed = bytes.ToArray();
            changed[place] ^= (byte)(1 << random.Next(8));
            var report = await Verify(changed);
            Assert.True(report.Failure is not null, $"seed {seed}, byte {place}");
        }
    }

    private static async Task<byte[]> Export()
    {
        using var stream = new MemoryStream();
        await FullExport.WriteAsync(stream, Verifying.Stream(Whole.Value.Encoded));
        return stream.ToArray();
    }

    private static Task<VerificationReport> Verify(byte[] export) =>
        Verifier.VerifyAsync(FullExport.ReadAsync(new MemoryStream(export)), new VerificationOptions());
}
