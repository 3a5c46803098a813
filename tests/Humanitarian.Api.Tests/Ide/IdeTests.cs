using System.Net;
using System.Text.RegularExpressions;
using Humanitarian.Api.Ide;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Ide;

/// <summary>GraphiQL, where it is switched on: whole, and nobody else's.</summary>
public sealed partial class IdeTests(ApiServer api)
{
    [Theory]
    [InlineData("/graphiql")]
    [InlineData("/graphiql/ide.js")]
    public async Task Without_the_setting_there_is_no_ide(string path)
    {
        using var response = await api.SendAsync(null, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Page_has_all_its_files_from_here_and_may_ask_nobody_else()
    {
        await using var front = await Front.StartAsync(api, options => options with { Ide = true });
        var (html, page) = await GetAsync(front, "/graphiql");
        Assert.Equal(IdeEndpoints.ContentSecurityPolicy, Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.DoesNotContain("unsafe-eval", IdeEndpoints.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.DoesNotContain("//", IdeEndpoints.ContentSecurityPolicy, StringComparison.Ordinal);

        // The policy lets no script within the page run.
        Assert.All(Scripts().Matches(html), script => Assert.Equal("", script.Groups["text"].Value));
        Assert.DoesNotMatch(" on[a-z]+=", html);
        var files = References().Matches(html).Select(reference => reference.Groups["file"].Value).Where(file => file != "data:,").ToArray();
        Assert.Equal(6, files.Length);
        foreach (var file in files)
        {
            Assert.StartsWith("graphiql/", file, StringComparison.Ordinal);
            var (text, answer) = await GetAsync(front, "/" + file);
            Assert.NotEmpty(text);
            Assert.Contains(answer.Content.Headers.ContentType!.MediaType, (string[])["text/javascript", "text/css"]);
            Assert.Equal(IdeEndpoints.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
            if (file.EndsWith(".css", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("@import", text, StringComparison.Ordinal);
                Assert.All(Urls().Matches(text), url => Assert.Matches("^(data:|#)", url.Groups["url"].Value));
            }
        }

        var (licences, _) = await GetAsync(front, "/graphiql/LICENSES.txt");
        Assert.Contains("MIT", licences, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_file_is_not_sent_again_and_a_slash_too_many_leads_to_the_page()
    {
        await using var front = await Front.StartAsync(api, options => options with { Ide = true });
        var (_, first) = await GetAsync(front, "/graphiql/ide.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/graphiql/ide.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var known = await front.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Contains("id=\"ide\"", (await GetAsync(front, "/graphiql/")).Text, StringComparison.Ordinal);
        using var none = await front.Http.GetAsync("/graphiql/none.js");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Api_beside_the_ide_keeps_its_own_policy_and_its_keys()
    {
        await using var front = await Front.StartAsync(api, options => options with { Ide = true });
        var (response, answer) = await front.PostAsync(null, new { query = "{ me { id } }" });
        Assert.Equal((HttpStatusCode.Unauthorized, "UNAUTHENTICATED"), (response.StatusCode, Front.Code(answer)));
        Assert.DoesNotContain("script-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static async Task<(string Text, HttpResponseMessage Response)> GetAsync(Front front, string path)
    {
        var response = await front.Http.GetAsync(path);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode}");
        return (await response.Content.ReadAsStringAsync(), response);
    }

    [GeneratedRegex("<script[^>]*>(?<text>[^<]*)</script>")]
    private static partial Regex Scripts();

    [GeneratedRegex("(src|href)=\"(?<file>[^\"]*)\"")]
    private static partial Regex References();

    [GeneratedRegex("url\\([\"']?(?<url>[^\"')]*)")]
    private static partial Regex Urls();
}
