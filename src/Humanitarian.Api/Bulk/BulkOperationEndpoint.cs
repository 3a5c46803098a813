using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// Files that are taken and worked on by themselves: <c>POST /bulk/{mutation}</c> with <c>Prefer: respond-async</c> and an <c>Idempotency-Key</c> is answered
/// 202 with the operation's id; <c>GET /bulk/operations/{id}/results</c> has its answers, with <c>Range</c>.
/// </summary>
internal static class BulkOperationEndpoint
{
    private const string Preference = "respond-async";

    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers["Prefer"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)).Contains(Preference, StringComparer.OrdinalIgnoreCase);

    /// <summary>True when another member of the organisation has sent the same file, which is then answered, and it is not asked to do it <c>again</c>.</summary>
    public static async Task<bool> IsAnothersAsync(HttpContext http, string mutation, string sha256)
    {
        var (caller, operations) = (http.RequestServices.GetRequiredService<Caller>(), http.RequestServices.GetRequiredService<BulkOperations>());
        if (http.Request.Query["again"] == "true"
            || await operations.SentByAnotherAsync(caller.Organisation, caller.Principal, mutation, sha256, http.RequestAborted) is not { } before)
        {
            return false;
        }

        await HttpAnswers.RefuseAsync(
            http, StatusCodes.Status409Conflict, ApiCode.FileSentBefore,
            $"Member {before.Member} sent this very file at {DateTimeOffset.FromUnixTimeMilliseconds(before.CreatedAt):u}, and sent by you all of it would be done once more. "
            + "Have that member send it again, which does what is left; or add again=true if it is to be done twice.");
        return true;
    }

    /// <summary>Takes a file: the same key with the same file is the same operation.</summary>
    public static async Task TakeAsync(HttpContext http, string mutation, string sha256, FileStream file)
    {
        var services = http.RequestServices;
        var (caller, operations, cancel) = (services.GetRequiredService<Caller>(), services.GetRequiredService<BulkOperations>(), http.RequestAborted);
        if (http.Request.Headers["Idempotency-Key"] is not [{ } key] || IdempotencyKey.Refuse(key) is not null)
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status400BadRequest, RefusalCode.IdempotencyKeyInvalid, "A file that is worked on by itself needs an Idempotency-Key of 1 to 255 bytes.");
            return;
        }

        // A token ends before a long file does; a key ends when it is revoked.
        if (!Hash32.TryParse(caller.Credential, out var credential) || await services.GetRequiredService<ApiKeys>().LivingAsync(credential, cancel) is null)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status403Forbidden, RefusalCode.Forbidden, "A file that is worked on by itself is sent with an API key.");
            return;
        }

        var id = operations.IdOf(caller.Principal, key);
        if (await AnswerKnownAsync() || await IsAnothersAsync(http, mutation, sha256))
        {
            return;
        }

        var lines = await BulkLines.ReadAsync(file, cancel).LongCountAsync(cancel);
        file.Position = 0;
        var operation = new BulkOperation(
            id, caller.Principal, caller.Organisation, credential, mutation, sha256, lines, 0, services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds())
        {
            FileBytes = file.Length,
        };
        if (operation.Room > BulkOperations.RoomMost)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, ApiCode.TooLarge, "The answers to so many lines have no room: split the file.");
            return;
        }

        if (await operations.FullAsync(operation, cancel) is { } full)
        {
            http.Response.Headers.RetryAfter = "60";
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Busy, full);
            return;
        }

        if (await operations.AddAsync(operation, file, cancel))
        {
            await AcceptedAsync(http, id);
        }
        else if (!await AnswerKnownAsync())
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Busy, "Another file came under this key at the same time; send it again.");
        }

        async Task<bool> AnswerKnownAsync()
        {
            if ((await operations.FindAsync(id, cancel))?.Value is not { } known)
            {
                return false;
            }

            if (known.Mutation != mutation || known.Sha256 != sha256)
            {
                await HttpAnswers.RefuseAsync(
                    http, StatusCodes.Status409Conflict, RefusalCode.IdempotencyConflict, "This idempotency key was used for another file; use a new one.");
                return true;
            }

            if (!known.HasEnded)
            {
                await operations.OpenAsync(known, cancel);
            }

            await AcceptedAsync(http, id);
            return true;
        }
    }

    /// <summary>The answers so far, or a part of them.</summary>
    public static async Task ResultsAsync(HttpContext http)
    {
        var operations = http.RequestServices.GetRequiredService<BulkOperations>();
        if (!Id.TryParse((string)http.GetRouteValue("id")!, out var id)
            || await operations.OwnAsync(id, http.RequestServices.GetRequiredService<Caller>().Principal, http.RequestAborted) is not { } operation)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status404NotFound, RefusalCode.NotFound, "There is no such operation of yours.");
            return;
        }

        var (from, to) = RangeOf(http.Request, operation);
        http.Response.Headers.AcceptRanges = "bytes";
        http.Response.Headers["Bulk-State"] = operation.State.ToString().ToUpperInvariant();
        if (http.Request.Headers.Range.Count > 0 && from > to)
        {
            http.Response.Headers.ContentRange = new ContentRangeHeaderValue(operation.ResultBytes).ToString();
            http.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            return;
        }

        if (http.Request.Headers.Range.Count > 0)
        {
            // How many there will be is not known while they come.
            var range = operation.HasEnded ? new ContentRangeHeaderValue(from, to, operation.ResultBytes) : new ContentRangeHeaderValue(from, to);
            (http.Response.StatusCode, http.Response.Headers.ContentRange) = (StatusCodes.Status206PartialContent, range.ToString());
        }

        http.Response.ContentType = BulkEndpoint.ContentType;
        http.Response.ContentLength = to - from + 1;
        var left = to - from + 1;
        if (left == 0)
        {
            return;
        }

        await foreach (var bytes in operations.ResultsAsync(operation, from, http.RequestAborted))
        {
            var now = (int)Math.Min(left, bytes.Length);
            await http.Response.Body.WriteAsync(bytes[..now], http.RequestAborted);
            if ((left -= now) == 0)
            {
                return;
            }
        }
    }

    /// <summary>The first and the last byte asked for; the last before the first where there is none such.</summary>
    private static (long From, long To) RangeOf(HttpRequest request, BulkOperation operation)
    {
        var last = operation.ResultBytes - 1;
        return !StringValues.IsNullOrEmpty(request.Headers.Range) && RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var asked) && asked is { Unit.Value: "bytes", Ranges.Count: 1 }
            ? asked.Ranges.Single() switch
            {
                { From: { } from } one => (from, Math.Min(one.To ?? last, last)),
                { To: { } suffix } => (Math.Max(last - suffix + 1, 0), last),
                _ => (0, last),
            }
            : (0, last);
    }

    private static Task AcceptedAsync(HttpContext http, Id id)
    {
        http.Response.Headers["Preference-Applied"] = Preference;
        http.Response.Headers.Location = $"/bulk/operations/{id}/results";
        return HttpAnswers.WriteAsync(http, StatusCodes.Status202Accepted, new { operationId = id.ToString() });
    }
}
