using System.CommandLine;

namespace Humanitarian.Host.Commands;

/// <summary>Asks a running server of this machine whether it can decide and commit: for containers, which carry no other client.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var url = new Option<string?>("--url") { HelpName = "URL", Description = "Where the server listens (setting Api:Url)." };
        var command = new ExampleCommand("health", "Asks a running server of this machine whether it is ready; exit code 0 when it is, 1 when not.", "health")
        {
            config, url,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Api:Url", url));
            var answer = await AskAsync(LoopbackOf(new Uri(settings.Api.Url)), cancellationToken);
            Console.WriteLine(answer.Text);
            return answer.Ready ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<(bool Ready, string Text)> AskAsync(Uri server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellationToken);
            return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (false, $"Nothing answers at {server}: {fault.Message}");
        }
    }

    /// <summary>A server that listens on every address is asked on the loopback interface.</summary>
    private static Uri LoopbackOf(Uri url) => url.Host is "0.0.0.0" or "*" or "+" ? new UriBuilder(url) { Host = "127.0.0.1" }.Uri
        : url.Host == "[::]" ? new UriBuilder(url) { Host = "[::1]" }.Uri
        : url;
}
