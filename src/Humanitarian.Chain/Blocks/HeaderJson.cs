using System.Globalization;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Blocks;

/// <summary>
/// A header as the message of EIP-712 typed data: whole numbers as decimal text (wallets take them so, and none is lost to a
/// floating-point parser), hashes and the address with 0x.
/// </summary>
public sealed record HeaderJson(
    string Height, string Previous, string Root, string Count, string Time, string Epoch, string LogSize, string LogRoot, string Sealer)
{
    public static HeaderJson Of(BlockHeader header) => new(
        Text(header.Height), header.Previous.ToString(), header.Root.ToString(), Text(header.Count), Text(header.Time),
        Text(new UInt128(header.Epoch.High, header.Epoch.Low)), Text(header.LogSize), header.LogRoot.ToString(), header.Sealer.ToChecksumText());

    /// <exception cref="FormatException">A member is not in its form.</exception>
    /// <exception cref="OverflowException">A number does not fit its type.</exception>
    public BlockHeader ToHeader()
    {
        var epoch = Number<UInt128>(Epoch);
        return new BlockHeader(
            Number<ulong>(Height), Hash32.Parse(Previous), Hash32.Parse(Root), Number<ulong>(Count), Number<long>(Time),
            unchecked(new Id((ulong)(epoch >> 64), (ulong)epoch)), Number<ulong>(LogSize), Hash32.Parse(LogRoot), Address.Parse(Sealer));
    }

    private static string Text<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static T Number<T>(string text)
        where T : System.Numerics.INumber<T> => T.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
