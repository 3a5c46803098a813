using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Humanitarian.Api.Cash;

/// <summary>
/// Takes files of clients to the data folder, before anything asks for its turn to work on them: who sends slowly holds nobody else up. A
/// file counts until it is worked on, so that what waits for a turn is bounded too.
/// </summary>
internal sealed class Uploads(CashFiles files, TimeProvider time, HumanitarianApiOptions options)
{
    /// <summary>Most files of one organisation at once.</summary>
    public const int OfOneMax = 4;

    /// <summary>Most files of all at once: each may fill 4 GiB of the data folder.</summary>
    public const int AllMax = 32;

    private readonly Lock gate = new();
    private readonly Dictionary<Id, int> sending = [];
    private int all;

    /// <summary>The body as a file, at its beginning; or why not, with <see cref="StatusOf"/>.</summary>
    public async Task<Outcome<Upload>> ReceiveAsync(HttpContext http, Id organisation, long bytesMax, Refusal tooLarge)
    {
        if (!TryBegin(organisation))
        {
            http.Response.Headers.RetryAfter = "60";
            return new Refusal(RefusalCode.Busy, "Other files are on their way; try again in a minute.");
        }

        using var limit = new CancellationTokenSource(options.Limits.UploadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, limit.Token);
        Upload? upload = null;
        var isWhole = false;
        try
        {
            upload = new Upload(files.Spool(), () => End(organisation));
            if (!await CopyAsync(http, upload.File, bytesMax, either.Token))
            {
                return tooLarge;
            }

            upload.File.Position = 0;
            isWhole = true;
            return upload;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            return new Refusal(ApiCode.UploadTimedOut, $"The file was not whole after {options.Limits.UploadTimeout:c}; send it over a faster line, or split it.");
        }
        finally
        {
            if (upload is null)
            {
                End(organisation);
            }
            else if (!isWhole)
            {
                await upload.DisposeAsync();
            }
        }
    }

    /// <summary>The HTTP status of a file that was not received.</summary>
    public static int StatusOf(Refusal refusal) => refusal.Code switch
    {
        RefusalCode.Busy => StatusCodes.Status503ServiceUnavailable,
        ApiCode.UploadTimedOut => StatusCodes.Status408RequestTimeout,
        _ => StatusCodes.Status413PayloadTooLarge,
    };

    /// <returns>False when it is too large.</returns>
    private static async Task<bool> CopyAsync(HttpContext http, FileStream file, long bytesMax, CancellationToken cancellationToken)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = bytesMax + 1;
        }

        var buffer = new byte[81_920];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (file.Length + read > bytesMax)
            {
                return false;
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return true;
    }

    private bool TryBegin(Id organisation)
    {
        lock (gate)
        {
            var own = sending.GetValueOrDefault(organisation);
            if (own == OfOneMax || all == AllMax)
            {
                return false;
            }

            (sending[organisation], all) = (own + 1, all + 1);
            return true;
        }
    }

    private void End(Id organisation)
    {
        lock (gate)
        {
            all--;
            if (--sending[organisation] == 0)
            {
                sending.Remove(organisation);
            }
        }
    }
}

/// <summary>A file that came whole; it goes, and its place is free, when it is disposed of.</summary>
internal sealed class Upload(FileStream file, Action end) : IAsyncDisposable
{
    public FileStream File => file;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await file.DisposeAsync();
        }
        finally
        {
            end();
        }
    }
}
