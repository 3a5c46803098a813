using System.Text;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

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

    /// <summary>True for an id that is the world account of any unit there may be: no account of the ledger's own has it.</summary>
    public static bool IsReserved(Id account)
    {
        var text = Encoding.ASCII.GetString(account.ToBytes()).TrimEnd('\0');
        return text.StartsWith('@') && UnitRecord.IsPostable(text[1..]);
    }

    /// <summary>True for the world account of the unit.</summary>
    public static bool Is(Id account, string unit) => account.High >> 56 == '@' && account == IdOf(unit);

    /// <summary>True when every change is one of its unit's world account.</summary>
    public static bool IsAll(Id account, ArraySegment<BalanceChange> changes)
    {
        foreach (var change in changes)
        {
            if (!Is(account, change.Unit))
            {
                return false;
            }
        }

        return true;
    }
}
