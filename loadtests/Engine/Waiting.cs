using System.Runtime.InteropServices;

namespace Humanitarian.LoadTests.Engine;

/// <summary>Waits on the calling thread, finer than the runtime's timers, which round to a millisecond.</summary>
internal static partial class Waiting
{
    public static void Precisely(TimeSpan time)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            var wanted = new Timespec { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100) };
            _ = NanoSleep(wanted, 0);
            return;
        }

        using var never = new ManualResetEventSlim();
        never.Wait(time);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec wanted, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
