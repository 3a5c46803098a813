using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GraphQLParser.AST;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Jobs;

/// <summary>Does what docs/jobs.md says, as its reader would: fills in placeholders, signs what asks for it, keeps what is to be kept.</summary>
internal sealed partial class JobRun(ApiServer api)
{
    private readonly Dictionary<string, string> kept = new() { ["OPERATOR_KEY"] = api.OperatorKey };

    public Wallet Wallet { get; } = new(api.Founding);

    /// <summary>What the reader brings.</summary>
    public void Keep(string name, string value) => kept[name] = value;

    public async Task DoAsync(JobStep step)
    {
        try
        {
            await (step switch
            {
                DocumentStep document => SendAsync(document),
                ShellStep shell => RunAsync(shell),
                CastStep cast => JoinAsync(cast),
                _ => throw new InvalidOperationException(),
            });
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{step.Place}: {exception.Message}", exception);
        }
    }

    private async Task SendAsync(DocumentStep step)
    {
        foreach (var who in step.Who[..^1])
        {
            Done(await SendAsync(step, who, Variables(step)));
        }

        var answer = await SendAsync(step, step.Who[^1], Variables(step));

        var awaited = Sees.Matches(step.After).Where(seen => seen.Groups["until"].Success).ToArray();
        var patience = TimeProvider.System.GetUtcNow().AddMinutes(1);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!awaited.All(seen => IsSo(answer, seen)) && TimeProvider.System.GetUtcNow() < patience && await tick.WaitForNextTickAsync())
        {
            answer = await SendAsync(step, step.Who[^1], Variables(step));
        }

