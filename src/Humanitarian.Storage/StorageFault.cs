using System.Diagnostics.CodeAnalysis;

namespace Humanitarian.Storage;

/// <summary>The stable codes of <see cref="StorageFault"/>.</summary>
public static class StorageFaultCode
{
    /// <summary>A file is damaged or is no database.</summary>
    public const string Corrupt = "STORAGE_CORRUPT";

    /// <summary>The database's disk is full, or it failed to read, write or sync.</summary>
    public const string Full = "STORAGE_FULL";

    /// <summary>A newer program has written the file or database.</summary>
    public const string Newer = "STORAGE_NEWER";

    /// <summary>The file or database has the layout of an older program, and was not opened to be migrated.</summary>
    public const string Older = "STORAGE_OLDER";

    /// <summary>Another process has the ledger, or uses it in a way that excludes this one.</summary>
    public const string Locked = "STORAGE_LOCKED";

    /// <summary>The folder, file or database to read holds no ledger.</summary>
    public const string Missing = "STORAGE_MISSING";

    /// <summary>This user may not read or write the file, folder or database.</summary>
    public const string Denied = "STORAGE_DENIED";

    /// <summary>No database server answers, or it cannot serve now.</summary>
    public const string Unreachable = "STORAGE_UNREACHABLE";

    /// <summary>The server is set up so that it can lose what it has acknowledged, or cannot hold the ledger's texts.</summary>
    public const string Unsafe = "STORAGE_UNSAFE";
}

/// <summary>
/// Storage cannot go on and an operator has to act. The message names the file or database and says what to do. After a fault of a write its
/// outcome is unknown until the write is repeated.
/// </summary>
/// <param name="code">One of <see cref="StorageFaultCode"/>.</param>
[SuppressMessage("Naming", "CA1710", Justification = "The project calls exceptions faults, to tell them from refusals.")]
[Orleans.GenerateSerializer, Orleans.Alias("StorageFault")]
public sealed class StorageFault(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="StorageFaultCode"/>.</summary>
    [Orleans.Id(0)]
    public string Code { get; } = code;
}
