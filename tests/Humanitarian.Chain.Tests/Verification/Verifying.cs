using Humanitarian.Chain.Verification;

namespace Humanitarian.Chain.Tests.Verification;

internal static class Verifying
{
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Stream(IEnumerable<byte[]> blocks)
    {
        foreach (var block in blocks)
        {
            await Task.CompletedTask;
            yield return block;
        }
    }

    public static Task<VerificationReport> Verify(this ChainBuilder chain, VerificationOptions? options = null) =>
        Verifier.VerifyAsync(Stream(chain.Encoded), options ?? new VerificationOptions { ClaimKey = chain.ClaimKey });
}