        Follow(step, answer);
    }

    private async Task<JsonElement> SendAsync(DocumentStep step, string who, JsonObject variables)
    {
        var key = kept[$"{who}_KEY"];
        if (step.Operation.Operation == OperationType.Subscription)
        {
            using var events = await EventReader.OpenAsync(api, key, step.Document, variables);
            return await events.ResultAsync();
        }

        var answer = await api.ExecuteAsync(key, step.Document, variables);
        Assert.False(answer.TryGetProperty("errors", out _), answer.ToString());
        var toSign = answer.GetProperty("data").EnumerateObject().Select(field => field.Value).SingleOrDefault(payload => Codes(payload).Contains(RefusalCode.SignatureRequired));
        Assert.True((toSign.ValueKind == JsonValueKind.Undefined) == (step.SignedBy is null), $"To be signed or not? {answer}");
        if (toSign.ValueKind == JsonValueKind.Undefined)
        {
            return answer;
        }

        variables["input"]!["signature"] = Wallet.Sign(step.SignedBy is { Length: > 0 } signer ? signer : who, toSign.GetProperty("toSign").GetProperty("json").GetString()!);
        return await api.ExecuteAsync(key, step.Document, variables);
    }

    private JsonObject Variables(DocumentStep step) => step.Variables is null ? [] : JsonNode.Parse(Fill(step.Variables, value => JsonEncodedText.Encode(value).ToString()))!.AsObject();

    /// <summary>What curl would send and be answered.</summary>
    private async Task RunAsync(ShellStep step)
    {
        var words = Words(Fill(step.Command, value => value));
        var url = words.Single(word => word.StartsWith("http://127.0.0.1:5080/", StringComparison.Ordinal));
        var given = Options(words, "-d").Concat(Options(words, "--data-binary")).SingleOrDefault();
        using var request = new HttpRequestMessage(given is null ? HttpMethod.Get : HttpMethod.Post, new Uri(url).PathAndQuery);
        request.Content = given is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(given.StartsWith('@') ? Fill(step.File, value => value) : given));
        foreach (var header in Options(words, "-H").Select(option => option.Split(": ", 2)))
        {
            if (header[0] == "Content-Type")
            {
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header[1]);
            }
            else
            {
                Assert.True(request.Headers.TryAddWithoutValidation(header[0], header[1]));
            }
        }

        using var response = await api.Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode && answer.Length > 0, $"{response.StatusCode} {answer}");
        Follow(step, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonSerializer.Deserialize<JsonElement>(answer) : default);
    }

    /// <summary>Who a table names comes in by the documents above it.</summary>
    private async Task JoinAsync(CastStep step)
    {
        foreach (var row in step.Rows.Skip(1))
        {
            var name = JobDocument.NameOf(row[0]);
            var roles = new JsonArray([.. row[2].Split(", ").Select(role => (JsonNode)role)]);
            var isMember = step.Rows[0][1] == "added by";
            var by = isMember ? JobDocument.NameOf(row[1]) : "OPERATOR";
            var input = isMember
                ? new JsonObject { ["address"] = Wallet.AddressOf(name), ["roles"] = roles }
                : new JsonObject { ["name"] = name, ["kind"] = row[1], ["administratorAddress"] = Wallet.AddressOf(name), ["administratorRoles"] = roles };
            var joined = await AskAsync(step.Above[isMember ? "addMember" : "registerOrganisation"], by, $"{name} joins", input);
            Keep(name, At(joined, isMember ? "member.id" : "administrator.id").GetString()!);
            if (!isMember)
            {
                Keep($"{name}_ORGANISATION", At(joined, "organisation.id").GetString()!);
            }

            var key = await AskAsync(step.Above["createApiKey"], by, $"{name} key", new JsonObject { ["memberId"] = kept[name] });
            Keep($"{name}_KEY", At(key, "secret").GetString()!);
        }
    }

    private async Task<JsonElement> AskAsync(DocumentStep document, string by, string key, JsonObject input)
    {
        input["idempotencyKey"] = key;
        var answer = await SendAsync(document, by, new JsonObject { ["input"] = input });
        Done(answer);
        return answer.GetProperty("data").GetProperty(document.Fields.Single());
    }

    /// <summary>Does what the sentences after an example say.</summary>
    private void Follow(JobStep step, JsonElement answer)
    {
        var seen = Sees.Matches(step.After);
        if (step is DocumentStep && !seen.Any(one => one.Groups["path"].Value.Contains("userErrors", StringComparison.Ordinal)))
        {
            Done(answer);
        }

        // What is said of an answer is looked at, or it would only look true.
        var read = seen.Concat(Keeps.Matches(step.After)).Concat(Signs.Matches(step.After)).Count(one => one.Groups["path"].Value.StartsWith("data.", StringComparison.Ordinal));
        Assert.True(read == Says.Count(step.After), "A sentence after it is not understood.");
        Assert.All(seen, one => Assert.True(IsSo(answer, one), $"{one.Value}? {answer}"));
        foreach (Match sign in Signs.Matches(step.After))
        {
            Keep(sign.Groups["name"].Value, Wallet.Sign(sign.Groups["signer"].Value, At(answer, sign.Groups["path"].Value).GetString()!));
        }

        foreach (Match keep in Keeps.Matches(step.After))
        {
            var (path, name) = (keep.Groups["path"].Value, keep.Groups["name"].Value);
            var each = path.Split("[n]");
            if (each.Length == 1)
            {
                Keep(name, At(answer, path).ToString());
                continue;
            }

            for (var at = 0; at < At(answer, each[0]).GetArrayLength(); at++)
            {
                Keep($"{name}{at}", At(answer, $"{each[0]}[{at}]{each[1]}").ToString());
            }
        }
    }

    private bool IsSo(JsonElement answer, Match seen) => Find(answer, seen.Groups["path"].Value)?.GetRawText().Trim('"') == Fill(seen.Groups["value"].Value, value => value);

    private static void Done(JsonElement answer) => Assert.True(answer.GetProperty("data").EnumerateObject().All(field => !Codes(field.Value).Any()), answer.ToString());

    private static IEnumerable<string?> Codes(JsonElement payload) => payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("userErrors", out var errors)
        ? errors.EnumerateArray().Select(error => error.GetProperty("code").GetString())
        : [];

    private static JsonElement At(JsonElement of, string path) => Find(of, path) ?? throw new InvalidOperationException($"No {path} in {of}");

    /// <summary>What stands in an answer at a path such as data.list.errors[0].code; null when there is no such place.</summary>
    private static JsonElement? Find(JsonElement of, string path) => path.Split('.', '[').Aggregate((JsonElement?)of, (at, part) => at switch
    {
        { ValueKind: JsonValueKind.Array } array when int.Parse(part.TrimEnd(']'), CultureInfo.InvariantCulture) is var index && index < array.GetArrayLength() => array[index],
        { ValueKind: JsonValueKind.Object } found when found.TryGetProperty(part, out var member) => member,
        _ => null,
    });

    private string Fill(string text, Func<string, string> write) => Placeholder.Replace(text, match => write(ValueOf(match.Groups[1].Value)));

    private string ValueOf(string name)
    {
        var now = TimeProvider.System.GetUtcNow();
        return kept.TryGetValue(name, out var value) ? value : name switch
        {
            "TODAY" => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            "IN_A_MONTH" => now.AddDays(30).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            "NOW" => now.ToString("O"),
            "IN_AN_HOUR" => now.AddHours(1).ToString("O"),
            "IN_A_DAY" => now.AddDays(1).ToString("O"),
            "IN_A_WEEK" => now.AddDays(7).ToString("O"),
            "NOW_MS" => Cast.Text(now.ToUnixTimeMilliseconds()),
            "IN_AN_HOUR_MS" => Cast.Text(now.AddHours(1).ToUnixTimeMilliseconds()),
            _ when name.EndsWith("_ADDRESS", StringComparison.Ordinal) => Wallet.AddressOf(name[..^"_ADDRESS".Length]),
            _ => throw new InvalidOperationException($"${name} was not kept before."),
        };
    }

    private static IEnumerable<string> Options(List<string> words, string option) => words.Where((_, at) => at > 0 && words[at - 1] == option);

    /// <summary>Splits a command as a shell does.</summary>
    private static List<string> Words(string command) =>
        [.. Word.Matches(command.Replace("\\\n", " ", StringComparison.Ordinal)).Select(word => Quoted.Replace(word.Value, quoted =>
            quoted.Groups[1].Success ? quoted.Groups[1].Value : quoted.Groups[2].Value.Replace("\\\"", "\"", StringComparison.Ordinal)))];

    [GeneratedRegex(@"\$([A-Z][A-Z0-9_]*)")]
    private static partial Regex Placeholder { get; }

    [GeneratedRegex(@"`data\.")]
    private static partial Regex Says { get; }

    [GeneratedRegex(@"(?<until>until\s+)?`(?<path>\w+(?:\.\w+|\[\d+\])*)`\s+is\s+`(?<value>[^`]+)`")]
    private static partial Regex Sees { get; }

    [GeneratedRegex(@"`(?<path>[\w.\[\]]+)`\s+as\s+`\$(?<name>[A-Z0-9_]+)n?`")]
    private static partial Regex Keeps { get; }

    [GeneratedRegex(@"Sign\s+`(?<path>[\w.]+)`\s+with\s+the\s+key\s+of\s+`\$(?<signer>\w+)_ADDRESS`:\s+that\s+is\s+`\$(?<name>\w+)`")]
    private static partial Regex Signs { get; }

    [GeneratedRegex(@"(?:'[^']*'|""(?:[^""\\]|\\.)*""|[^\s'""])+")]
    private static partial Regex Word { get; }

    [GeneratedRegex(@"'([^']*)'|""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Quoted { get; }
}
