using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using Humanitarian.Api.Audit;
using Humanitarian.Api.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// GraphQL over HTTP POST and, for queries, GET; our own because no maintained transport can be restored: request checks, content negotiation, status codes
/// as the draft's audits want them. Malformed requests are 400 under either media type; a document that does not validate is 200 under
/// <c>application/json</c> and 400 under <c>application/graphql-response+json</c>. Under <c>text/event-stream</c> results come as events.
/// </summary>
internal static class GraphQLEndpoint
{
    private const string ResponseJson = "application/graphql-response+json; charset=utf-8";

    public static async Task HandleAsync(HttpContext http)
    {
        if (Negotiate(http.Request) is not { } contentType)
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status406NotAcceptable, ApiCode.NotAcceptable, "Accept application/json, application/graphql-response+json or text/event-stream.");
            return;
        }

        var isGet = HttpMethods.IsGet(http.Request.Method);
        if (!isGet && !IsJson(http.Request))
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status415UnsupportedMediaType, ApiCode.UnsupportedMediaType, "Send the request as application/json in UTF-8.");
            return;
        }

        if (await (isGet ? ReadQueryAsync(http) : ReadAsync(http)) is not { } request)
        {
            return;
        }

        var services = http.RequestServices;
        if (services.GetRequiredService<HumanitarianApiOptions>().Documents.Resolve(request) is { } unknown)
        {
            await AuditExecution.RefusedAsync(services, services.GetRequiredService<Caller>(), unknown.Code ?? ApiCode.BadRequest);
            await (unknown.Code == ApiCode.BadRequest
                ? HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, unknown.Message)
                : AnswerAsync(http, new ExecutionResult(unknown), contentType));
            return;
        }

        if (isGet && Changes(request))
        {
            await AuditExecution.RefusedAsync(services, services.GetRequiredService<Caller>(), ApiCode.MethodNotAllowed);
            http.Response.Headers.Allow = HttpMethods.Post;
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status405MethodNotAllowed, ApiCode.MethodNotAllowed, "GET reads only; send a mutation with POST.");
            return;
        }

        if (contentType == EventStream.ContentType)
        {
            await EventStream.AnswerAsync(http, request);
            return;
        }

        var result = await services.GetRequiredService<IDocumentExecuter<ApiSchema>>().ExecuteAsync(Operations.Options(request, services, http.RequestAborted));
        if (result.Streams is not null)
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status406NotAcceptable, ApiCode.NotAcceptable, "A subscription is answered as text/event-stream, or over a WebSocket.");
            return;
        }

        await AnswerAsync(http, result, contentType);
    }

    private static async Task AnswerAsync(HttpContext http, ExecutionResult result, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.StatusCode = result.Executed || contentType == HttpAnswers.Json ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        if (!result.Executed && result.Errors?.FirstOrDefault() is RateLimitedError limited)
        {
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            http.Response.Headers.RetryAfter = limited.RetryAfter;
        }

        await http.RequestServices.GetRequiredService<IGraphQLSerializer>().WriteAsync(http.Response.Body, result, http.RequestAborted);
    }

    /// <summary>The content type to answer with: plain JSON unless the other is asked for; null when neither is accepted.</summary>
    private static string? Negotiate(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        if (accept.Count == 0)
        {
            return request.Headers.Accept.Count == 0 ? HttpAnswers.Json : null;
        }

        foreach (var type in accept.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1))
        {
            if (type.MediaType.Equals("application/graphql-response+json", StringComparison.OrdinalIgnoreCase))
            {
                return ResponseJson;
            }

            if (type.MediaType.Equals(EventStream.ContentType, StringComparison.OrdinalIgnoreCase))
            {
                return EventStream.ContentType;
            }

            if (type.MediaType.Value is "*/*" or "application/*" or "application/json")
            {
                return HttpAnswers.Json;
            }
        }

        return null;
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    /// <summary>The request, or null once its refusal is answered.</summary>
    private static async Task<GraphQLRequest?> ReadAsync(HttpContext http)
    {
        var most = http.RequestServices.GetRequiredService<HumanitarianApiOptions>().Limits.BodyBytes;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var serializer = http.RequestServices.GetRequiredService<IGraphQLSerializer>();
            if (Refuse(body.RootElement) is not { } refusal)
            {
                return serializer.ReadNode<GraphQLRequest>(body.RootElement);
            }

            await HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, refusal);
        }
        catch (JsonException)
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, "The body is not JSON.");
        }
        catch (BadHttpRequestException bad)
        {
            await HttpAnswers.RefuseAsync(http, bad.StatusCode, ApiCode.TooLarge, $"A request has at most {most} bytes.");
        }

        return null;
    }

    /// <summary>The request in a URL's query, or null once its refusal is answered.</summary>
    private static async Task<GraphQLRequest?> ReadQueryAsync(HttpContext http)
    {
        var query = http.Request.Query;
        if (!TryInputs(http, "variables", out var variables) || !TryInputs(http, "extensions", out var extensions)
            || query["query"].Count > 1 || query["operationName"].Count > 1 || query["documentId"].Count > 1)
        {
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, "variables and extensions must be JSON objects, and each parameter stands once.");
            return null;
        }

        string? Text(string name) => query[name] is [{ Length: > 0 } text] ? text : null;

        var request = new GraphQLRequest
        {
            Query = Text("query"), OperationName = Text("operationName"), DocumentId = Text("documentId"), Variables = variables, Extensions = extensions,
        };
        if (request.Query is not null || request.DocumentId is not null || extensions?.ContainsKey("persistedQuery") == true)
        {
            return request;
        }

        await HttpAnswers.RefuseAsync(http, StatusCodes.Status400BadRequest, ApiCode.BadRequest, "The URL's query must name one query, a GraphQL document.");
        return null;
    }

    private static bool TryInputs(HttpContext http, string name, out Inputs? inputs)
    {
        inputs = null;
        var values = http.Request.Query[name];
        if (values is not [{ Length: > 0 } text])
        {
            return values.Count <= 1;
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            inputs = json.RootElement.ValueKind == JsonValueKind.Object
                ? http.RequestServices.GetRequiredService<IGraphQLSerializer>().ReadNode<Inputs>(json.RootElement)
                : null;
            return inputs is not null || json.RootElement.ValueKind == JsonValueKind.Null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>True for a document whose asked operation is a mutation. One that cannot be parsed is told so when it is executed.</summary>
    private static bool Changes(GraphQLRequest request)
    {
        try
        {
            return Parser.Parse(request.Query!).Definitions.OfType<GraphQLOperationDefinition>().Any(operation =>
                operation.Operation == OperationType.Mutation && (request.OperationName is null || operation.Name?.StringValue == request.OperationName));
        }
        catch (GraphQLParserException)
        {
            return false;
        }
    }

    /// <summary>Why this is no request; null when it is one.</summary>
    public static string? Refuse(JsonElement request) =>
        request.ValueKind != JsonValueKind.Object ? "The body must be one JSON object; batches are not taken."
        : !IsAbsentOr(request, "documentId", JsonValueKind.String) ? "documentId must be a string."
        : !IsNamed(request) && (!request.TryGetProperty("query", out var query) || query.ValueKind != JsonValueKind.String || query.GetString()!.Length == 0)
            ? "query must be a string with a GraphQL document."
        : !IsAbsentOr(request, "query", JsonValueKind.String) ? "query must be a string."
        : !IsAbsentOr(request, "operationName", JsonValueKind.String) ? "operationName must be a string."
        : !IsAbsentOr(request, "variables", JsonValueKind.Object) ? "variables must be an object."
        : !IsAbsentOr(request, "extensions", JsonValueKind.Object) ? "extensions must be an object."
        : null;

    /// <summary>True when the document is named by its hash.</summary>
    private static bool IsNamed(JsonElement request) =>
        (request.TryGetProperty("documentId", out var id) && id.ValueKind == JsonValueKind.String)
        || (request.TryGetProperty("extensions", out var extensions) && extensions.ValueKind == JsonValueKind.Object && extensions.TryGetProperty("persistedQuery", out _));

    private static bool IsAbsentOr(JsonElement request, string name, JsonValueKind kind) =>
        !request.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null || value.ValueKind == kind;
}
