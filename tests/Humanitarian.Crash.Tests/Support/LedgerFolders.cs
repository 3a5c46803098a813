namespace Humanitarian.Crash.Tests.Support;

/// <summary>The folders of one ledger.</summary>
internal sealed record LedgerFolders(string Data, string Keys)
{
    public static LedgerFolders In(string folder) => new(Path.Combine(folder, "data"), Path.Combine(folder, "keys"));

    public string Blocks => Path.Combine(Data, "blocks.db");

    public string Projections => Path.Combine(Data, "projections.db");

    /// <summary>Copies the data of a server that does not run; the keys are shared.</summary>
    public LedgerFolders CopyTo(string data)
    {
        Directory.CreateDirectory(data);
        foreach (var file in Directory.EnumerateFiles(Data))
        {
            File.Copy(file, Path.Combine(data, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(Data))
        {
            new LedgerFolders(folder, Keys).CopyTo(Path.Combine(data, Path.GetFileName(folder)));
        }

        return this with { Data = data };
    }
}

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("humanitarian-crash-").FullName;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
