using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Transport;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// Runs the lines of a file of commands: each is one input of the mutation, as JSON, and is answered by one line. Each runs in a scope of its own, with the
/// checks, limits and budgets of any request.
/// </summary>
/// <param name="enter">Who the lines are of, as of now; null once they may not be here any more.</param>
internal sealed class BulkLines(IServiceProvider services, string document, Func<CancellationToken, Task<Caller?>> enter)
{
    /// <summary>How many lines are under way at once.</summary>
    public const int AtOnce = 32;

    private const int LineBytesMax = 64 * 1024;

    private static readonly FrozenDictionary<string, string> Documents = new Dictionary<string, string>
    {
        ["transfer"] = "", ["redeemVoucher"] = "receiptSalt", ["creditBeneficiary"] = "", ["offerPayment"] = "payment { id }", ["acceptPayment"] = "", ["releasePayment"] = "",
    }.ToFrozenDictionary(of => of.Key, of => $$"""
        mutation Line($input: {{char.ToUpperInvariant(of.Key[0])}}{{of.Key[1..]}}Input!) { {{of.Key}}(input: $input) { {{of.Value}} transaction { hash height position } replayed wouldBeDone userErrors { code field message } } }
        """, StringComparer.Ordinal);

    private static readonly FrozenSet<string> Passing =
        FrozenSet.Create(StringComparer.Ordinal, RefusalCode.Busy, RefusalCode.Retry, RefusalCode.Unknown, RefusalCode.Stale, RefusalCode.LeaseVoid);

    private readonly IServiceScopeFactory scopes = services.GetRequiredService<IServiceScopeFactory>();
    private readonly IDocumentExecuter<ApiSchema> executer = services.GetRequiredService<IDocumentExecuter<ApiSchema>>();
    private readonly IGraphQLTextSerializer serializer = services.GetRequiredService<IGraphQLTextSerializer>();
    private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();

    /// <summary>The mutations that are taken by many.</summary>
    public static IEnumerable<string> Mutations => Documents.Keys.Order(StringComparer.Ordinal);

    /// <summary>The document of a mutation that is taken by many; null for others.</summary>
    public static string? DocumentOf(string mutation) => Documents.GetValueOrDefault(mutation);

    /// <summary>The answer to a line, with how it ended.</summary>
    /// <param name="unit">Its place among lines that are done together or not at all; null for one by itself.</param>
    public async Task<BulkAnswer> RunAsync(long index, string? line, UnitPlace? unit, CancellationToken cancellationToken)
    {
        if (Input(line) is not { } input)
        {
            return Answer(index, new ExecutionResult(new ExecutionError($"A line is one JSON object of at most {LineBytesMax} characters.") { Code = ApiCode.BadRequest }));
        }

        while (true)
        {
            var result = await RunAsync(input, unit, cancellationToken);
            if (result.Errors?.FirstOrDefault() is not RateLimitedError limited)
            {
                return Answer(index, result);
            }

            await Task.Delay(TimeSpan.FromSeconds(int.Parse(limited.RetryAfter, CultureInfo.InvariantCulture)), time, cancellationToken);
        }
    }

    /// <summary>The lines of a file without the empty ones; null for one that is too long.</summary>
    public static async IAsyncEnumerable<string?> ReadAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
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

    private async Task<ExecutionResult> RunAsync(Inputs input, UnitPlace? unit, CancellationToken cancellationToken)
    {
        // A long file outlives neither its key nor its member's roles.
        if (await enter(cancellationToken) is not { } caller)
        {
            return new ExecutionResult(Operations.SessionEnded()[0]);
        }

        await using var scope = scopes.CreateAsyncScope();
        var holder = scope.ServiceProvider.GetRequiredService<CallerScope>();
        (holder.Caller, holder.Unit) = (caller, unit);
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

    private BulkAnswer Answer(long index, ExecutionResult result)
    {
        result.Extensions = null;
        var answer = serializer.Serialize(result);
        using var json = JsonDocument.Parse(answer);
        var (end, code) = EndOf(json.RootElement);
        return new BulkAnswer(string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{index},\"answer\":{answer}}}\n"), end, code is not null && Passing.Contains(code));
    }

    private static (BulkEnd End, string? Code) EndOf(JsonElement answer)
    {
        if (answer.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0)
        {
            var code = errors[0].TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var told) ? told.GetString() : null;
            return (code == ApiCode.Unauthenticated ? BulkEnd.NotTried : BulkEnd.Failed, code);
        }

        var refusals = answer.GetProperty("data").EnumerateObject().Single().Value.GetProperty("userErrors");
        return refusals.GetArrayLength() == 0 ? (BulkEnd.Done, null)
            : refusals[0].GetProperty("code").GetString() is RefusalCode.Unknown ? (BulkEnd.Failed, RefusalCode.Unknown)
            : (BulkEnd.Refused, refusals[0].GetProperty("code").GetString());
    }
}

/// <summary>How a line of a file ended.</summary>
internal enum BulkEnd
{
    /// <summary>It was done, now or before, or would be by a dry run.</summary>
    Done,

    /// <summary>The ledger refused it.</summary>
    Refused,

    /// <summary>It was no command, or its outcome is not known.</summary>
    Failed,

    /// <summary>Its key or member may not be here any more.</summary>
    NotTried,
}

/// <summary>The line that answers a line.</summary>
/// <param name="Passes">True when the same line may end otherwise in a moment.</param>
internal readonly record struct BulkAnswer(string Line, BulkEnd End, bool Passes);
