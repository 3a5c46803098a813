using System.Globalization;
using CsvHelper;
using Humanitarian.Api.Cash;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Units;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Lists;

/// <summary>
/// <c>POST /lists?program=ID[&amp;format=...][&amp;defaultAmountMinor=...][&amp;region=KE][&amp;onErrors=accept|refuse]</c>, or <c>currency</c>
/// instead of the program, with the file as body; <c>GET /lists/{id}/errors</c>.
/// </summary>
internal static class ListEndpoints
{
    /// <summary>Errors in the answer to an import that was taken; all are at its errors' address.</summary>
    private const int ErrorsAnswered = 100;

    private const long FileBytesMax = 4L * 1024 * 1024 * 1024;

    public static async Task ImportAsync(HttpContext http)
    {
        var caller = http.RequestServices.GetRequiredService<Caller>();
        if (!caller.Has(Roles.Registrar))
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, Principals.Forbidden());
            return;
        }

        var request = await RequestOfAsync(http, caller);
        if (request.Refusal is { } invalid)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, invalid);
            return;
        }

        var scope = caller.Member.Scope;
        if (scope?.Covers(Id.TryParse(http.Request.Query["program"].ToString(), out var program) ? program : Id.None) == false)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, Principals.OutOfScope());
            return;
        }

        var received = await http.RequestServices.GetRequiredService<Uploads>().ReceiveAsync(
            http, caller.Organisation, FileBytesMax, new Refusal(ApiCode.TooLarge, "A list has at most 4 GiB: split it."));
        if (received.Refusal is { } notReceived)
        {
            await RefuseAsync(http, Uploads.StatusOf(notReceived), notReceived);
            return;
        }

        await using var upload = received.Value!;
        var import = await http.RequestServices.GetRequiredService<ListImports>().ImportAsync(
            upload.File, request.Value! with { Scope = scope }, http.RequestAborted);
        await AnswerAsync(http, import, request.Value!);
    }

    /// <summary>All errors of a list as CSV.</summary>
    public static async Task ErrorsAsync(HttpContext http)
    {
        var (caller, documents) = (http.RequestServices.GetRequiredService<Caller>(), http.RequestServices.GetRequiredService<ListDocuments>());
        if (!Id.TryParse((string?)http.Request.RouteValues["id"], out var id)
            || !http.RequestServices.GetRequiredService<Access>().Reads(caller.Organisation)
            || await documents.FindAsync(id, caller.Organisation, http.RequestAborted) is not { } head || !head.IsFor(caller))
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, ListDocuments.Unknown);
            return;
        }

        http.Response.ContentType = "text/csv; charset=utf-8";
        await using var body = new StreamWriter(http.Response.Body, leaveOpen: true);
        await WriteErrorsAsync(body, documents, head, http.RequestAborted);
        var overflow = http.RequestServices.GetRequiredService<ListImports>().OverflowPath(head.Id);
        if (!File.Exists(overflow))
        {
            return;
        }

        using var rest = new StreamReader(overflow);
        await rest.ReadLineAsync(http.RequestAborted);
        while (await rest.ReadLineAsync(http.RequestAborted) is { } line)
        {
            await body.WriteAsync(line.AsMemory(), http.RequestAborted);
            await body.WriteAsync("\n".AsMemory(), http.RequestAborted);
        }
    }

    private static async Task WriteErrorsAsync(StreamWriter body, ListDocuments documents, ListHead head, CancellationToken cancellationToken)
    {
        // As in the file of further errors, a masked value must not run in a spreadsheet.
        await using var csv = CsvWriter.Create(body, new CsvWriterOptions { NewLine = "\n", Injection = CsvInjection.Escape }, leaveOpen: true);
        csv.WriteHeader("line", "column", "value", "code", "reason");
        for (long from = 0; await documents.ErrorsAsync(head.Id, from, ListDocuments.ErrorsPerDocument, cancellationToken) is { Count: > 0 } errors; from += errors.Count)
        {
            foreach (var error in errors)
            {
                csv.WriteField(error.Line);
                csv.WriteField(error.Column);
                csv.WriteField(error.MaskedValue);
                csv.WriteField(error.Code);
                csv.WriteField(error.Reason);
                await csv.EndRecordAsync(cancellationToken);
            }
        }
    }

    private static Task AnswerAsync(HttpContext http, ListImport import, ListRequest request)
    {
        var summary = import.Summary;
        if (import.Refusal is { } refusal)
        {
            var busy = refusal.Code == RefusalCode.Busy;
            if (busy)
            {
                http.Response.Headers.RetryAfter = "60";
            }

            return HttpAnswers.WriteAsync(http, busy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status422UnprocessableEntity, new
            {
                code = refusal.Code,
                message = refusal.Message,
                rows = summary.RowsGood,
                refused = summary.RowsRefused,
                errorsTotal = summary.ErrorsTotal,
                errors = Errors(summary.Errors),
            });
        }

        var head = import.Head!;
        return HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, new
        {
            listId = head.Id,
            rows = head.Rows,
            refused = head.Refused,
            totalMinor = head.TotalMinor.ToString(CultureInfo.InvariantCulture),
            currency = head.Unit,
            exponent = head.Exponent,
            format = head.Format.ToString(),
            errorsTotal = head.ErrorsTotal,
            errors = Errors(summary.Errors.Take(ErrorsAnswered)),
            droppedColumns = head.DroppedColumns,
            hashedColumns = head.HashedColumns,
            alreadyImported = import.AlreadyImported,
            sameAs = import.Same,
            overlaps = new { rows = head.KnownRows },
            message = Message(import),
        });
    }

    private static string Message(ListImport import) =>
        import.AlreadyImported ? $"This file was imported before: this is that list, {import.Head!.Id}, and nothing was imported again."
        : import.Same.Count > 0 ? "The same file was imported before in another way; take care that nobody is paid twice."
        : import.Head!.KnownRows > 0 ? $"{import.Head.KnownRows} rows name people of earlier lists, who keep their accounts."
        : "The list was imported. Identifying columns were turned into keyed hashes and dropped.";

    private static IEnumerable<object> Errors(IEnumerable<ListError> errors) =>
        errors.Select(error => new { line = error.Line, column = error.Column, value = error.MaskedValue, code = error.Code, reason = error.Reason });

    private static async Task<Outcome<ListRequest>> RequestOfAsync(HttpContext http, Caller caller)
    {
        var query = http.Request.Query;
        string? Text(string name) => query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

        ListFormat? format = null;
        if (Text("format") is { } name)
        {
            if (!Enum.TryParse<ListFormat>(name, ignoreCase: true, out var known) || !Enum.IsDefined(known) || char.IsAsciiDigit(name[0]))
            {
                return Invalid($"format is one of {string.Join(", ", Enum.GetNames<ListFormat>())}.", "format");
            }

            format = known;
        }

        long? amount = null;
        if (Text("defaultAmountMinor") is { } digits)
        {
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var minor) || minor == 0)
            {
                return Invalid("defaultAmountMinor is a positive whole number of minor units.", "defaultAmountMinor");
            }

            amount = minor;
        }

        var onErrors = Text("onErrors") ?? "accept";
        return onErrors is not ("accept" or "refuse") ? Invalid("onErrors is accept or refuse.", "onErrors")
            : Text("region") is { } region && (region.Length != 2 || !region.All(char.IsAsciiLetterUpper)) ? Invalid("region is an ISO 3166 code such as KE.", "region")
            : await UnitOfAsync(http, Text("program"), Text("currency")) is not { } unit
                ? Invalid("Name one of your programs, or the currency of a defined unit with at most 7 decimals.", "program")
            : new ListRequest(caller.Organisation, caller.Principal, unit, format, amount, Text("region"), onErrors == "refuse");
    }

    private static async Task<UnitRecord?> UnitOfAsync(HttpContext http, string? program, string? currency)
    {
        var code = program is null ? currency
            : Id.TryParse(program, out var id) && await http.RequestServices.GetRequiredService<Access>().OwnProgramAsync(id) is { } own
                && (currency is null || currency == own.Unit) ? own.Unit : null;
        return code is not null && await http.RequestServices.GetRequiredService<LedgerInfo>().UnitAsync(code) is { Exponent: <= 7 } unit ? unit : null;
    }

    private static Refusal Invalid(string message, string field) => new(RefusalCode.InvalidInput, message, field);

    private static Task RefuseAsync(HttpContext http, int status, Refusal refusal) =>
        HttpAnswers.WriteAsync(http, status, new { code = refusal.Code, message = refusal.Message });
}
