using System.Text.Json;

namespace Humanitarian.Host.Backups;

/// <summary>What a backup holds: the last thing written and the first thing read.</summary>
/// <param name="Ledger">The ledger's id.</param>
/// <param name="Genesis">Hash of the first block.</param>
/// <param name="Height">Of the newest block in it: everything acknowledged up to here is in the backup.</param>
/// <param name="Head">That block's hash.</param>
/// <param name="Made">When the backup began.</param>
internal sealed record BackupManifest(string Format, string Ledger, string Name, string Genesis, ulong Height, string Head, DateTimeOffset Made, IReadOnlyList<BackupFile> Files)
{
    public const string FileName = "manifest.json";
    public const string CurrentFormat = "humanitarian-backup 1";

    /// <summary>The chain as <c>export</c> writes it: <c>verify --export</c> checks it where it lies.</summary>
    public const string Blocks = "blocks.export";

    /// <summary>Drafts, lists, API keys' hashes and files of cash: one JSON document a line.</summary>
    public const string Side = "side.jsonl";

    /// <summary>Keyed hashes of identifiers, which are personal data: one JSON document a line.</summary>
    public const string Matching = "matching.jsonl";

    private static readonly JsonSerializerOptions Options =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    public bool HasMatching => Files.Any(file => file.Name == Matching);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Null when the bytes are no manifest that this program reads.</summary>
    public static BackupManifest? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<BackupManifest>(json, Options) is { Format: CurrentFormat } manifest ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One file of a backup.</summary>
/// <param name="Entries">Blocks, or lines.</param>
internal sealed record BackupFile(string Name, long Bytes, ulong Entries, string Sha256);
