using System.CommandLine;
using Humanitarian.Host.Commands;

namespace Humanitarian.Host.Tests;

public class CommandLineTests
{
    public static TheoryData<string> CommandNames => [.. Commands(CommandLine.Root(), "")];

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Every_command_explains_itself(string command)
    {
        var output = new StringWriter();
        var parsed = CommandLine.Root().Parse([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, await parsed.InvokeAsync(new InvocationConfiguration { Output = output }));
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
        if (parsed.CommandResult.Command.Subcommands.Count == 0)
        {
            Assert.Contains("Examples:", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_example_is_understood()
    {
        var root = CommandLine.Root();
        var examples = All(root).OfType<ExampleCommand>().SelectMany(command => command.Examples).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(root.Parse(example).Errors));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("verify", "--no-such-option")]
    [InlineData("keys", "new")]
    [InlineData("verify", "--data", "a", "--export", "b")]
    public async Task A_wrong_command_line_ends_with_2(params string[] arguments) => Assert.Equal(2, await CommandLine.RunAsync(arguments));

    [Fact]
    public async Task Help_is_printed_by_the_program()
    {
        using var folder = new TemporaryFolder();
        var (code, output, errors) = await HostProcess.RunAsync(folder.Path, "keys", "new", "--help");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("--password-file", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Commands(Command command, string path) =>
        command.Subcommands.SelectMany(child => Commands(child, $"{path} {child.Name}".Trim())).Prepend(path);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
