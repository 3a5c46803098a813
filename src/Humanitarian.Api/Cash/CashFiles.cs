using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Cash;

/// <summary>A file kept beside the ledger: an instruction file before it leaves, or a report as it came.</summary>
/// <param name="Sha256">Of its bytes; the ledger records it.</param>
/// <param name="TakesGood">For a report: its good lines are taken though others are refused.</param>
internal sealed record CashFile(string Sha256, string Disbursement, CashFormat Format, int Parts, bool TakesGood);

/// <summary>Files of cash in the side store, each its organisation's alone, by their hash and disbursement.</summary>
public sealed class CashFiles(ISideStore store)
{
    private const string HeadKind = "cash-file";
    private const string PartKind = "cash-file-part";
    private const int PartBytes = 512 * 1024;

    internal async Task AddAsync(Id file, Id organisation, Id disbursement, CashFormat format, bool takesGood, byte[] bytes, CancellationToken cancellationToken = default)
    {
        var parts = bytes.Chunk(PartBytes).ToArray();
        for (var part = 0; part < parts.Length; part++)
        {
            await store.PutAsync(
                new SideDocument(PartKind, PartKey(file, part), organisation.ToString(), 0, JsonSerializer.Serialize(parts[part])), cancellationToken);
        }

        var known = await store.FindAsync(HeadKind, file.ToString(), cancellationToken);
        var head = new CashFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), disbursement.ToString(), format, parts.Length, takesGood);
        await store.PutAsync(
            new SideDocument(HeadKind, file.ToString(), organisation.ToString(), known?.Version ?? 0, JsonSerializer.Serialize(head)), cancellationToken);
    }

    /// <summary>A file of the organisation, whole, or null.</summary>
    internal async Task<(CashFile Head, byte[] Bytes)?> FindAsync(Id file, Id organisation, CancellationToken cancellationToken = default)
    {
        if (await store.FindAsync(HeadKind, file.ToString(), cancellationToken) is not { } document || document.Owner != organisation.ToString())
        {
            return null;
        }

        var head = JsonSerializer.Deserialize<CashFile>(document.Json)!;
        using var bytes = new MemoryStream();
        for (var part = 0; part < head.Parts; part++)
        {
            if (await store.FindAsync(PartKind, PartKey(file, part), cancellationToken) is not { } stored)
            {
                return null;
            }

            await bytes.WriteAsync(JsonSerializer.Deserialize<byte[]>(stored.Json)!, cancellationToken);
        }

        var whole = bytes.ToArray();
        return Convert.ToHexStringLower(SHA256.HashData(whole)) == head.Sha256 ? (head, whole) : null;
    }

    private static string PartKey(Id file, int part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}:{part:D6}");
}
