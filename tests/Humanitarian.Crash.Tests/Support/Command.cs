using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Storage;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Host.Demo;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>What a client knows of its command. Unknown: the server died before it answered.</summary>
internal enum Fate
{
    Unknown,
    Done,
    Refused,
}

/// <summary>One answer of the server, or the lack of one.</summary>
/// <param name="Hash">Hash of the transaction; null when the ledger has no part in it.</param>
/// <param name="Code">The refusal's, or the request's error.</param>
/// <param name="Height">Height of its block.</param>
internal sealed record Answer(Fate Fate, string? Hash, ulong Height, bool Replayed, string? Code, JsonObject? Payload)
{
    public static readonly Answer None = new(Fate.Unknown, null, 0, false, null, null);
}

/// <summary>A command under one idempotency key, as its client remembers it across the server's deaths.</summary>
/// <param name="kind">What stands on the ledger once it is done; null for what the ledger has no part in.</param>
/// <param name="amountMinor">What it moves; also what its signer means to sign.</param>
/// <param name="refusable">True when it asks for something that must be refused.</param>
internal sealed class Command(string name, Actor actor, string key, JsonObject input, TransactionKind? kind, long amountMinor, bool refusable = false, string fields = "")
{
    public string Name => name;
    public string Key => key;
    public Actor Actor => actor;
    public TransactionKind? Kind => kind;
    public long AmountMinor => amountMinor;
    public bool Refusable => refusable;

    /// <summary>The answer that it once had; what was answered must stay true.</summary>
    public Answer Known { get; set; } = Answer.None;

    public string Document { get; } =
        $"mutation($input: {char.ToUpperInvariant(name[0])}{name[1..]}Input!) {{ {name}(input: $input) {{ {fields} {(kind is null ? "" : "transaction { hash height }")} replayed "
        + "userErrors { code message } toSign { message { name value } } } }";

    public JsonObject Input { get; } = new(input.DeepClone().AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))) { ["idempotencyKey"] = key };

    public override string ToString() => $"{name} {key}";
}

/// <summary>Sends commands to one run of a server, or to the servers of a cluster: to the next when one does not answer.</summary>
internal sealed class CommandClient : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Alone = TimeSpan.FromMinutes(1);

    // In a cluster whoever waits longer than any healthy answer takes asks elsewhere, under the same key.
    private static readonly TimeSpan BesideOthers = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromMinutes(2);
    // A full disk is somebody's to mend, and what was asked meanwhile can be asked again under its key.
    private static readonly string[] AskAgain = [RefusalCode.Busy, RefusalCode.Retry, RefusalCode.Stale, RefusalCode.Unknown, StorageFaultCode.Full];

    /// <summary>Why commands had to be asked again, and how often.</summary>
    public ConcurrentDictionary<string, int> AskedAgain { get; } = [];

    private readonly HttpClient[] servers;
    private readonly LedgerDomain domain;
    private int asked;

    public CommandClient(IEnumerable<Uri> servers, LedgerDomain domain)
    {
        var addresses = servers.ToArray();
        this.servers = [.. addresses.Select(server => new HttpClient { BaseAddress = server, Timeout = addresses.Length == 1 ? Alone : BesideOthers })];
        this.domain = domain;
    }

    /// <summary>Asks until the answer is a definite one, or no server is left; signs what it is asked to sign.</summary>
    public async Task<Answer> SendAsync(Command command)
    {
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        var first = Interlocked.Increment(ref asked);
        for (var turn = 0; ; turn++)
        {
            var answer = await OnceAsync(servers[(first + turn) % servers.Length], command);
            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > GivesUpAfter)
            {
                return answer with { Fate = Fate.Unknown, Code = $"given up on: {answer.Code}" };
            }
            if (answer.Code == RefusalCode.SignatureRequired && answer.Payload?["toSign"] is JsonObject typed)
            {
                command.Input["signature"] = Sign(command, typed);
            }
            else if (AskAgain.Contains(answer.Code) || (answer == Answer.None && servers.Length > 1))
            {
                AskedAgain.AddOrUpdate(answer.Code is null ? "no answer" : $"{answer.Code} {answer.Payload?["userErrors"]?[0]?["message"]}", 1, (_, count) => count + 1);
                await Task.Delay(Pause);
            }
            else
            {
                return answer;
            }
        }
    }

    public void Dispose() => Array.ForEach(servers, server => server.Dispose());

    private async Task<Answer> OnceAsync(HttpClient http, Command command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = JsonContent.Create(new JsonObject { ["query"] = command.Document, ["variables"] = new JsonObject { ["input"] = command.Input.DeepClone() } }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", command.Actor.ApiKey);
        JsonObject answer;
        try
        {
            using var response = await http.SendAsync(request);
            answer = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            return Answer.None;
        }

        if (answer["errors"] is JsonArray { Count: > 0 } errors)
        {
            var code = (string?)errors[0]!["extensions"]?["code"];
            return Answer.None with { Code = AskAgain.Contains(code) ? code : $"{code}: {(string?)errors[0]!["message"]}" };
        }

        var payload = (JsonObject)answer["data"]![command.Name]!;
        return payload["userErrors"] is JsonArray { Count: > 0 } refusals
            ? new Answer(Fate.Refused, null, 0, (bool)payload["replayed"]!, (string)refusals[0]!["code"]!, payload)
            : new Answer(Fate.Done, (string?)payload["transaction"]?["hash"], HeightOf(payload), (bool)payload["replayed"]!, null, payload);
    }

    private static ulong HeightOf(JsonObject payload) =>
        payload["transaction"]?["height"] is { } height ? ulong.Parse(height.ToString(), System.Globalization.CultureInfo.InvariantCulture) : 0;

    private string Sign(Command command, JsonObject typed)
    {
        var words = ((JsonArray)typed["message"]!).ToDictionary(word => (string)word!["name"]!, word => (string)word!["value"]!);
        long Number(string name) => long.Parse(words[name], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(command.AmountMinor, Number("totalMinor"));
        var decision = new DecisionToSign(words["action"], Hash32.Parse(words["object"]), command.AmountMinor, (uint)Number("roleVersion"));
        return Secp256k1.Sign(command.Actor.PrivateKey, SignedObjects.Digest(domain, decision)).ToString();
    }
}
