using System.Collections.Concurrent;
using GraphQL;
using GraphQL.DI;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using Humanitarian.Domain;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Bounds what a document may ask before it is validated: its size, its depth, its cost, what the caller has left of their budget, and
/// the time that a query may take. Validated documents are kept, so that a client that sends variables is parsed and validated once.
/// </summary>
internal sealed class DocumentGuard(HumanitarianApiOptions settings, TimeProvider time, Allowances<Id> budgets) : IConfigureExecution
{
    private const int CachedMax = 1_000;
    private const int CachedCharsMax = 20_000;

    private readonly ApiLimits limits = settings.Limits;
    private readonly ConcurrentDictionary<string, KnownDocument> validated = new(StringComparer.Ordinal);

    public float SortOrder => 200;

    public async Task<ExecutionResult> ExecuteAsync(ExecutionOptions options, ExecutionDelegate next)
    {
        var text = options.Query!;
        if (validated.TryGetValue(text, out var known))
        {
            // Without any, all would run again, which takes longer than the rest of a request.
            options.ValidationRules = options.CachedDocumentValidationRules ?? [];
            return await RunAsync(known, options, next);
        }

        try
        {
            if (DocumentSize.HasMoreTokens(text, limits.Tokens))
            {
                return Refused($"A document has at most {limits.Tokens} words, numbers and signs.");
            }

            var document = Parser.Parse(text);
            if (DocumentSize.Refuse(document, limits) is { } tooLarge)
            {
                return Refused(tooLarge);
            }

            known = KnownDocument.Of(options.Schema!, document);
        }
        catch (GraphQLParserException)
        {
            // The executer parses it again and reports it in its own form.
            return await next(options);
        }

        var result = await RunAsync(known, options, next);
        if (result.Executed && text.Length <= CachedCharsMax)
        {
            Remember(text, known);
        }

        return result;
    }

    private async Task<ExecutionResult> RunAsync(KnownDocument known, ExecutionOptions options, ExecutionDelegate next)
    {
        options.Document = known.Document;
        if (known.Find(options.OperationName) is not { } asked)
        {
            // The executer says which operations there are.
            return await next(options);
        }

        if (asked.Cost.Depth > limits.Depth)
        {
            return Refused($"Fields lie within each other at most {limits.Depth} deep.");
        }

        var cost = asked.Cost.With(options.Variables);
        if (cost > limits.Cost)
        {
            return Refused($"The operation may cost {cost}, and at most {limits.Cost}: ask for fewer fields, shorter lists or less in one request.");
        }

        var caller = options.RequestServices?.GetService(typeof(CallerScope)) as CallerScope;
        var allowance = budgets.Take(caller?.Caller?.Principal ?? Id.None, cost);
        var result = !allowance.Taken ? RateLimited(cost, allowance)
            : asked.Operation.Operation == OperationType.Query ? await WithinTimeAsync(options, next)
            : await next(options);
        OneOfAKind(result);
        (result.Extensions ??= []).Add("cost", new Dictionary<string, object?>
        {
            ["requested"] = cost, ["remaining"] = allowance.Remaining, ["restoredPerSecond"] = limits.BudgetPerSecond,
        });
        return result;
    }

    /// <summary>A resolver that does not hear of the end is left behind: it only reads, and nobody waits for it.</summary>
    private async Task<ExecutionResult> WithinTimeAsync(ExecutionOptions options, ExecutionDelegate next)
    {
        var caller = options.CancellationToken;
        using var limit = new CancellationTokenSource(limits.QueryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, limit.Token);
        options.CancellationToken = either.Token;
        try
        {
            return await next(options).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            return new ExecutionResult(new ExecutionError($"The query took longer than {limits.QueryTimeout.TotalSeconds} s and was ended.") { Code = ApiCode.TimedOut });
        }
    }

    /// <summary>A hundred mistakes of one kind are answered once, so that an answer is never many times the request.</summary>
    private static void OneOfAKind(ExecutionResult result)
    {
        if (!result.Executed && result.Errors is { Count: > 1 } errors)
        {
            result.Errors = [.. errors.DistinctBy(error => error.Code)];
        }
    }

    private void Remember(string text, KnownDocument document)
    {
        if (validated.Count >= CachedMax)
        {
            validated.Clear();
        }

        validated[text] = document;
    }

    private static ExecutionResult RateLimited(long cost, Allowance allowance) => new(new RateLimitedError(
        $"Your budget has {allowance.Remaining} left and the operation may cost {cost}; ask again in {allowance.RetryAfterSeconds} s.", allowance.RetryAfterSeconds));

    private static ExecutionResult Refused(string message) => new(new ExecutionError(message) { Code = ApiCode.TooComplex });
}

/// <summary>A refusal for a while.</summary>
internal sealed class RateLimitedError : ExecutionError
{
    /// <param name="retryAfter">Seconds.</param>
    public RateLimitedError(string message, string retryAfter)
        : base(message)
    {
        Code = ApiCode.RateLimited;
        RetryAfter = retryAfter;
    }

    public string RetryAfter { get; }
}
