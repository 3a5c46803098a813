using System.Globalization;
using System.Security.Cryptography;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Cash;

/// <summary>
/// <c>POST /disbursements/{id}/reports[?format=...][&amp;onErrors=refuse|accept]</c> with a provider's report as body: it is read, compared
/// and kept, and changes nothing until finance signs it by <c>reconcileCash</c>. <c>GET /instructions/{id}</c> serves a recorded file.
/// </summary>
internal static class CashEndpoints
{
    private const long FileBytesMax = 1024L * 1024 * 1024;

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

        if (!access.Covers(own.Program.Id) || !access.CoversAllAreas)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, Principals.OutOfScope());
            return;
        }

        if (!TryReadQuery(http, out var format, out var takesGood))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, new Refusal(
                RefusalCode.InvalidInput, $"format is one of {string.Join(", ", Enum.GetNames<CashFormat>())}; onErrors is refuse or accept."));
            return;
        }

        var files = http.RequestServices.GetRequiredService<CashFiles>();
        var received = await http.RequestServices.GetRequiredService<Uploads>().ReceiveAsync(
            http, access.Caller.Organisation, FileBytesMax, new Refusal(CashCodes.FileUnreadable, "A report has at most 1 GiB: split it."));
        if (received.Refusal is { } notReceived)
        {
            await RefuseAsync(http, Uploads.StatusOf(notReceived), notReceived);
            return;
        }

        await using var upload = received.Value!;
        using var turn = await files.UploadTurnAsync(http.RequestAborted);
        var file = upload.File;
        var hash = Hash32.FromSpan(await SHA256.HashDataAsync(file, http.RequestAborted));
        var reader = new ReportReader(file, format);
        await using var matched = await cash.Match(reader, own).ReadAsync(http.RequestAborted);
        if (matched.Lines == 0 || reader.Refusal is not null || (matched.ErrorsTotal > 0 && !takesGood))
        {
            await HttpAnswers.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, new
            {
                code = RefusalCode.ListHasErrors,
                message = matched.ErrorsTotal == 0
                    ? "The report says nothing about any line yet."
                    : "Nothing of the report was kept: have it mended, or send it with onErrors=accept to take the good lines.",
                errorsTotal = matched.ErrorsTotal,
                errors = Errors(matched),
            });
            return;
        }

        var report = ReconciliationRecord.IdOf(id, hash);
        await files.AddAsync(
            report, access.Caller.Organisation, new CashFile(hash.ToString()[2..], id.ToString(), reader.Format, 0), file, http.RequestAborted);
        await AnswerAsync(http, report, own, reader.Format, matched);
    }

    public static async Task InstructionsAsync(HttpContext http)
    {
        var access = http.RequestServices.GetRequiredService<Access>();
        var recorded = Id.TryParse((string?)http.Request.RouteValues["id"], out var id) && access.Caller.Has(Roles.Releaser | Roles.Finance | Roles.Administrator)
            ? await access.FindAsync<InstructionFileRecord>(RecordKind.InstructionFile, id)
            : null;

        // Only what the ledger holds the hash of leaves, and only bytes that have this hash.
        var files = http.RequestServices.GetRequiredService<CashFiles>();
        if (recorded is null || await http.RequestServices.GetRequiredService<CashReads>().FindAsync(recorded.Disbursement) is not { } own
            || !access.Covers(own.Program.Id) || !access.CoversAllAreas
            || await files.HeadAsync(id, access.Caller.Organisation, http.RequestAborted) is not { } head || Hash32.Parse(head.Sha256) != recorded.File
            || await files.OpenAsync(id, head, http.RequestAborted) is not { } opened)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, new Refusal(RefusalCode.NotFound, "There is no such instruction file that you may see."));
            return;
        }

        await using var file = opened;
        if (await RefuseToInstructAsync(access, recorded) is { } refusal)
        {
            await RefuseAsync(http, StatusCodes.Status409Conflict, refusal);
            return;
        }

        await http.RequestServices.GetRequiredService<Looks>().AtAllOfAsync(own.Program.Id, $"instructions of disbursement {recorded.Disbursement}");
        http.Response.ContentType = InstructionWriter.ContentType(head.Format);
        http.Response.Headers.ContentDisposition = $"attachment; filename=instructions-{id}.{(head.Format == CashFormat.Hope ? "xlsx" : "csv")}";
        http.Response.Headers["X-Content-SHA256"] = head.Sha256;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    /// <summary>Nobody is to pay by the file of what is paused, given up or stopped; it is served again once that goes on.</summary>
    private static async Task<Refusal?> RefuseToInstructAsync(Access access, InstructionFileRecord recorded) =>
        await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, recorded.Disbursement) is not { } disbursement
            || await access.FindAsync<ProgramRecord>(RecordKind.Program, disbursement.Program) is not { } program
            || disbursement.State is DisbursementState.Paused or DisbursementState.Cancelled
            ? new Refusal(RefusalCode.WrongState, "The disbursement is paused or given up; ask again when it goes on.")
        : program.Stops.Any(stop => stop.OfAll) ? new Refusal(RefusalCode.ProgramStopped, "The program is stopped; ask again when it goes on.")
        : null;

    private static Task AnswerAsync(HttpContext http, Id report, OwnCash own, CashFormat format, ReportMatch matched)
    {
        string Minor(long amount) => amount.ToString(CultureInfo.InvariantCulture);
        return HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, new
        {
            reportId = report.ToString(),
            format = format.ToString(),
            lines = matched.Lines,
            underWay = matched.UnderWay,
            deliveredMinor = Minor(matched.DeliveredMinor),
            failedMinor = Minor(matched.FailedMinor),
            currency = own.Program.Unit,
            alreadyRecorded = matched.AlreadyRecorded,
            contradicting = matched.Contradicting,
            errorsTotal = matched.ErrorsTotal,
            errors = Errors(matched),
        });
    }

    private static IEnumerable<object> Errors(ReportMatch matched) =>
        matched.Errors.Select(error => new { line = error.Line, column = error.Column, code = error.Code, reason = error.Reason });

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

    private static Task RefuseAsync(HttpContext http, int status, Refusal refusal) =>
        HttpAnswers.WriteAsync(http, status, new { code = refusal.Code, message = refusal.Message });
}
