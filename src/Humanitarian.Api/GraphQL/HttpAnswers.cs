using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Humanitarian.Api.GraphQL;

/// <summary>Answers given before or without GraphQL, in its form of errors.</summary>
internal static class HttpAnswers
{
    public const string Json = "application/json; charset=utf-8";

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static Task RefuseAsync(HttpContext http, int status, string code, string message) =>
        WriteAsync(http, status, new { errors = new[] { new { message, extensions = new { code } } } });

    public static Task WriteAsync(HttpContext http, int status, object answer)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(answer, Options, Json, http.RequestAborted);
    }
}
