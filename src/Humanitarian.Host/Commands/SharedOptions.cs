using System.CommandLine;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Commands;

/// <summary>Options that several commands have, made anew for each.</summary>
internal static class SharedOptions
{
    public static Option<string?> Config() => new("--config") { HelpName = "FILE", Description = $"Settings; else {SettingsReader.FileName} here or beside the program." };

    public static Option<string?> Data() => new("--data", "-d") { HelpName = "DIR", Description = "The data folder (setting Storage:DataFolder)." };

    public static Option<string?> Keys() => new("--keys") { HelpName = "DIR", Description = "The keys folder (setting Keys:Folder)." };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document and nothing else." };

    /// <summary>Settings with what the command line says of them.</summary>
    public static (Settings Settings, IConfiguration Configuration) Settings(
        this ParseResult parsed, Option<string?> config, params ReadOnlySpan<(string Setting, Option<string?> Option)> given)
    {
        var commandLine = new Dictionary<string, string?>();
        foreach (var (setting, option) in given)
        {
            if (parsed.GetValue(option) is { } value)
            {
                commandLine[setting] = value;
            }
        }

        return SettingsReader.Read(parsed.GetValue(config), commandLine);
    }
}
