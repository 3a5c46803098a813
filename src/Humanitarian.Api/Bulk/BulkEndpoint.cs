using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Humanitarian.Api.Cash;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Transport;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// <c>POST /bulk/{mutation}</c> with one input of the mutation on each line, as JSON: each line is answered by one line, in order, as soon as it is done.
/// A line is the same command as the mutation sent by itself, so that a client that lost the answer sends the same file again.
/// </summary>
internal static class BulkEndpoint
{
    private const string ContentType = "application/jsonl; charset=utf-8";
    private const long FileBytesMax = 256L * 1024 * 1024;
    private const int LineBytesMax = 64 * 1024;
    private const int AtOnce = 32;

    private static readonly FrozenDictionary<string, string> Documents = new Dictionary<string, string>
    {
        ["transfer"] = "", ["redeemVoucher"] = "receiptSalt", ["creditBeneficiary"] = "", ["offerPayment"] = "payment { id }", ["acceptPayment"] = "", ["releasePayment"] = "",
    }.ToFrozenDictionary(of => of.Key, of => $$"""
        mutation Line($input: {{char.ToUpperInvariant(of.Key[0])}}{{of.Key[1..]}}Input!) { {{of.Key}}(input: $input) { {{of.Value}} transaction { hash height position } replayed wouldBeDone userErrors { code field message } } }
        """, StringComparer.Ordinal);

    public static async Task HandleAsync(HttpContext http)
    {
        if (!Documents.TryGetValue((string)http.GetRouteValue("mutation")!, out var document))
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status404NotFound, RefusalCode.NotFound, $"Many at once are taken of {string.Join(", ", Documents.Keys.Order(StringComparer.Ordinal))}.");
            return;
        }

        var files = http.RequestServices.GetRequiredService<CashFiles>();
        using var place = files.BeginBulk();
        if (place is null)
        {
            http.Response.Headers.RetryAfter = "60";
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Busy, "Other files are being read; try again in a minute.");
            return;
        }

        // All of it first: a client may not read while it sends.
        await using var file = files.Spool();
        if (!await ReceiveAsync(http, file))
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, ApiCode.TooLarge, $"A file has at most {FileBytesMax / 1024 / 1024} MiB: split it.");
            return;
        }

        http.Response.ContentType = ContentType;
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await AnswerAsync(http, document, file);
    }

    private static async Task AnswerAsync(HttpContext http, string document, FileStream file)
    {
        var lines = new BulkLines(http.RequestServices, document);
        var under = new Queue<Task<string>>();
        var index = 0L;
        file.Position = 0;
        await foreach (var line in LinesAsync(file, http.RequestAborted))
        {
            if (under.Count == AtOnce)
            {
                await WriteAsync(http, await under.Dequeue());
            }

            under.Enqueue(lines.RunAsync(index++, line, http.RequestAborted));
        }

        while (under.TryDequeue(out var answer))
        {
            await WriteAsync(http, await answer);
        }
    }

    private static async Task WriteAsync(HttpContext http, string line)
    {
        await http.Response.WriteAsync(line, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    /// <summary>The lines of a file without the empty ones; null for one that is too long.</summary>
    private static async IAsyncEnumerable<string?> LinesAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(file, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var (line, isTooLong) = (new StringBuilder(), false);
        var buffer = new char[8_192];
        for (int read; (read = await text.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            for (var at = 0; at < read; at++)
            {
                if (buffer[at] != '\n')
                {
                    isTooLong |= line.Length == LineBytesMax;
                    if (!isTooLong)
                    {
                        line.Append(buffer[at]);
                    }

                    continue;
                }

                if (isTooLong || !string.IsNullOrWhiteSpace(line.ToString()))
                {
                    yield return isTooLong ? null : line.ToString();
                }

                isTooLong = false;
                line.Clear();
            }
        }

        if (isTooLong || !string.IsNullOrWhiteSpace(line.ToString()))
        {
            yield return isTooLong ? null : line.ToString();
        }
    }

    private static async Task<bool> ReceiveAsync(HttpContext http, FileStream file)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = FileBytesMax + 1;
        }

        var buffer = new byte[81_920];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            if (file.Length + read > FileBytesMax)
            {
                return false;
            }

            await file.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
        }

        return true;
    }

    /// <summary>Runs lines as the caller of the request, each in a scope of its own, with the checks, limits and budgets of any request.</summary>
    private sealed class BulkLines(IServiceProvider services, string document)
    {
        private readonly IServiceScopeFactory scopes = services.GetRequiredService<IServiceScopeFactory>();
        private readonly IDocumentExecuter<ApiSchema> executer = services.GetRequiredService<IDocumentExecuter<ApiSchema>>();
        private readonly IGraphQLTextSerializer serializer = services.GetRequiredService<IGraphQLTextSerializer>();
        private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();
        private readonly Session session = services.GetRequiredService<CallerScope>().Session!;

        /// <summary>The answer to a line.</summary>
        public async Task<string> RunAsync(long index, string? line, CancellationToken cancellationToken)
        {
            if (Input(line) is not { } input)
            {
                return Answer(index, new ExecutionResult(new ExecutionError($"A line is one JSON object of at most {LineBytesMax} characters.") { Code = ApiCode.BadRequest }));
            }

            while (true)
            {
                var result = await RunAsync(input, cancellationToken);
                if (result.Errors?.FirstOrDefault() is not RateLimitedError limited)
                {
                    return Answer(index, result);
                }

                await Task.Delay(TimeSpan.FromSeconds(int.Parse(limited.RetryAfter, CultureInfo.InvariantCulture)), time, cancellationToken);
            }
        }

        private async Task<ExecutionResult> RunAsync(Inputs input, CancellationToken cancellationToken)
        {
            // A long file outlives neither its key nor its member's roles.
            if (!await session.EnterAsync(cancellationToken))
            {
                return new ExecutionResult(Operations.SessionEnded()[0]);
            }

            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CallerScope>().Caller = session.Caller;
            var request = new GraphQLRequest { Query = document, Variables = input };
            return await executer.ExecuteAsync(Operations.Options(request, scope.ServiceProvider, cancellationToken));
        }

        private Inputs? Input(string? line)
        {
            try
            {
                using var json = JsonDocument.Parse(line ?? "");
                return json.RootElement.ValueKind == JsonValueKind.Object ? serializer.Deserialize<Inputs>($"{{\"input\":{line}}}") : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        private string Answer(long index, ExecutionResult result)
        {
            result.Extensions = null;
            return string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{index},\"answer\":{serializer.Serialize(result)}}}\n");
        }
    }
}
