using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>The program as a child process: a server that is killed, or a command that ends.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string Announcement = "GraphQL at ";

    private readonly Process process;
    private readonly long started;
    private readonly StringBuilder text = new();
    private readonly TaskCompletionSource<Uri> announced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start)
    {
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        started = Stopwatch.GetTimestamp();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>Everything it wrote so far, to either stream.</summary>
    public string Text
    {
        get
        {
            lock (text)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="wrapper">A program that runs it, with its arguments, such as a tracer.</param>
    public static ServerProcess Serve(LedgerFolders folders, params ReadOnlySpan<string> wrapper) =>
        new(StartInfo([.. wrapper, "dotnet", Program, "serve", "--data", folders.Data, "--keys", folders.Keys, "--url", "http://127.0.0.1:0"]));

    /// <summary>Starts a server with a file of settings.</summary>
    public static ServerProcess ServeWith(string settingsFile) => new(StartInfo(["dotnet", Program, "serve", "--config", settingsFile]));

    /// <summary>Runs a command of the program to its end.</summary>
    public static async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        await using var command = new ServerProcess(StartInfo(["dotnet", Program, .. arguments]));
        return (await command.EndAsync(), command.Text);
    }

    /// <summary>Its address once it can decide and commit, and the seconds that took since its start.</summary>
    public async Task<(Uri Url, double Seconds)> ReadyAsync()
    {
        var ended = process.WaitForExitAsync();
        if (await Task.WhenAny(announced.Task, ended).WaitAsync(Patience) == ended && !announced.Task.IsCompleted)
        {
            Assert.Fail($"The server ended before it was ready: {Text}");
        }

        var url = await announced.Task;
        using var http = new HttpClient { BaseAddress = url };
        while (true)
        {
            using var health = await http.GetAsync("health/ready");
            if (health.StatusCode == HttpStatusCode.OK)
            {
                return (url, Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"The server is not ready: {Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Sends a signal, such as STOP or CONT.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM to a process; returns this one's exit code once it has ended.</summary>
    public async Task<int> TerminateAsync(int? child = null)
    {
        using var kill = Process.Start("kill", ["-TERM", (child ?? process.Id).ToString(CultureInfo.InvariantCulture)]);
        return await EndAsync();
    }

    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Humanitarian.Host.dll");

    private static ProcessStartInfo StartInfo(ReadOnlySpan<string> words)
    {
        var start = new ProcessStartInfo(words[0])
        {
            WorkingDirectory = AppContext.BaseDirectory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var word in words[1..])
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (text)
        {
            text.Append(line).Append('\n');
        }

        if (line.StartsWith(Announcement, StringComparison.Ordinal))
        {
            announced.TrySetResult(new Uri(line[Announcement.Length..line.IndexOf("graphql,", StringComparison.Ordinal)]));
        }
    }
}
