using System.Runtime.CompilerServices;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Host.Backups;

/// <summary>Side state and matching as lines of JSON, independent of the store that holds them.</summary>
internal static class BackupLines
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault, RespectNullableAnnotations = true,
    };

    public static byte[] Of(SideEntry entry) => JsonSerializer.SerializeToUtf8Bytes(
        entry.Document is { } document ? new SideLine(document, null) : new SideLine(null, RowLine.Of(entry.List, entry.Row)), Options);

    public static byte[] Of(MatchingEntry entry) => JsonSerializer.SerializeToUtf8Bytes(
        new MatchingLine(entry.Organisation.ToString(), entry.Identifier.ToString(), entry.Person.Account.ToString(), entry.Person.Household.ToString()), Options);

    public static async IAsyncEnumerable<SideEntry> SideAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
        {
            var line = JsonSerializer.Deserialize<SideLine>(text, Options)!;
            yield return line.Row is { } row ? new SideEntry(null, Id.Parse(row.List), row.Entry()) : new SideEntry(line.Document, default, default);
        }
    }

    public static async IAsyncEnumerable<MatchingEntry> MatchingAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
        {
            var line = JsonSerializer.Deserialize<MatchingLine>(text, Options)!;
            yield return new MatchingEntry(
                Id.Parse(line.Organisation), Hash32.Parse(line.Identifier), new KnownPerson(Id.Parse(line.Account), Id.Parse(line.Household)));
        }
    }

    private sealed record SideLine(SideDocument? Document, RowLine? Row);

    private sealed record RowLine(string List, long Line, string Account, string Household, long AmountMinor, int Size, string Site, bool IsNew, long FileLine)
    {
        public static RowLine Of(Id list, ListRowEntry row) => new(
            list.ToString(), row.Line, row.Account.ToString(), row.Household.ToString(), row.AmountMinor, row.HouseholdSize, row.Site, row.IsNew, row.FileLine);

        public ListRowEntry Entry() => new(Line, Id.Parse(Account), Id.Parse(Household), AmountMinor, Size, Site, IsNew, FileLine);
    }

    private sealed record MatchingLine(string Organisation, string Identifier, string Account, string Household);
}
