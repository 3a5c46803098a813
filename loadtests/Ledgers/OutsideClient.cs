using System.Diagnostics;
using System.Text.Json;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>What another client has counted and timed by itself.</summary>
/// <param name="Sent">Requests begun; those that are in no other count ended without an answer.</param>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="P50">Milliseconds from sending to the answer, whatever it was; 99 of 100 took at most <paramref name="P99"/>.</param>
internal sealed record OutsideResult(long Sent, long Ok, long Refused, long Failed, double Seconds, double P50, double P99)
{
    /// <summary>Requests that may have been done, or not.</summary>
    public long Unknown => Sent - Ok - Refused;
}

/// <summary>Confirms a result with a client that is not of this tool: autocannon, by <c>loadtests/outside/autocannon.mjs</c>.</summary>
internal static class OutsideClient
{
    /// <summary>Runs the script with a load as its input; it answers when it has ended.</summary>
    /// <exception cref="InvalidOperationException">The script failed; with what it wrote.</exception>
    public static async Task<OutsideResult> RunAsync(string script, object load, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.GetFullPath(script)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            try
            {
                await process.StandardInput.WriteAsync(JsonSerializer.Serialize(load).AsMemory(), cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended without reading; its exit code and what it wrote say why.
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? JsonSerializer.Deserialize<OutsideResult>(await output, JsonSerializerOptions.Web)!
                : throw new InvalidOperationException($"{script} failed: {await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
