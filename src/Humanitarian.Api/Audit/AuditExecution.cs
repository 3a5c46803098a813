using System.Globalization;
using GraphQL;
using GraphQL.DI;
using GraphQL.Execution;
using GraphQL.Types;
using GraphQLParser.AST;
using Humanitarian.Api.GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Audit;

/// <summary>Records every operation of GraphQL once it has its result, refused ones too, before it is answered.</summary>
internal sealed class AuditExecution : IConfigureExecution
{
    private const int NameMost = 64;

    /// <summary>Around the guard of documents, so that what it refuses is recorded.</summary>
    public float SortOrder => 100;

    public async Task<ExecutionResult> ExecuteAsync(ExecutionOptions options, ExecutionDelegate next)
    {
        var result = await next(options);
        if (options.RequestServices?.GetService<CallerScope>()?.Caller is { } caller)
        {
            var operation = OperationOf(options);
            await options.RequestServices.GetRequiredService<AuditTrail>().RecordAsync(caller, NameOf(operation), Fields(options.Schema, operation, result));
        }

        return result;
    }

    /// <summary>Records a request that is no GraphQL, by its route: its path may name things.</summary>
    public static async Task RecordAsync(HttpContext http, Caller caller, int status)
    {
        if (http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } && route != HumanitarianApi.GraphQLPath)
        {
            await http.RequestServices.GetRequiredService<AuditTrail>().RecordAsync(
                caller, $"{http.Request.Method} {route}", [new AuditedField("", status.ToString(CultureInfo.InvariantCulture))]);
        }
    }

    /// <summary>Records a request of GraphQL that is refused before it is executed.</summary>
    public static ValueTask RefusedAsync(IServiceProvider services, Caller caller, string code) =>
        services.GetRequiredService<AuditTrail>().RecordAsync(caller, NameOf(null), [new AuditedField("", code)]);

    private static GraphQLOperationDefinition? OperationOf(ExecutionOptions options)
    {
        var operations = options.Document?.Definitions.OfType<GraphQLOperationDefinition>();
        return options.OperationName is { Length: > 0 } name
            ? operations?.FirstOrDefault(operation => operation.Name?.StringValue == name)
            : operations?.FirstOrDefault();
    }

    private static string NameOf(GraphQLOperationDefinition? operation)
    {
        var kind = operation?.Operation switch { null => "unread", OperationType.Mutation => "mutation", OperationType.Subscription => "subscription", _ => "query" };
        return operation?.Name?.StringValue is { } name ? $"{kind} {name[..Math.Min(name.Length, NameMost)]}" : kind;
    }

    private static IReadOnlyList<AuditedField> Fields(ISchema? schema, GraphQLOperationDefinition? operation, ExecutionResult result) => result.Data is ObjectExecutionNode { SubFields: { } nodes }
        ? [.. nodes.Where(node => !node.FieldDefinition.Name.StartsWith("__", StringComparison.Ordinal)).Select(node => new AuditedField(node.FieldDefinition.Name, OutcomeOf(node, result.Errors))).Distinct()]
        : Asked(schema, operation, result.Errors is [var error, ..] ? error.Code ?? ApiCode.BadRequest : "STARTED");

    private static string OutcomeOf(ExecutionNode node, ExecutionErrors? errors) =>
        errors?.FirstOrDefault(error => error.Path?.FirstOrDefault() is string first && first == node.Name) is { } failed ? failed.Code ?? ApiCode.Internal
        : node.Result is Payload { FirstRefusal: { } refused } ? refused
        : node.Result is null ? "NOTHING"
        : "OK";

    /// <summary>The root fields of an operation that has no data; those in fragments are left out.</summary>
    private static IReadOnlyList<AuditedField> Asked(ISchema? schema, GraphQLOperationDefinition? operation, string outcome)
    {
        AuditedField[] fields = [.. (operation?.SelectionSet.Selections.OfType<GraphQLField>() ?? []).Select(field => new AuditedField(Known(schema, field.Name.StringValue), outcome)).Distinct()];
        return fields.Length > 0 ? fields : [new AuditedField("", outcome)];
    }

    /// <summary>What names no field of the schema may be anything.</summary>
    private static string Known(ISchema? schema, string name) =>
        new[] { schema?.Query, schema?.Mutation, schema?.Subscription }.Any(root => root?.Fields.Find(name) is not null) ? name : "unknown";
}
