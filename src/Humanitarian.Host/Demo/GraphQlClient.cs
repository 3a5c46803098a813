using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Host.Demo;

/// <summary>Someone who uses the ledger: an API key and, for those who sign, their own private key, which never leaves the client.</summary>
internal sealed record Actor(string ApiKey, Id Member, byte[] PrivateKey);

/// <summary>The ledger said no.</summary>
internal sealed class RefusedException(string operation, string code, string message) : Exception($"{operation}: {code}: {message}")
{
    public string Code { get; } = code;
}

/// <summary>A client of the API: sends operations, signs what it is asked to sign, repeats what may be repeated with the same key.</summary>
internal sealed class GraphQlClient(HttpClient http, LedgerDomain domain, TimeProvider time)
{
    private const int AttemptsMax = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long keys;

    /// <summary>Where the API is served.</summary>
    public Uri Address => http.BaseAddress!;

    /// <summary>Runs a query and returns its one field.</summary>
    public async Task<JsonObject?> QueryAsync(Actor actor, string query, JsonObject variables, CancellationToken cancellationToken) =>
        await SendAsync(actor, query, variables, cancellationToken) as JsonObject;

    /// <summary>Runs a query whose one field is a list.</summary>
    public async Task<JsonArray> QueryListAsync(Actor actor, string query, JsonObject variables, CancellationToken cancellationToken) =>
        await SendAsync(actor, query, variables, cancellationToken) as JsonArray ?? [];

    /// <summary>Fetches a file.</summary>
    public async Task<byte[]> DownloadAsync(Actor actor, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", actor.ApiKey);
        using var response = await http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
            : throw new RefusedException(path, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), "The file cannot be fetched.");
    }

    /// <summary>Runs a mutation until it succeeds; a request for a signature is answered with the actor's key.</summary>
    /// <param name="fields">What to select beside the errors.</param>
    /// <param name="totalMinor">What the actor knows to be at stake: nothing else is signed.</param>
    /// <exception cref="RefusedException">A definite no.</exception>
    public async Task<JsonObject> MutateAsync(
        Actor actor, string name, JsonObject input, string fields, CancellationToken cancellationToken, long totalMinor = 0)
    {
        // One key for one intention: a repetition after a lost answer finds the first outcome.
        input["idempotencyKey"] = string.Create(CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref keys)}");
        var type = string.Concat(name[..1].ToUpperInvariant(), name.AsSpan(1), "Input!");
        var query = $"mutation($input: {type}) {{ {name}(input: $input) {{ {fields} userErrors {{ code message }} toSign {{ primaryType message {{ name value }} }} }} }}";
        for (var attempt = 1; ; attempt++)
        {
            var payload = (JsonObject)(await SendAsync(actor, query, new JsonObject { ["input"] = input.DeepClone() }, cancellationToken))!;
            if (payload["userErrors"] is not JsonArray { Count: > 0 } errors)
            {
                return payload;
            }

            var code = (string)errors[0]!["code"]!;
            if (code == RefusalCode.SignatureRequired && input["signature"] is null && payload["toSign"] is JsonObject typedData)
            {
                input["signature"] = Sign(actor, name, typedData, totalMinor);
            }
            else if (code is RefusalCode.Busy or RefusalCode.Retry or RefusalCode.Stale or RefusalCode.Unknown && attempt < AttemptsMax)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
            else
            {
                throw new RefusedException(name, code, (string?)errors[0]!["message"] ?? "");
            }
        }
    }

    /// <summary>A signature over typed data, once it says what the actor means to sign.</summary>
    private string Sign(Actor actor, string name, JsonObject typedData, long totalMinor)
    {
        var words = ((JsonArray)typedData["message"]!).ToDictionary(word => (string)word!["name"]!, word => (string)word!["value"]!);
        if ((string?)typedData["primaryType"] != SignedObjects.Authorisation.Name || Number(words["totalMinor"]) != totalMinor)
        {
            throw new RefusedException(name, RefusalCode.SignatureInvalid, "The server asks for a signature over something else.");
        }

        var decision = new DecisionToSign(words["action"], Hash32.Parse(words["object"]), totalMinor, (uint)Number(words["roleVersion"]));
        return Secp256k1.Sign(actor.PrivateKey, SignedObjects.Digest(domain, decision)).ToString();
    }

    /// <summary>A device's signature over a delivery.</summary>
    public string Sign(byte[] deviceKey, DeliveryToSign delivery) => Secp256k1.Sign(deviceKey, SignedObjects.Digest(domain, delivery)).ToString();

    /// <summary>Sends a request of another kind, such as a list's upload, and reads its JSON answer.</summary>
    public async Task<JsonObject> SendAsync(Actor actor, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", actor.ApiKey);
        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return (JsonObject)JsonNode.Parse(text)!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidCastException)
        {
            throw new RefusedException(request.RequestUri!.ToString(), ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), text);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task<JsonNode?> SendAsync(Actor actor, string query, JsonObject variables, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = JsonContent.Create(new JsonObject { ["query"] = query, ["variables"] = variables }),
        };
        var answer = await SendAsync(actor, request, cancellationToken);
        if (answer["errors"] is JsonArray { Count: > 0 } errors)
        {
            throw new RefusedException(OperationOf(query), (string?)errors[0]!["extensions"]?["code"] ?? "ERROR", (string?)errors[0]!["message"] ?? "");
        }

        return ((JsonObject)answer["data"]!).Single().Value;
    }

    /// <summary>The field that a document asks for.</summary>
    private static string OperationOf(string query) => query[(query.IndexOf('{', StringComparison.Ordinal) + 1)..].TrimStart().Split('(', ' ')[0];
}
