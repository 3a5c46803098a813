using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Cash;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Units;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>How a list is imported, and for whom.</summary>
/// <param name="RefuseErrors">One bad row refuses the list whole; false takes it without its bad rows.</param>
public sealed record ListRequest(
    Id Organisation, Id CreatedBy, UnitRecord Unit, ListFormat? Format, long? DefaultAmountMinor, string? Region, bool RefuseErrors)
{
    /// <summary>Where the importing member's roles count; null for everywhere.</summary>
    public MemberScope? Scope { get; init; }

    /// <summary>Everything that decides how a file is read.</summary>
    internal string Parameters => string.Join('|', Unit.Code, Format, DefaultAmountMinor, Region);
}

/// <summary>How an import ended.</summary>
/// <param name="Head">The list; null when it was refused.</param>
/// <param name="Refusal">BUSY, LIST_HAS_ERRORS, or the code of what is wrong with the file.</param>
/// <param name="Same">Earlier lists with the same bytes; with the same parameters, one of them is the head.</param>
public sealed record ListImport(ListHead? Head, ListSummary Summary, Refusal? Refusal, IReadOnlyList<string> Same, bool AlreadyImported);

/// <summary>
/// Imports lists as a stream, one at a time: two that name the same new person must not each open an account for them, and reading
/// remembers some bytes for each identifier.
/// </summary>
public sealed class ListImports(
    ISideStore side, IMatchingStore matching, IRandomSource random, TimeProvider time, ListDocuments documents, HumanitarianApiOptions options) : IDisposable
{
    private const int WaitingMax = Uploads.AllMax;

    private readonly SemaphoreSlim turn = new(1);
    private int waiting;

    /// <summary>Imports a file. A refused one leaves nothing.</summary>
    public async Task<ListImport> ImportAsync(Stream file, ListRequest request, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref waiting);
            return new ListImport(null, new ListSummary(), new Refusal(RefusalCode.Busy, "Other lists are being imported; try again in a minute."), [], false);
        }

        try
        {
            await turn.WaitAsync(cancellationToken);
            try
            {
                return await ReadAsync(file, request, cancellationToken);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Where the errors beyond the first 10,000 of a list are.</summary>
    public string OverflowPath(string list) => Path.Combine(options.DataFolder, $"list-{list}-errors.csv");

    public void Dispose() => turn.Dispose();

    private async Task<ListImport> ReadAsync(Stream file, ListRequest request, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.DataFolder);
        var list = NewId();
        var taken = false;
        await using var spool = new PersonSpool(Path.Combine(options.DataFolder, $"list-{list}-persons.tmp"));
        var rows = new ListRows(side, matching, random, request.Organisation, list, spool);
        try
        {
            var outside = 0L;
            var summary = await ListReader.ReadAsync(
                file, OptionsOf(request, list), row => Covers(request, row) ? rows.AddAsync(row, cancellationToken) : Passed(ref outside), cancellationToken);
            if ((Refuse(summary, request) ?? (outside > 0 ? Principals.OutOfScope() : null)) is { } refusal)
            {
                return new ListImport(null, summary, refusal, [], false);
            }

            var same = await documents.SameContentAsync(request.Organisation, summary.ContentSha256!, cancellationToken);
            string[] sameIds = [.. same.Select(head => head.Id)];
            if (same.FirstOrDefault(head => head.Parameters == request.Parameters) is { } before)
            {
                return new ListImport(before, summary, null, sameIds, true);
            }

            await rows.FlushAsync(cancellationToken);
            await spool.CommitAsync(matching, request.Organisation, cancellationToken);
            var made = HeadOf(list, request, summary, rows.Known);
            await documents.AddAsync(made, summary.Errors, cancellationToken);
            taken = true;
            return new ListImport(made, summary, null, sameIds, false);
        }
        finally
        {
            await rows.StopAsync();
            if (!taken)
            {
                File.Delete(OverflowPath(list.ToString()));
                await side.DeleteRowsAsync(list, CancellationToken.None);
            }
        }
    }

    private static bool Covers(ListRequest request, ListRow row) => request.Scope?.CoversArea(row.Site ?? "") != false;

    private static ValueTask Passed(ref long outside)
    {
        outside++;
        return ValueTask.CompletedTask;
    }

    private static Refusal? Refuse(ListSummary summary, ListRequest request) =>
        summary.Refusal is { } whole ? new Refusal(whole.Code, whole.Reason)
        : summary.RowsGood == 0 || (request.RefuseErrors && summary.RowsRefused > 0)
            ? new Refusal(RefusalCode.ListHasErrors, "The list has bad rows and nothing of it was kept: mend them, or import with onErrors=accept to take the good ones.")
        : null;

    private ListOptions OptionsOf(ListRequest request, Id list) => new()
    {
        Format = request.Format,
        Currency = request.Unit.Code,
        Exponent = request.Unit.Exponent,
        DefaultAmountMinor = request.DefaultAmountMinor,
        DefaultRegion = request.Region,
        IdentifierKey = HMACSHA256.HashData(options.MatchingKey.Span, Encoding.UTF8.GetBytes("identifiers")),
        Today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
        OverflowErrors = () => new StreamWriter(OverflowPath(list.ToString())),
    };

    private ListHead HeadOf(Id list, ListRequest request, ListSummary summary, long known) => new(
        list.ToString(), request.Organisation.ToString(), request.Unit.Code, request.Unit.Exponent, summary.Format!.Value, summary.RowsGood, summary.RowsRefused,
        known, summary.TotalMinor, summary.ErrorsTotal, summary.HashedColumns, summary.DroppedColumns, summary.ContentSha256!, request.Parameters,
        request.CreatedBy.ToString(), time.GetUtcNow().ToUnixTimeMilliseconds());

    private Id NewId()
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }
}
