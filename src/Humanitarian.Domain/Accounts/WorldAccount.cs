using System.Text;

namespace Humanitarian.Domain.Accounts;

/// <summary>
/// The outside of the ledger, one account for each unit. Its balance is minus what is on the ledger: issued − retired. It has no
/// limit, so it is never asked and never reserves.
/// </summary>
public static class WorldAccount
{
    /// <summary>The world account of a unit, shadow units included: '@' and the code, padded with zeros.</summary>
    public static Id IdOf(string unit)
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        bytes.Clear();
        bytes[0] = (byte)'@';
        Encoding.ASCII.GetBytes(unit, bytes[1..]);
        return Id.FromBytes(bytes);
    }

    /// <summary>True for the world account of the unit.</summary>
    public static bool Is(Id account, string unit) => account == IdOf(unit);
}
