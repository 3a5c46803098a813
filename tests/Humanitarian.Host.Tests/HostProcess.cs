using System.Diagnostics;
using System.Text;

namespace Humanitarian.Host.Tests;

/// <summary>The program as a child process, as its users run it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> awaited = [];

    private HostProcess(Process process) => this.process = process;

    /// <summary>The repository's top level.</summary>
    public static string Repository { get; } = FindRepository();

    public static HostProcess Start(string folder, IReadOnlyDictionary<string, string>? environment, params ReadOnlySpan<string> arguments) =>
        StartAs(folder, environment, ["dotnet", Path.Combine(AppContext.BaseDirectory, "Humanitarian.Host.dll"), .. arguments]);

    /// <summary>Starts it by a command line of its own, such as one that takes rights away first.</summary>
    public static HostProcess StartAs(string folder, IReadOnlyDictionary<string, string>? environment, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var host = new HostProcess(new Process { StartInfo = start });
        host.process.OutputDataReceived += (_, line) => host.Take(host.output, line.Data);
        host.process.ErrorDataReceived += (_, line) => host.Take(host.errors, line.Data);
        host.process.Start();
        host.process.StandardInput.Close();
        host.process.BeginOutputReadLine();
        host.process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        await using var host = Start(folder, environment, arguments);
        return await host.EndAsync();
    }

    public static Task<(int Code, string Output, string Errors)> RunAsync(string folder, params string[] arguments) => RunAsync(folder, null, arguments);

    /// <summary>The first line of either stream that contains a text.</summary>
    public async Task<string> LineWithAsync(string text)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (awaited)
        {
            if ((output.ToString() + errors).Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            awaited.Add((text, seen));
        }

        var ended = process.WaitForExitAsync();
        if (await Task.WhenAny(seen.Task, ended).WaitAsync(Patience) == ended && !seen.Task.IsCompleted)
        {
            Assert.Fail($"It ended without '{text}': {output}{errors}");
        }

        return await seen.Task;
    }

    /// <summary>Asks it to stop, as Ctrl-C or a service manager does.</summary>
    public async Task<(int Code, string Output, string Errors)> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        return await EndAsync();
    }

    public async Task<(int Code, string Output, string Errors)> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        lock (awaited)
        {
            return (process.ExitCode, output.ToString(), errors.ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (awaited)
        {
            text.Append(line).Append('\n');
            foreach (var (wanted, seen) in awaited)
            {
                if (line.Contains(wanted, StringComparison.Ordinal))
                {
                    seen.TrySetResult(line);
                }
            }
        }
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Humanitarian.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
