using System.Diagnostics;
using Humanitarian.Testing.Postgres;

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>A disk so small that it can be filled, with a tablespace on it. Only root can mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Size = "192m";
    private const int Piece = 1 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-disk-").FullName;

    private string Ballast => Path.Combine(folder, "ballast");

    public string Tablespace => "small";

    public static async Task<SmallDisk> MountAsync(PostgresServer server)
    {
        var disk = new SmallDisk();
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size},mode=0777", "tmpfs", disk.folder);
        var place = Directory.CreateDirectory(Path.Combine(disk.folder, "tablespace")).FullName;
        await RunAsync("chown", Environment.GetEnvironmentVariable("HUMANITARIAN_POSTGRES_USER") ?? "postgres", place);
        await server.SqlAsync($"CREATE TABLESPACE {disk.Tablespace} LOCATION '{place}'");
        return disk;
    }

    /// <summary>Takes what is left.</summary>
    public void Fill()
    {
        using var file = File.Create(Ballast, bufferSize: 0);
        for (var piece = new byte[Piece]; piece.Length > 0;)
        {
            try
            {
                file.Write(piece);
            }
            catch (IOException)
            {
                // Full for this piece; a smaller one may fit.
                piece = new byte[piece.Length / 2];
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        Free();
        await RunAsync("umount", "--lazy", folder);
        Directory.Delete(folder);
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(file, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
