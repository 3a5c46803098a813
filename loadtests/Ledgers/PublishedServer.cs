using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;
using Humanitarian.LoadTests.Engine;
using Humanitarian.Testing.Postgres;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>The program that users run, as a process of its own on a ledger that this tool has built.</summary>
internal sealed class PublishedServer : IDisposable
{
    private const string Password = "load";
    private static readonly TimeSpan AskedEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = LoadGenerator.Patience;

    private readonly string program;
    private readonly string data;
    private readonly string keys = Directory.CreateTempSubdirectory("humanitarian-load-keys-").FullName;

    /// <param name="program">The published program: an executable, or a .dll that 'dotnet' runs.</param>
    /// <param name="data">The ledger's data folder.</param>
    public PublishedServer(string program, string data)
    {
        (this.program, this.data) = (Path.GetFullPath(program), data);
        Write("password", Password);
        Write("sealer.json", Keystore.Encrypt(Names.KeyOf("sealer"), Password, new SystemRandomSource()));
        foreach (var (file, name) in new[] { ("claim.key", "claims"), ("pepper.key", "pepper"), ("matching.key", "matching") })
        {
            Write(file, Convert.ToHexStringLower(Names.KeyOf(name)));
        }
    }

    /// <summary>Starts the program and waits until it says that it is ready. Whoever has it ends it.</summary>
    /// <exception cref="InvalidOperationException">It ended before, or was not ready in time; with what it wrote.</exception>
    public async Task<Process> StartAsync(CancellationToken cancellationToken)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Take()}");
        string[] command = [.. program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ["dotnet", program] : (string[])[program], "serve", "--url", url, "--data", data, "--keys", keys];
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = keys, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var wrote = new StringBuilder();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = Patience };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (!await IsReadyAsync(client, patience.Token))
            {
                if (process.HasExited)
                {
                    await process.WaitForExitAsync(patience.Token);
                    throw new InvalidOperationException($"The program ended before it was ready: {Wrote()}");
                }

                await Task.Delay(AskedEvery, patience.Token);
            }

            return process;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            throw new InvalidOperationException($"The program was not ready after {Patience.TotalMinutes} minutes: {Wrote()}");
        }
        catch
        {
            process.Kill();
            throw;
        }

        void Keep(string? line)
        {
            lock (wrote)
            {
                wrote.AppendLine(line);
            }
        }

        string Wrote()
        {
            lock (wrote)
            {
                return wrote.ToString();
            }
        }
    }

    public void Dispose() => Directory.Delete(keys, recursive: true);

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync("/health/ready", cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>For its owner alone, as the program demands.</summary>
    private void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(Path.Combine(keys, file), options);
        writer.Write(text);
    }
}
