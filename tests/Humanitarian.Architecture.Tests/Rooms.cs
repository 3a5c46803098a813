using System.Reflection;
using System.Runtime.CompilerServices;

namespace Humanitarian.Architecture.Tests;

/// <summary>The rooms of the project, each an assembly, and where their sources lie.</summary>
internal static class Rooms
{
    /// <summary>In the order in which they may know each other: each knows those before it.</summary>
    public static readonly string[] InOrder = ["Domain", "Chain", "Storage", "Grains", "Api", "Host"];

    public static Assembly Domain => Of("Domain");

    public static Assembly Grains => Of("Grains");

    public static string Root { get; } = FindRoot();

    public static Assembly Of(string room) => Assembly.Load($"Humanitarian.{room}");

    /// <summary>The types that people wrote, generated ones left out.</summary>
    public static IEnumerable<Type> TypesOf(string room) =>
        Of(room).GetTypes().Where(type => type.Namespace?.StartsWith("Humanitarian.", StringComparison.Ordinal) == true);

    /// <summary>Source files, those of builds left out, relative to the root with forward slashes.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
