using System.Diagnostics;
using Humanitarian.Testing.Postgres;

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>A disk so small that it can be filled, with a tablespace on it. Only root can mount one.</summary>
internal sealed class SmallDisk(PostgresServer server) : IAsyncDisposable
{
    private const string Size = "192m";
    private const int Piece = 1 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-disk-").FullName;

    private string Ballast => Path.Combine(folder, "ballast");

    public string Tablespace => "small";

    public static async Task<SmallDisk> MountAsync(PostgresServer server)
    {
        var disk = new SmallDisk(server);
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

        // A server that still knows files on a disk that is gone completes no checkpoint any more.
        foreach (var database in await server.RowsAsync($"SELECT datname FROM pg_database JOIN pg_tablespace place ON place.oid = dattablespace WHERE spcname = '{Tablespace}'"))
        {
            await server.SqlAsync($"DROP DATABASE {database} WITH (FORCE)");
        }

        await server.SqlAsync($"DROP TABLESPACE {Tablespace}");
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
