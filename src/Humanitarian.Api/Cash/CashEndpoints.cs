using System.Globalization;
using System.Security.Cryptography;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Organisations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Cash;

/// <summary>
/// <c>POST /disbursements/{id}/reports[?format=...][&amp;onErrors=refuse|accept]</c> with a provider's report as body: it is read, compared
/// and kept, and changes nothing until finance signs it by <c>reconcileCash</c>. <c>GET /instructions/{id}</c> serves a recorded file.
/// </summary>
internal static class CashEndpoints
{
    private const int ErrorsAnswered = 10_000;

    public static async Task ReportAsync(HttpContext http)
    {
        var access = http.RequestServices.GetRequiredService<Access>();
        var cash = http.RequestServices.GetRequiredService<CashReads>();
        if (!access.Caller.Has(Roles.Finance))
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, Principals.Forbidden());
            return;
        }

        if (!Id.TryParse((string?)http.Request.RouteValues["id"], out var id) || await cash.FindAsync(id) is not { } own)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, new Refusal(RefusalCode.NotFound, "There is no such cash disbursement that you may see."));
            return;
        }

        if (!TryReadQuery(http, out var format, out var takesGood))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, new Refusal(
                RefusalCode.InvalidInput, $"format is one of {string.Join(", ", Enum.GetNames<CashFormat>())}; onErrors is refuse or accept."));
            return;
        }

        if (await BodyAsync(http) is not { } bytes)
        {
            await RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, new Refusal(CashCodes.FileUnreadable, "A report has at most 64 MiB: split it."));
            return;
        }

        var file = await ReportReader.ReadAsync(bytes, format, http.RequestAborted);
        var lines = (await cash.LinesAsync(id)).ToDictionary(line => line.Id);
        var matched = ReportMatch.Of(file, lines, own.Program.Unit, own.Exponent);
        if (matched.Reports.Count == 0 || (matched.Errors.Count > 0 && !takesGood))
        {
            await HttpAnswers.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, new
            {
                code = RefusalCode.ListHasErrors,
                message = matched.Errors.Count == 0
                    ? "The report says nothing about any line yet."
                    : "Nothing of the report was kept: have it mended, or send it with onErrors=accept to take the good lines.",
                errorsTotal = matched.Errors.Count,
                errors = Errors(matched),
            });
            return;
        }

        var report = ReconciliationRecord.IdOf(id, Hash32.FromSpan(SHA256.HashData(bytes)));
        await http.RequestServices.GetRequiredService<CashFiles>().AddAsync(
            report, access.Caller.Organisation, id, file.Format, takesGood, bytes, http.RequestAborted);
        await AnswerAsync(http, report, own, file, matched, lines);
    }

    public static async Task InstructionsAsync(HttpContext http)
    {
        var access = http.RequestServices.GetRequiredService<Access>();
        var recorded = Id.TryParse((string?)http.Request.RouteValues["id"], out var id) && access.Caller.Has(Roles.Releaser | Roles.Finance | Roles.Administrator)
            ? await access.FindAsync<InstructionFileRecord>(RecordKind.InstructionFile, id)
            : null;

        // Only what the ledger holds the hash of leaves, and only bytes that have this hash.
        if (recorded is null || await http.RequestServices.GetRequiredService<CashReads>().FindAsync(recorded.Disbursement) is null
            || await http.RequestServices.GetRequiredService<CashFiles>().FindAsync(id, access.Caller.Organisation, http.RequestAborted) is not var (head, bytes)
            || Hash32.FromSpan(SHA256.HashData(bytes)) != recorded.File)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, new Refusal(RefusalCode.NotFound, "There is no such instruction file that you may see."));
            return;
        }

        http.Response.ContentType = InstructionWriter.ContentType(head.Format);
        http.Response.Headers.ContentDisposition = $"attachment; filename=instructions-{id}.{(head.Format == CashFormat.Hope ? "xlsx" : "csv")}";
        http.Response.Headers["X-Content-SHA256"] = head.Sha256;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static Task AnswerAsync(
        HttpContext http, Id report, OwnCash own, ReportFile file, MatchedReport matched, IReadOnlyDictionary<Id, CashLineRecord> lines)
    {
        string Minor(long amount) => amount.ToString(CultureInfo.InvariantCulture);
        var ended = matched.Reports.Where(line => lines[line.Line].State != CashLineState.Instructed).ToArray();
        return HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, new
        {
            reportId = report.ToString(),
            format = file.Format.ToString(),
            lines = matched.Reports.Count,
            underWay = matched.UnderWay,
            deliveredMinor = Minor(matched.DeliveredMinor),
            failedMinor = Minor(matched.FailedMinor),
            currency = own.Program.Unit,
            alreadyRecorded = ended.Count(line => line.DeliveredMinor == lines[line.Line].DeliveredMinor),
            contradicting = ended.Count(line => line.DeliveredMinor != lines[line.Line].DeliveredMinor),
            errorsTotal = matched.Errors.Count,
            errors = Errors(matched),
        });
    }

    private static IEnumerable<object> Errors(MatchedReport matched) =>
        matched.Errors.Take(ErrorsAnswered).Select(error => new { line = error.Line, column = error.Column, code = error.Code, reason = error.Reason });

    private static bool TryReadQuery(HttpContext http, out CashFormat? format, out bool takesGood)
    {
        var (name, onErrors) = (http.Request.Query["format"].ToString(), http.Request.Query["onErrors"].ToString());
        format = null;
        takesGood = onErrors == "accept";
        if (onErrors is not ("" or "refuse" or "accept"))
        {
            return false;
        }

        if (name.Length == 0)
        {
            return true;
        }

        var known = Enum.TryParse<CashFormat>(name, ignoreCase: true, out var parsed) && !char.IsAsciiDigit(name[0]);
        format = parsed;
        return known;
    }

    private static async Task<byte[]?> BodyAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ReportReader.FileBytesMax + 1;
        }

        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            if (body.Length + read > ReportReader.FileBytesMax)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static Task RefuseAsync(HttpContext http, int status, Refusal refusal) =>
        HttpAnswers.WriteAsync(http, status, new { code = refusal.Code, message = refusal.Message });
}
