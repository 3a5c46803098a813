using System.Security.Cryptography;

namespace Humanitarian.Chain.Crypto;

/// <summary>Unpredictable bytes, injected so that tests can repeat a run.</summary>
public interface IRandomSource
{
    void Fill(Span<byte> destination);
}

/// <summary>The operating system's generator.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
