using System.Security.Cryptography;
using Humanitarian.Api.Cash;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// <c>POST /bulk/{mutation}</c> with one input of the mutation on each line, as JSON: each line is answered by one line, in order, as soon as it is done.
/// A line is the same command as the mutation sent by itself, so that a client that lost the answer sends the same file again. With <c>?mode=atomic</c> all
/// lines are done or none; with <c>Prefer: respond-async</c> the file is only taken, and worked on by itself.
/// </summary>
internal static class BulkEndpoint
{
    internal const string ContentType = "application/jsonl; charset=utf-8";
    private const long FileBytesMax = 256L * 1024 * 1024;

    public static async Task HandleAsync(HttpContext http)
    {
        var mutation = (string)http.GetRouteValue("mutation")!;
        if (BulkLines.DocumentOf(mutation) is not { } document)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status404NotFound, RefusalCode.NotFound, $"Many at once are taken of {string.Join(", ", BulkLines.Mutations)}.");
            return;
        }

        var mode = http.Request.Query["mode"].ToString();
        var isLater = BulkOperationEndpoint.IsAskedFor(http.Request);
        if (mode is not ("" or "continueOnFailure" or "atomic") || (isLater && mode == "atomic"))
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, "mode is continueOnFailure or atomic; what is atomic is answered at once.");
            return;
        }

        // All of it first: a client may not read while it sends.
        var session = http.RequestServices.GetRequiredService<CallerScope>().Session!;
        var received = await http.RequestServices.GetRequiredService<Uploads>().ReceiveAsync(
            http, session.Caller.Organisation, FileBytesMax, new Refusal(ApiCode.TooLarge, $"A file has at most {FileBytesMax / 1024 / 1024} MiB: split it."));
        if (received.Refusal is { } notReceived)
        {
            await HttpAnswers.RefuseAsync(http, Uploads.StatusOf(notReceived), notReceived.Code, notReceived.Message);
            return;
        }

        await using var upload = received.Value!;
        using var place = http.RequestServices.GetRequiredService<CashFiles>().BeginBulk();
        if (place is null)
        {
            http.Response.Headers.RetryAfter = "60";
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Busy, "Other files are being read; try again in a minute.");
            return;
        }

        var file = upload.File;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, http.RequestAborted));
        file.Position = 0;
        if (isLater)
        {
            await BulkOperationEndpoint.TakeAsync(http, mutation, sha256, file);
            return;
        }

        if (await BulkOperationEndpoint.IsAnothersAsync(http, mutation, sha256))
        {
            return;
        }

        var lines = new BulkLines(http.RequestServices, document, async cancel => await session.EnterAsync(cancel) ? session.Caller : null);
        await (mode == "atomic" ? AnswerTogetherAsync(http, lines, file) : AnswerAsync(http, lines, file));
    }

    private static void Begin(HttpContext http)
    {
        http.Response.ContentType = ContentType;
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private static async Task AnswerAsync(HttpContext http, BulkLines lines, FileStream file)
    {
        Begin(http);
        var under = new Queue<Task<BulkAnswer>>();
        var index = 0L;
        await foreach (var line in BulkLines.ReadAsync(file, http.RequestAborted))
        {
            if (under.Count == BulkLines.AtOnce)
            {
                await WriteAsync(http, await under.Dequeue());
            }

            under.Enqueue(lines.RunAsync(index++, line, null, http.RequestAborted));
        }

        while (under.TryDequeue(out var answer))
        {
            await WriteAsync(http, await answer);
        }
    }

    private static async Task AnswerTogetherAsync(HttpContext http, BulkLines lines, FileStream file)
    {
        var all = new List<string?>();
        await foreach (var line in BulkLines.ReadAsync(file, http.RequestAborted))
        {
            if (all.Count == Many.Most)
            {
                await HttpAnswers.RefuseAsync(
                    http, StatusCodes.Status413PayloadTooLarge, ApiCode.TooLarge, $"At most {Many.Most} lines are done together: split the file, or send it without mode=atomic.");
                return;
            }

            all.Add(line);
        }

        Begin(http);

        // A client that goes away leaves a whole: what has begun is brought to its end.
        var unit = new AtomicUnit(http.RequestServices.GetRequiredService<LedgerCommands>(), all.Count);
        foreach (var answer in await Task.WhenAll(all.Select((line, index) => unit.RunAsync(index, place => lines.RunAsync(index, line, place, CancellationToken.None)))))
        {
            await WriteAsync(http, answer);
        }
    }

    private static async Task WriteAsync(HttpContext http, BulkAnswer answer)
    {
        await http.Response.WriteAsync(answer.Line, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
