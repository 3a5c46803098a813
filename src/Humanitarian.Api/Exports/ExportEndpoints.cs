using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Cash;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Humanitarian.Api.Exports;

/// <summary>
/// <c>GET /exports/statements/{account}</c>, <c>/exports/disbursements/{id}</c>, <c>/exports/reconciliations/{id}</c>, <c>/exports/samples/{id}</c>,
/// <c>/exports/5w/{program}</c> and <c>/exports/budgets/{grant or program}</c>, each with <c>[?format=csv|xlsx][&amp;after=...][&amp;rows=...]</c>, statements with <c>from</c> and <c>to</c> too;
/// <c>GET /exports/iati?program=...</c>.
/// </summary>
internal static class ExportEndpoints
{
    /// <summary>Names what to give as <c>after</c> to go on.</summary>
    public const string NextHeader = "Export-Next";

    public static Task StatementAsync(HttpContext http) => AnswerAsync(http, async (id, range) =>
    {
        if (await http.RequestServices.GetRequiredService<Access>().AccountAsync(id) is not { } account)
        {
            return null;
        }

        await http.RequestServices.GetRequiredService<Looks>().AtAsync(account, "export of the statement");
        return await http.RequestServices.GetRequiredService<StatementExport>().OfAsync(id, range, http.RequestAborted);
    });

    public static Task DisbursementAsync(HttpContext http) => AnswerAsync(http, (id, range) =>
        http.RequestServices.GetRequiredService<DisbursementExport>().ReportAsync(id, range, http.RequestAborted));

    public static Task SampleAsync(HttpContext http) => AnswerAsync(http, (id, range) =>
        http.RequestServices.GetRequiredService<SampleExport>().OfAsync(id, range, http.RequestAborted));

    public static Task ReconciliationAsync(HttpContext http) => AnswerAsync(http, (id, range) =>
        http.RequestServices.GetRequiredService<DisbursementExport>().ReconciliationAsync(id, range, http.RequestAborted));

    public static Task BudgetAsync(HttpContext http) => AnswerAsync(http, (id, range) =>
        http.RequestServices.GetRequiredService<BudgetExport>().OfAsync(id, range, http.RequestAborted));

    public static Task FiveWAsync(HttpContext http) => AnswerAsync(http, (id, range) =>
        http.RequestServices.GetRequiredService<FiveWExport>().OfAsync(id, range, http.RequestAborted));

    public static async Task IatiAsync(HttpContext http)
    {
        if (IatiRequest.Of(http.Request.Query) is not { } request)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, new Refusal(RefusalCode.InvalidInput, IatiRequest.Form));
            return;
        }

        var iati = await http.RequestServices.GetRequiredService<IatiExport>().OfAsync(request, http.RequestAborted);
        if (iati.Refusal is { } refusal)
        {
            await RefuseAsync(http, refusal.Code == RefusalCode.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status422UnprocessableEntity, refusal);
            return;
        }

        http.Response.ContentType = "application/xml; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=iati-{request.Program}.xml";
        await IatiWriter.WriteAsync(http.Response.Body, iati.Value!, http.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext http, Func<Id, ExportRange, Task<ExportTable?>> find)
    {
        if (ExportRange.Of(http.Request.Query) is not { } range)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, new Refusal(
                RefusalCode.InvalidInput, $"format is csv or xlsx; from and to are days such as 2026-11-26; after is a row's number; rows is 1 to {ExportRange.RowsMax}."));
            return;
        }

        if (!Id.TryParse((string?)http.Request.RouteValues["id"], out var id) || await find(id, range) is not { } table)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, new Refusal(RefusalCode.NotFound, "There is nothing to export here that you may see."));
            return;
        }

        if (table.Next is { } next)
        {
            http.Response.Headers[NextHeader] = next.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (table.Tag is { } tag)
        {
            var etag = new EntityTagHeaderValue($"\"{tag}\"");
            http.Response.GetTypedHeaders().ETag = etag;
            if (http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(etag, useStrongComparison: false)))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        await (range.IsXlsx ? SendXlsxAsync(http, table) : SendCsvAsync(http, table));
    }

    private static async Task SendCsvAsync(HttpContext http, ExportTable table)
    {
        Describe(http, ExportWriter.Csv, $"{table.Name}.csv");
        await ExportWriter.WriteCsvAsync(http.Response.Body, table, http.RequestAborted);
    }

    /// <summary>A workbook ends with a directory of its parts and is written back and forth, so it goes through a file.</summary>
    private static async Task SendXlsxAsync(HttpContext http, ExportTable table)
    {
        var files = http.RequestServices.GetRequiredService<CashFiles>();
        using var place = files.BeginUpload();
        if (place is null)
        {
            http.Response.Headers.RetryAfter = "60";
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, new Refusal(RefusalCode.Busy, "Other files are being made; try again in a minute, or ask for csv."));
            return;
        }

        await using var file = files.Spool();
        await ExportWriter.WriteXlsxAsync(file, table, http.RequestAborted);
        file.Position = 0;
        Describe(http, ExportWriter.Xlsx, $"{table.Name}.xlsx");
        http.Response.ContentLength = file.Length;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static void Describe(HttpContext http, string contentType, string name)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.ContentDisposition = $"attachment; filename={name}";
    }

    private static Task RefuseAsync(HttpContext http, int status, Refusal refusal) =>
        HttpAnswers.WriteAsync(http, status, new { code = refusal.Code, message = refusal.Message });
}
