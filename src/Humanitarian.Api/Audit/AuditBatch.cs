using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Audit;

/// <summary>A root field, or an endpoint, and what came of it.</summary>
/// <param name="Name">Name of the field; empty for an endpoint, whose outcome is the HTTP status.</param>
/// <param name="Outcome">OK; NOTHING for a query that found nothing that the caller may see; STARTED for a subscription; else the refusal's code.</param>
public sealed record AuditedField(string Name, string Outcome);

/// <summary>One request as it is kept. It holds neither arguments nor answers.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Operation">Kind and, where the client gave one, name of the operation; or method and route.</param>
internal sealed record AuditEntry(long At, string Principal, string Operation, IReadOnlyList<AuditedField> Fields);

/// <summary>A page of a batch: what one organisation's members asked.</summary>
/// <param name="Key">Key of the page's document: time, trail, number of the batch, organisation.</param>
/// <param name="Sha256">Of key, owner and content.</param>
internal sealed record AuditPageHash(string Key, string Sha256);

/// <summary>
/// Entries written together. Its hash covers the batch before and each of its pages, so that the newest hash of a trail covers all of it.
/// </summary>
/// <param name="Trail">One for each run of a process.</param>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Entries">How many entries its pages hold.</param>
internal sealed record AuditBatch(Id Trail, long Number, string Hash, int Entries, IReadOnlyList<AuditPageHash> Pages)
{
    public const string Kind = "audit-batch";
    public const string PageKind = "audit";

    /// <summary>The hash before the first batch of a trail.</summary>
    public static string NoHash { get; } = default(Hash32).ToString();

    /// <summary>A batch of entries by organisation, and its documents.</summary>
    public static (AuditBatch Batch, IReadOnlyList<SideDocument> Documents) Of(Id trail, long number, string previous, long now, IEnumerable<(Id Organisation, AuditEntry Entry)> entries)
    {
        var pages = entries.GroupBy(one => one.Organisation, one => one.Entry).OrderBy(page => page.Key)
            .Select(page => new SideDocument(
                PageKind, string.Create(CultureInfo.InvariantCulture, $"{now:D14}/{trail}/{number:D10}/{page.Key}"), page.Key.ToString(), 1, JsonSerializer.Serialize(page.ToArray())))
            .ToArray();
        AuditPageHash[] hashes = [.. pages.Select(page => new AuditPageHash(page.Key, HashOf(page)))];
        var batch = new AuditBatch(trail, number, HashOf(trail, number, previous, hashes), entries.Count(), hashes);
        return (batch, [.. pages, new SideDocument(Kind, KeyOf(trail, number), trail.ToString(), 1, JsonSerializer.Serialize(new Row(batch.Hash, batch.Entries, batch.Pages)))]);
    }

    public static AuditBatch Read(SideDocument document)
    {
        var row = JsonSerializer.Deserialize<Row>(document.Json)!;
        return new AuditBatch(Id.Parse(document.Owner), long.Parse(document.Key.AsSpan(document.Key.IndexOf('/', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture), row.Hash, row.Entries, row.Pages);
    }

    public static string KeyOf(Id trail, long number) => string.Create(CultureInfo.InvariantCulture, $"{trail}/{number:D10}");

    /// <summary>SHA-256 over the page's key, owner and content, each ended by a zero byte.</summary>
    public static string HashOf(SideDocument page) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{page.Key}\0{page.Owner}\0{page.Json}\0")));

    /// <summary>SHA-256 over "audit batch" and a zero byte, the trail, the number in 8 bytes, the hash before, and the pages' hashes in order of their keys.</summary>
    public static string HashOf(Id trail, long number, string previous, IEnumerable<AuditPageHash> pages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("audit batch\0"u8);
        hash.AppendData(trail.ToBytes());
        Span<byte> place = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(place, number);
        hash.AppendData(place);
        hash.AppendData(Hash32.Parse(previous).ToArray());
        foreach (var page in pages)
        {
            hash.AppendData(Convert.FromHexString(page.Sha256));
        }

        return Hash32.FromSpan(hash.GetHashAndReset()).ToString();
    }

    private sealed record Row(string Hash, int Entries, IReadOnlyList<AuditPageHash> Pages);
}
