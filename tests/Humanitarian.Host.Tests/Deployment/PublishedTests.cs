using System.Diagnostics;
using System.Globalization;

namespace Humanitarian.Host.Tests.Deployment;

/// <summary>What the image carries, run as the image runs it: published, by a user without rights, who owns only the ledger's folders.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class PublishedTests
{
    private const int Nobody = 65534;

    [Fact]
    public async Task The_published_program_serves_a_ledger_as_a_user_without_rights()
    {
        using var folder = new TemporaryFolder();
        await RunAsync("dotnet", "publish", Path.Combine(HostProcess.Repository, "src", "Humanitarian.Host"), "-c", "Release", "--no-build", "--nologo", "-v", "q", "-o", folder["app"]);
        Directory.CreateDirectory(folder["ledger"]);
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
            await RunAsync("chmod", "-R", "a+rX,go-w", folder["app"]);
            await RunAsync("chown", Nobody.ToString(CultureInfo.InvariantCulture), folder["ledger"]);
        }

        var program = Path.Combine(folder["app"], "Humanitarian.Host.dll");
        await using (var server = HostProcess.StartAs(folder["ledger"], null, AsNobody("dotnet", program, "serve", "--url", "http://127.0.0.1:0")))
        {
            var url = new Uri(new Uri((await server.LineWithAsync("GraphQL at")).Split(' ')[2]), "/").ToString();
            using var patience = new CancellationTokenSource(HostProcess.Patience);
            while (true)
            {
                await using var health = HostProcess.StartAs(folder["ledger"], null, AsNobody("dotnet", program, "health", "--url", url));
                var (code, output, _) = await health.EndAsync();
                if (code == 0)
                {
                    Assert.Contains("ready", output, StringComparison.Ordinal);
                    break;
                }

                patience.Token.ThrowIfCancellationRequested();
            }

            Assert.Equal(0, (await server.TerminateAsync()).Code);
            await using var after = HostProcess.StartAs(folder["ledger"], null, AsNobody("dotnet", program, "health", "--url", url));
            Assert.Equal(1, (await after.EndAsync()).Code);
        }

        await using var verify = HostProcess.StartAs(folder["ledger"], null, AsNobody("dotnet", program, "verify"));
        Assert.Equal(0, (await verify.EndAsync()).Code);
    }

    [Fact]
    public void The_image_is_built_in_one_stage_and_run_in_another_by_a_user_without_rights()
    {
        var lines = File.ReadAllLines(Path.Combine(HostProcess.Repository, "Dockerfile"));
        var stages = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, stages.Length);
        Assert.Contains("aspnet", stages[1], StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", lines.SkipWhile(line => line != stages[1]));
    }

    private static string[] AsNobody(params string[] command) => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", .. command]
        : command;

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(HostProcess.Patience);
        Assert.True(process.ExitCode == 0, $"{program} failed: {output}");
    }
}
