using System.Globalization;
using System.Reflection;

namespace Humanitarian.Storage.Migrations;

/// <summary>One numbered change of a database's layout.</summary>
internal sealed record MigrationScript(int Number, string Name, string Sql);

/// <summary>
/// The changes of a layout, embedded as <c>{prefix}{number}_{name}.sql</c> and numbered from 1 without a gap. One that has been
/// released is never edited; the next change gets the next number.
/// </summary>
internal static class MigrationScripts
{
    private const int Digits = 4;
    private static readonly Assembly Home = typeof(MigrationScripts).Assembly;

    public static IReadOnlyList<MigrationScript> Of(string prefix)
    {
        var all = Home.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new MigrationScript(int.Parse(name.AsSpan(prefix.Length, Digits), CultureInfo.InvariantCulture), name[prefix.Length..], Text(name)))
            .ToList();
        return all.Count > 0 && all.Select(script => script.Number).SequenceEqual(Enumerable.Range(1, all.Count))
            ? all
            : throw new InvalidOperationException($"The migrations under {prefix} are not numbered from 1 without a gap.");
    }

    private static string Text(string resource)
    {
        using var reader = new StreamReader(Home.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
