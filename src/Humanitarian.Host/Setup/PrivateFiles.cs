using System.Text;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Setup;

/// <summary>Files that only their owner may read: keys and passwords.</summary>
internal static class PrivateFiles
{
    // The system's own codes: ENOSPC, ERROR_DISK_FULL.
    private const int NoSpaceUnix = 28;
    private const int NoSpaceWindows = 112;

    // A first start takes a second or two, most of it for the key files' passwords.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(100);

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder that only its owner may enter, unless it exists.</summary>
    public static void CreateFolder(string folder, string setting)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Denied(folder, setting, "cannot be created", fault);
        }
    }

    /// <summary>Writes a new file and waits until the disk has it. It appears under its name only when it is complete.</summary>
    public static async Task WriteNewAsync(string path, string text, string setting, CancellationToken cancellationToken)
    {
        var partial = path + ".new";
        try
        {
            File.Delete(partial);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            await using (var stream = new FileStream(partial, options))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Denied(path, setting, "cannot be written", fault);
        }
    }

    /// <summary>Reads a file that must exist and be its owner's alone; line ends at its end don't count.</summary>
    public static async Task<string> ReadAsync(string path, string setting, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new StartupFault(
                StartupCode.KeyFileMissing, $"{path} does not exist (setting {setting}). Restore it from a backup, or name the folder that has it.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new StartupFault(
                StartupCode.KeyFileExposed, $"{path} can be read by others (setting {setting}). Allow its owner alone: chmod 600 {path}");
        }

        try
        {
            return (await File.ReadAllTextAsync(path, cancellationToken)).TrimEnd('\r', '\n');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Denied(path, setting, "cannot be read", fault);
        }
    }

    /// <summary>Holds a file that only one process at a time may hold and that goes with it; the system lets go of it when the process dies.</summary>
    public static async Task<IDisposable> LockAsync(string path, string setting, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (UnauthorizedAccessException fault)
            {
                throw Denied(path, setting, "cannot be written", fault);
            }
            catch (IOException fault) when (IsFull(fault) || time.GetElapsedTime(began) > LockPatience)
            {
                throw Denied(path, setting, "cannot be held", fault);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, time, cancellationToken);
            }
        }
    }

    private static StartupFault Denied(string path, string setting, string what, Exception fault) => IsFull(fault)
        ? new StartupFault(StartupCode.DiskFull, $"{path} {what} (setting {setting}): the disk is full. Free space and start again.", fault)
        : new StartupFault(StartupCode.FolderDenied, $"{path} {what} (setting {setting}): {fault.Message} Check its owner and permissions.", fault);

    private static bool IsFull(Exception fault) => fault is IOException && ((fault.HResult & 0xffff) is NoSpaceUnix or NoSpaceWindows);
}
