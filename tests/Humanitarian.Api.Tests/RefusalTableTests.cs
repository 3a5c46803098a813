using System.Reflection;
using System.Text.RegularExpressions;
using Humanitarian.Api.Lists;
using Humanitarian.Api.Tests.Lists;
using Humanitarian.Chain.Keys;
using Humanitarian.Domain;
using Humanitarian.Storage;

namespace Humanitarian.Api.Tests;

/// <summary>Every stable code is documented in one place, and nothing else is.</summary>
public sealed partial class RefusalTableTests
{
    private static string Docs { get; } = ListFiles.Above("docs")!;

    [Fact]
    public void Table_has_every_code_once_and_no_other()
    {
        var documented = RowCode.Matches(File.ReadAllText(Path.Combine(Docs, "refusals.md"))).Select(row => row.Groups[1].Value).ToArray();
        Assert.Equal(documented.Distinct().Order(StringComparer.Ordinal), documented);

        // The codes of start-up are the program's own, which this room does not know.
        var known = Constants(typeof(RefusalCode)).Concat(Constants(typeof(ApiCode))).Concat(Constants(typeof(StorageFaultCode))).Concat(Keystore()).ToHashSet();
        Assert.Equal(known.Order(StringComparer.Ordinal), documented.Where(code => !code.StartsWith("STARTUP_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Codes_of_lists_are_documented_with_the_lists()
    {
        var documented = RowCode.Matches(File.ReadAllText(Path.Combine(Docs, "lists.md"))).Select(row => row.Groups[1].Value).ToHashSet();
        Assert.Empty(Constants(typeof(ListCodes)).Except(documented));
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> Keystore() =>
        typeof(KeystoreRefusals).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => ((Refusal)property.GetValue(null)!).Code);

    [GeneratedRegex(@"^\| `([A-Z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex RowCode { get; }
}
