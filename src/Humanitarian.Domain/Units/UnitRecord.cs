using System.Text;

namespace Humanitarian.Domain.Units;

/// <summary>A commodity's measure and what one whole unit of it cost.</summary>
/// <param name="Measure">What is counted, such as "25 kg bag".</param>
/// <param name="UnitCostMinor">Cost of one whole unit, in minor units of <paramref name="CostCurrency"/>.</param>
public sealed record Commodity(string Measure, long UnitCostMinor, string CostCurrency);

/// <summary>What a balance counts: a currency (ISO 4217), hours in seconds, points or a commodity. Units never mix.</summary>
/// <param name="Code">Short name: 2 to 12 capital letters, digits or hyphens.</param>
/// <param name="Exponent">Decimal places between the whole unit and the minor unit, 0 to 9.</param>
public sealed record UnitRecord(string Code, int Exponent, Commodity? Commodity) : Record(IdOf(Code))
{
    /// <summary>Prefix of the shadow unit in which spending limits are kept as balances.</summary>
    public const char AllowancePrefix = '~';

    /// <summary>Prefix of the shadow unit that counts what an account has received, for limits that grow.</summary>
    public const char ReceivedPrefix = '+';

    /// <summary>Prefix of the shadow unit that counts the day up to which an account has been charged demurrage.</summary>
    public const char ChargedPrefix = '!';

    private const string ShadowPrefixes = "~+!";

    public override RecordKind Kind => RecordKind.Unit;

    /// <summary>A unit's id is its code, padded with zeros: at most 16 ASCII bytes.</summary>
    public static Id IdOf(string code)
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        bytes.Clear();
        Encoding.ASCII.GetBytes(code, bytes);
        return Id.FromBytes(bytes);
    }

    /// <summary>The shadow unit that counts allowances of a unit.</summary>
    public static string AllowanceOf(string code) => AllowancePrefix + code;

    /// <summary>The shadow unit that counts what an account has received in a unit.</summary>
    public static string ReceivedOf(string code) => ReceivedPrefix + code;

    /// <summary>The shadow unit that counts the day up to which an account's demurrage in a unit is charged.</summary>
    public static string ChargedOf(string code) => ChargedPrefix + code;

    /// <summary>True for a unit that only counts what rules go by: it is nobody's to spend.</summary>
    public static bool IsShadow(string unit) => unit.Length > 0 && ShadowPrefixes.Contains(unit[0], StringComparison.Ordinal);

    /// <summary>True for what a posting may move: a unit's code, or that of one of its shadows.</summary>
    public static bool IsPostable(string unit) => IsCode(IsShadow(unit) ? unit[1..] : unit);

    /// <summary>True for a code that a unit may have.</summary>
    public static bool IsCode(string code) =>
        code.Length is >= 2 and <= 12 && code.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-');
}
