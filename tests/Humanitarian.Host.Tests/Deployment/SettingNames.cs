using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Tests.Deployment;

/// <summary>Settings as a deployment names them: environment variables.</summary>
internal static class SettingNames
{
    /// <summary>Fails on a variable that names no setting, or no place of a list; the program would refuse to start with it.</summary>
    public static void AssertKnown(IEnumerable<string> variables)
    {
        var known = Of("HUMANITARIAN", typeof(Settings)).ToHashSet(StringComparer.Ordinal);
        Assert.All(variables, variable => Assert.Contains(variable, known));
    }

    /// <summary>Fails where the program would refuse to start with these.</summary>
    public static void AssertEnough(IEnumerable<(string Variable, string Value)> given) => Assert.NotNull(
        SettingsReader.Defaults([.. given.Select(one => (one.Variable[SettingsReader.EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal), one.Value))]).Settings);

    private static IEnumerable<string> Of(string prefix, Type type) => type.GetProperties().SelectMany(property =>
        property.PropertyType.Namespace == typeof(Settings).Namespace
            ? Of($"{prefix}__{property.Name}", property.PropertyType)
            : [$"{prefix}__{property.Name}{(IsList(property.PropertyType) ? "__0" : "")}"]);

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
}
