using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Proofs;
using Humanitarian.Chain.Tests.Verification;
using Humanitarian.Chain.Verification;

namespace Humanitarian.Chain.Tests.Proofs;

/// <summary>Writes what the tests in <c>tests/interop</c> check with other people's libraries, and checks it with ours.</summary>
public sealed class InteropFiles
{
    [Fact]
    public async Task Files_for_other_libraries_verify_here()
    {
        var folder = Environment.GetEnvironmentVariable("HUMANITARIAN_INTEROP_FOLDER") ?? Directory.CreateTempSubdirectory("humanitarian-interop").FullName;
        var chain = Story.Whole().Chain;
        await using (var file = File.Create(Path.Combine(folder, "public.jsonl")))
        {
            await PublicExport.WriteAsync(file, Verifying.Stream(chain.Encoded));
        }

        await using (var file = File.Create(Path.Combine(folder, "full.export")))
        {
            await FullExport.WriteAsync(file, Verifying.Stream(chain.Encoded));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "proof.json"), TransactionProofTests.OfChunk(chain).ToJson());

        await using var written = File.OpenRead(Path.Combine(folder, "public.jsonl"));
        Assert.True((await PublicVerifier.VerifyAsync(written, new VerificationOptions())).Ok);
        Assert.True((await Verifier.VerifyAsync(FullExport.ReadAsync(Path.Combine(folder, "full.export")), new VerificationOptions())).Ok);
        Assert.True(TransactionProofs.Verify(TransactionProof.FromJson(await File.ReadAllTextAsync(Path.Combine(folder, "proof.json")))!));
    }
}
