using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Humanitarian.Api.Ide;

/// <summary>
/// GraphiQL for people who try the API: files that are part of the program, and nothing of anybody else's. They hold no secret, so they need
/// no key; what is asked with them does.
/// </summary>
internal static class IdeEndpoints
{
    public const string Path = "/graphiql";

    /// <summary>What the pages may do: run the program's own scripts, and ask this server. Styles within elements are the editor's.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>True for a request whose answer is a part of the IDE.</summary>
    public static bool IsOf(HttpContext http) => http.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var files = Read();
        routes.MapGet(Path, http => http.Request.Path.Value!.EndsWith('/') ? RedirectAsync(http) : AnswerAsync(http, files["ide.html"]));
        routes.MapGet(Path + "/{file}", http => files.TryGetValue((string)http.GetRouteValue("file")!, out var file) ? AnswerAsync(http, file) : NotFoundAsync(http));
    }

    private static FrozenDictionary<string, IdeFile> Read()
    {
        const string Prefix = "Ide/";
        var assembly = typeof(IdeEndpoints).Assembly;
        var files = new Dictionary<string, IdeFile>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var bytes = new MemoryStream();
            assembly.GetManifestResourceStream(name)!.CopyTo(bytes);
            var content = bytes.ToArray();
            files[name[Prefix.Length..]] = new IdeFile(
                content, Types[System.IO.Path.GetExtension(name)], new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\""));
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // The page names its files relative to itself, so that a proxy may serve the API below a path.
    private static Task RedirectAsync(HttpContext http)
    {
        http.Response.Redirect(".." + Path);
        return Task.CompletedTask;
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task AnswerAsync(HttpContext http, IdeFile file)
    {
        var headers = http.Response.GetTypedHeaders();
        headers.ETag = file.Tag;
        headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(file.Tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = file.Type;
        http.Response.ContentLength = file.Content.Length;
        await http.Response.Body.WriteAsync(file.Content, http.RequestAborted);
    }

    private sealed record IdeFile(byte[] Content, string Type, EntityTagHeaderValue Tag);
}
