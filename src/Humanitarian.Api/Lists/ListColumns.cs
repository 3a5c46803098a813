using System.Text;

namespace Humanitarian.Api.Lists;

/// <summary>What a column is used for.</summary>
internal enum ColumnUse
{
    Drop,
    Date,
    Amount,
    Multiplier,
    Currency,
    Size,
    Site,
    Verification,
    Identifier,
}

/// <summary>What a column of a layout means.</summary>
/// <param name="Use">What it is used for.</param>
/// <param name="Kind">For identifiers, which.</param>
/// <param name="Required">The header must have it, and for identifiers each row a value.</param>
/// <param name="Unique">No two rows of a list may share its value.</param>
internal sealed record ColumnRule(
    ColumnUse Use, IdentifierKind? Kind = null, bool Required = false, bool Unique = true)
{
    public static readonly ColumnRule Dropped = new(ColumnUse.Drop);
    public static readonly ColumnRule DroppedDate = new(ColumnUse.Date);
}

/// <summary>A column of the list being read.</summary>
internal sealed record Column(int Index, string Name, ColumnRule Rule);

/// <summary>The layouts: which header means what. A new layout is a table here and a section in <c>docs/lists.md</c>.</summary>
internal static class ListColumns
{
    private static readonly ColumnRule Phone = new(ColumnUse.Identifier, IdentifierKind.Phone);
    private static readonly ColumnRule Email = new(ColumnUse.Identifier, IdentifierKind.Email);
    private static readonly ColumnRule NationalId = new(ColumnUse.Identifier, IdentifierKind.NationalId);
    private static readonly ColumnRule HouseholdId = new(ColumnUse.Identifier, IdentifierKind.HouseholdId, Required: true);
    private static readonly ColumnRule ReferenceId = new(ColumnUse.Identifier, IdentifierKind.ReferenceId);
    private static readonly ColumnRule PaymentId = new(ColumnUse.Identifier, IdentifierKind.PaymentId);
    private static readonly ColumnRule Amount = new(ColumnUse.Amount, Required: true);
    private static readonly ColumnRule Currency = new(ColumnUse.Currency);
    private static readonly ColumnRule Size = new(ColumnUse.Size);
    private static readonly ColumnRule Site = new(ColumnUse.Site);

    private static readonly Dictionary<ListFormat, Dictionary<string, ColumnRule>> Layouts = new()
    {
        [ListFormat.Household] = new()
        {
            ["householdid"] = HouseholdId,
            ["size"] = Size with { Required = true },
            ["amount"] = Amount with { Required = false },
            ["currency"] = Currency,
            ["phone"] = Phone,
            ["email"] = Email,
            ["nationalid"] = NationalId,
            ["site"] = Site,
        },
        [ListFormat.Sdp] = new()
        {
            ["phone"] = Phone,
            ["email"] = Email,
            ["id"] = ReferenceId with { Required = true },
            ["amount"] = Amount,
            ["verification"] = new(ColumnUse.Verification),
            ["paymentid"] = PaymentId,
        },
        [ListFormat.OneTwoOne] = new()
        {
            ["referenceid"] = ReferenceId,
            ["phonenumber"] = Phone,
            ["email"] = Email,
            ["nationalid"] = NationalId,
            ["documentid"] = NationalId,
            ["paymentamountmultiplier"] = new(ColumnUse.Multiplier),
            ["totalhhsize"] = Size,
            ["householdsize"] = Size,
            ["scope"] = Site,
        },
        [ListFormat.Hope] = new()
        {
            ["paymentid"] = PaymentId with { Required = true },
            ["householdid"] = HouseholdId,
            ["individualid"] = ReferenceId,
            ["entitlementquantity"] = Amount,
            ["currency"] = Currency,
            ["householdsize"] = Size,
            ["village"] = Site,
            // The collector's, who may collect for several households.
            ["nationalid"] = NationalId with { Unique = false },
        },
    };

    /// <summary>The layout whose tell-tale columns the header has, or null.</summary>
    public static ListFormat? Recognise(IEnumerable<string> header)
    {
        HashSet<string> names = [.. header.Select(Key)];
        return names.Contains("programfspconfigurationname") || names.Contains("paymentamountmultiplier") ? ListFormat.OneTwoOne
            : names.Contains("paymentid") && names.Contains("entitlementquantity") ? ListFormat.Hope
            : names.Contains("householdid") && names.Contains("size") ? ListFormat.Household
            : names.Contains("id") && (names.Contains("phone") || names.Contains("email") || names.Contains("walletaddress")) ? ListFormat.Sdp
            : null;
    }

    /// <summary>The columns in the order of the header; what a layout doesn't know is dropped.</summary>
    public static Column[] Bind(ListFormat format, IReadOnlyList<string> header) =>
        [.. header.Select((name, i) => new Column(i, name, Rule(format, name)))];

    /// <summary>Required columns that the header lacks, as the layout spells them.</summary>
    public static string[] Missing(ListFormat format, IReadOnlyList<string> header)
    {
        HashSet<string> names = [.. header.Select(Key)];
        return [.. Layouts[format].Where(x => x.Value.Required && !names.Contains(x.Key)).Select(x => Spelling(format, x.Key))];
    }

    /// <summary>Two names that differ only in capitals, spaces, dashes and underscores are the same column.</summary>
    public static string Key(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (char c in name)
        {
            if (c is not ('_' or ' ' or '-'))
                key.Append(char.ToLowerInvariant(c));
        }

        return key.ToString();
    }

    private static ColumnRule Rule(ListFormat format, string name) =>
        Layouts[format].TryGetValue(Key(name), out ColumnRule? rule) ? rule
        : IsDate(name) ? ColumnRule.DroppedDate
        : ColumnRule.Dropped;

    /// <summary>A word of the name says so: birthdate, birth_date, dateOfBirth, DOB; but not candidate or mandate.</summary>
    private static bool IsDate(string name)
    {
        var words = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
                words.Append(' ');
            words.Append(char.IsLetter(name[i]) ? char.ToLowerInvariant(name[i]) : ' ');
        }

        return words.ToString().Split(' ').Any(word => word is "date" or "dob" or "birthdate" or "birthday");
    }

    private static string Spelling(ListFormat format, string key) => (format, key) switch
    {
        (_, "householdid") => "household_id",
        (ListFormat.Hope, "paymentid") => "payment_id",
        (_, "entitlementquantity") => "entitlement_quantity",
        _ => key,
    };
}
