using Humanitarian.Storage;

namespace Humanitarian.Host.Configuration;

/// <summary>The stable codes of <see cref="StartupFault"/>.</summary>
internal static class StartupCode
{
    /// <summary>A setting is missing, unknown or makes no sense.</summary>
    public const string Configuration = "STARTUP_CONFIGURATION";

    /// <summary>The storage provider is not known.</summary>
    public const string StorageProvider = "STARTUP_STORAGE_PROVIDER";

    /// <summary>Another process listens on the address.</summary>
    public const string PortInUse = "STARTUP_PORT_IN_USE";

    /// <summary>A silo may not listen on, or be reached at, this address.</summary>
    public const string SiloAddress = "STARTUP_SILO_ADDRESS";

    /// <summary>A cluster without certificates that its silos know each other by.</summary>
    public const string SiloTls = "STARTUP_SILO_TLS";

    /// <summary>The password does not open the sealer's key file.</summary>
    public const string PasswordWrong = "STARTUP_PASSWORD_WRONG";

    /// <summary>A key or password file can be read by others than its owner.</summary>
    public const string KeyFileExposed = "STARTUP_KEY_FILE_EXPOSED";

    /// <summary>A key or password file of an existing ledger is not there.</summary>
    public const string KeyFileMissing = "STARTUP_KEY_FILE_MISSING";

    /// <summary>A key file cannot be read or is none.</summary>
    public const string KeyFileDamaged = "STARTUP_KEY_FILE_DAMAGED";

    /// <summary>A key is not the one that the ledger names.</summary>
    public const string KeyMismatch = "STARTUP_KEY_MISMATCH";

    /// <summary>A folder cannot be written or read.</summary>
    public const string FolderDenied = "STARTUP_FOLDER_DENIED";

    /// <summary>Another process has the data folder.</summary>
    public const string FolderInUse = "STARTUP_FOLDER_IN_USE";

    /// <summary>There is no ledger in the folder.</summary>
    public const string LedgerMissing = "STARTUP_LEDGER_MISSING";

    /// <summary>A database file is damaged or is none.</summary>
    public const string DatabaseDamaged = "STARTUP_DATABASE_DAMAGED";

    /// <summary>A database was written by a newer or older program.</summary>
    public const string DatabaseVersion = "STARTUP_DATABASE_VERSION";

    /// <summary>No database server answers, or it cannot serve now.</summary>
    public const string DatabaseUnreachable = "STARTUP_DATABASE_UNREACHABLE";

    /// <summary>The database server refuses the role, its password or what it may do.</summary>
    public const string DatabaseDenied = "STARTUP_DATABASE_DENIED";

    /// <summary>Another process has the database's ledger.</summary>
    public const string DatabaseInUse = "STARTUP_DATABASE_IN_USE";

    /// <summary>The database server is set up so that it can lose what was acknowledged, or cannot hold the ledger's texts.</summary>
    public const string DatabaseUnsafe = "STARTUP_DATABASE_UNSAFE";

    /// <summary>A backup is incomplete, damaged or of another format.</summary>
    public const string BackupDamaged = "STARTUP_BACKUP_DAMAGED";

    /// <summary>A backup ends before a head that is remembered.</summary>
    public const string BackupOlder = "STARTUP_BACKUP_OLDER";

    /// <summary>There is something already where a backup or a restored ledger is to be made.</summary>
    public const string TargetNotEmpty = "STARTUP_TARGET_NOT_EMPTY";

    /// <summary>A restore was interrupted: the ledger would go on from somewhere in its past.</summary>
    public const string RestoreUnfinished = "STARTUP_RESTORE_UNFINISHED";

    /// <summary>The disk is full or fails.</summary>
    public const string DiskFull = "STARTUP_DISK_FULL";
}

/// <summary>The program cannot start and whoever runs it has to act. The message names the setting and says what to do.</summary>
/// <param name="code">One of <see cref="StartupCode"/>.</param>
internal sealed class StartupFault(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="StartupCode"/>.</summary>
    public string Code { get; } = code;

    /// <summary>What a fault of the storage means to whoever starts the program.</summary>
    public static StartupFault Of(StorageFault fault) => new(
        fault.Code switch
        {
            StorageFaultCode.Corrupt => StartupCode.DatabaseDamaged,
            StorageFaultCode.Full => StartupCode.DiskFull,
            StorageFaultCode.Newer or StorageFaultCode.Older => StartupCode.DatabaseVersion,
            StorageFaultCode.Locked => fault.OfServer ? StartupCode.DatabaseInUse : StartupCode.FolderInUse,
            StorageFaultCode.Missing => StartupCode.LedgerMissing,
            StorageFaultCode.Unreachable => StartupCode.DatabaseUnreachable,
            StorageFaultCode.Unsafe => StartupCode.DatabaseUnsafe,
            _ => fault.OfServer ? StartupCode.DatabaseDenied : StartupCode.FolderDenied,
        },
        $"{fault.Message} (setting {(fault.OfServer ? "Storage:Postgres" : "Storage:DataFolder")})",
        fault);
}
