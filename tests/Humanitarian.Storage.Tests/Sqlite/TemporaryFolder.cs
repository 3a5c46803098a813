namespace Humanitarian.Storage.Tests.Sqlite;

/// <summary>A folder that goes with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("humanitarian-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The files as they are now, those of an open database included: what a kill at this instant would leave.</summary>
    public void CopyTo(TemporaryFolder other)
    {
        foreach (var file in Directory.GetFiles(Path))
        {
            if (System.IO.Path.GetFileName(file) != "ledger.lock")
            {
                System.IO.File.Copy(file, other.File(System.IO.Path.GetFileName(file)));
            }
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
