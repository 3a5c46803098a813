using Humanitarian.LoadTests;
using Spectre.Console;

// Standard output belongs to the JSON.
var errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
return await Tool.RunAsync(args, args.Contains("--json") ? errors : AnsiConsole.Console, Console.Out);
