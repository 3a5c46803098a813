using System.Globalization;
using System.Text.RegularExpressions;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>What a traced server did, in the order in which it happened.</summary>
internal enum CallStep
{
    WriteBegins,
    WriteEnds,
    SyncBegins,
    SyncEnds,
    Answers,
}

/// <param name="File">Path of the file; empty for an answer.</param>
/// <param name="Offset">Where a write begins in its file.</param>
internal readonly record struct Call(CallStep Step, string File, long Offset);

/// <summary>
/// Reads what <c>strace -f -y</c> wrote. A call that another thread interrupts has two lines; only the second says that it has
/// completed.
/// </summary>
internal static partial class SystemCalls
{
    public static IEnumerable<Call> Read(IEnumerable<string> lines)
    {
        var open = new Dictionary<string, Call>();
        foreach (var line in lines)
        {
            if (Resumed().Match(line) is { Success: true } resumed)
            {
                if (open.Remove(resumed.Groups["thread"].Value, out var begun) && Ended(begun, line) is { } ended)
                {
                    yield return ended;
                }
            }
            else if (Begun().Match(line) is { Success: true } match && CallOf(match, line) is { } call)
            {
                yield return call;
                if (line.Contains("<unfinished", StringComparison.Ordinal))
                {
                    open[match.Groups["thread"].Value] = call;
                }
                else if (Ended(call, line) is { } ended)
                {
                    yield return ended;
                }
            }
        }
    }

    private static Call? CallOf(Match match, string line) => match.Groups["name"].Value switch
    {
        "fsync" or "fdatasync" => new Call(CallStep.SyncBegins, match.Groups["file"].Value, 0),
        "pwrite64" => new Call(CallStep.WriteBegins, match.Groups["file"].Value, OffsetOf(line)),
        _ when line.Contains("\"HTTP/1.1 200", StringComparison.Ordinal) => new Call(CallStep.Answers, "", 0),
        _ => null,
    };

    private static Call? Ended(Call begun, string line) => begun.Step switch
    {
        CallStep.WriteBegins => begun with { Step = CallStep.WriteEnds },
        CallStep.SyncBegins when line.EndsWith("= 0", StringComparison.Ordinal) => begun with { Step = CallStep.SyncEnds },
        _ => null,
    };

    private static long OffsetOf(string line) => Offset().Match(line) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex(@"^(?<thread>\d+)\s+(?<name>\w+)\(\d+<(?<file>[^>]*)>")]
    private static partial Regex Begun();

    [GeneratedRegex(@"^(?<thread>\d+)\s+<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@", (\d+)(?:\)| <unfinished)")]
    private static partial Regex Offset();
}

/// <summary>How far one file is on the disk, by the calls that were made.</summary>
internal sealed class SyncState
{
    private readonly Stack<long> covered = [];
    private long ended;
    private long synced;

    /// <summary>Writes begun so far.</summary>
    public long Begun { get; private set; }

    /// <summary>True when a sync that began after the last write has completed.</summary>
    public bool IsSynced => synced == Begun;

    public void Take(CallStep step)
    {
        switch (step)
        {
            case CallStep.WriteBegins:
                Begun++;
                break;
            case CallStep.WriteEnds:
                ended++;
                break;
            case CallStep.SyncBegins:
                covered.Push(ended);
                break;
            case CallStep.SyncEnds:
                synced = Math.Max(synced, covered.Pop());
                break;
        }
    }
}
